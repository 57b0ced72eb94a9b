package sources

import (
	"context"

	"github.com/sparse-manifold/smt/manifold"
	"github.com/sparse-manifold/smt/video"
	"github.com/sparse-manifold/smt/video/shapes"
)

// Shape is film of a shape that moves, turns and grows, and slow coordinates of it.
type Shape struct {
	Learned
	// Held is a sequence that was not learned from: frames, latent variables and coordinates.
	Held    *shapes.Film
	Values  []float32 // Dims a frame
	Dims    int
	Latents []float64 // what a linear regression on the coordinates gives back, shapes.Latents a frame
	// R2 is, of each latent variable, the share of its variance that the regression explains, on all
	// sequences held out.
	R2 [shapes.Latents]float64
}

const (
	shapeClips, shapeHeld, shapeFrames = 120, 20, 100
	shapeSeed                          = 4000 // added to the seed, for sequences held out
)

// NewShape draws film and learns from which frames follow which. It is told no pose.
func NewShape(ctx context.Context, seed uint64, progress manifold.Progress) (*Shape, error) {
	train, err := shapes.New(shapes.Triangle, shapeClips, shapeFrames, seed)
	if err != nil {
		return nil, err
	}
	held, err := shapes.New(shapes.Triangle, shapeHeld, shapeFrames, seed+shapeSeed)
	if err != nil {
		return nil, err
	}
	cfg := video.Preset(shapes.Shape())
	cfg.Seed = seed
	m, err := video.Fit(ctx, train.Frames, cfg, manifold.Run{Progress: progress})
	if err != nil {
		return nil, err
	}
	x, err := embed(ctx, m, train)
	if err != nil {
		return nil, err
	}
	y, err := embed(ctx, m, held)
	if err != nil {
		return nil, err
	}
	fit, err := video.Regress(x, m.Config().Dim(), train.Latents, shapes.Latents)
	if err != nil {
		return nil, err
	}
	s := &Shape{Learned: Learned{m.Data().Units, cfg.Atoms, m.Eigenvalues(), m.VICReg()}, Held: held, Dims: m.Config().Dim(), Values: y, Latents: fit.Predict(y)}
	copy(s.R2[:], fit.R2(y, held.Latents))
	return s, nil
}

// embed is the embeddings of all frames.
func embed(ctx context.Context, m *video.Model, f *shapes.Film) ([]float32, error) {
	var pix []uint8
	for i := range f.Frames.Clips() {
		pix = append(pix, f.Frames.ClipPixels(i)...)
	}
	out := make([]float32, f.Frames.Len()*m.Config().Dim())
	return out, m.Embed(ctx, pix, out)
}
