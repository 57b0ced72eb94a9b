package explain

import (
	"context"
	"fmt"
	"math"

	"github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/internal/plural"
	"github.com/sparse-manifold/smt/manifold"
	"github.com/sparse-manifold/smt/sparse"
)

// Level is a stage of an image's way to its embedding.
type Level string

const (
	OfMeans Level = "means" // nothing but the brightness of each patch, which is no part of it: a control
	OfCodes Level = "codes" // φ of each patch
	OfBetas Level = "betas" // β = Pφ of each patch
	OfCells Level = "cells" // the cells that the embedding has, or has the frequencies of
)

// Kept is what a level has kept of an image.
type Kept struct {
	Level Level `json:"level"`
	// Patches is the share of the energy of the whitened patches that is lost: the mean of ‖x − x̂‖² over
	// those that are not blank, both of length 1 and x̂ scaled to be nearest to x. It is 0 to 1.
	Patches float64 `json:"patches_lost"`
	// Pixels is the same of the image, less its mean, once patches are put back where they were.
	Pixels float64 `json:"pixels_lost"`
	Image  Image   `json:"-"`
}

// Inverter reconstructs images from what a model makes of them. It does not change, and may be used from
// many goroutines.
type Inverter struct {
	m       *smt.Model
	inverse *manifold.Inverse
	atoms   []float32
}

// Lambda is a good λ of inversion. A smaller one takes much longer, and brings back hardly more
// ("Inversion" in docs/sources/sparse-coding.md).
const Lambda = 0.1

// What takes seconds to invert, or a minute with a λ of half of Lambda: patches of an image, and these times
// the atoms that each is compared with.
const (
	mostInverted = 1 << 12
	mostProducts = 1 << 26
)

// TooLargeToInvert says why images of a shape are not inverted on pages: it would take longer than anyone
// waits. It is nil for those that are. An Inverter inverts any.
func TooLargeToInvert(m *smt.Model, s dataset.Shape) error {
	rows, cols := m.Stages().Transform.Grid(s)
	return tooLarge(s, rows*cols, m.Config().Atoms)
}

func tooLarge(s dataset.Shape, patches, atoms int) error {
	switch {
	case patches > mostInverted:
		return fmt.Errorf("images of %d × %d pixels have %s: at most %d are inverted", s.Height, s.Width, plural.Of(patches, "patch"), mostInverted)
	case patches*atoms > mostProducts:
		return fmt.Errorf("images of %d × %d pixels have %s, and the model %s: at most %d atoms are inverted with so many patches",
			s.Height, s.Width, plural.Of(patches, "patch"), plural.Of(atoms, "atom"), mostProducts/patches)
	}
	return nil
}

// NewInverter prepares to invert a model.
func NewInverter(m *smt.Model) (*Inverter, error) {
	var rows []float32
	for a := range m.Config().Atoms {
		rows = append(rows, m.Stages().Projection.Row(a)...)
	}
	inverse, err := manifold.NewInverse(rows, m.Config().Dims)
	if err != nil {
		return nil, fmt.Errorf("explain: %w", err)
	}
	return &Inverter{m, inverse, m.Stages().Dictionary.Atoms}, nil
}

// Invert reconstructs an image from its codes, from the embeddings of its patches and from its cells.
//
// A vector x̂ of a patch is the sum of its atoms: of the code itself, or of the code that the inverse finds
// for β, which is the mean of the cells that a patch is in where cells are all there is. Patches that the embedding
// is not made of are left out at every level. W⁻¹x̂ is the
// patch in pixels, but for its brightness and contrast. No level has those: they are taken from the image,
// as what brings W⁻¹x̂ nearest to the patch. Patches overlap, and a pixel is the mean of them. λ is that of
// manifold.Inverse.
func (v *Inverter) Invert(ctx context.Context, im Image, lambda float64) ([]Kept, error) {
	var s Side
	r, err := s.embed(v.m, im)
	if err != nil {
		return nil, err
	}
	var x []float32
	dim := v.m.Stages().Transform.Dim()
	for i := range r.Patches.N {
		x = append(x, r.Patches.X[i*r.Patches.Stride:][:dim]...)
	}
	var all []Kept
	for _, level := range []Level{OfMeans, OfCodes, OfBetas, OfCells} {
		near := make([]float32, len(x))
		switch level {
		case OfCodes:
			near = v.sum(weightsOf(&r.Codes), dim)
		case OfBetas:
			near, err = v.decode(ctx, s.unit, lambda)
		case OfCells:
			near, err = v.decode(ctx, s.fromCells(v.m), lambda)
		}
		if err != nil {
			return nil, err
		}
		k, err := v.put(level, im, &s, x, near)
		if err != nil {
			return nil, err
		}
		all = append(all, *k)
	}
	return all, nil
}

// decode is Aφ̂ of the codes that the inverse finds.
func (v *Inverter) decode(ctx context.Context, beta []float32, lambda float64) ([]float32, error) {
	w, err := v.inverse.Decode(ctx, beta, lambda)
	if err != nil {
		return nil, err
	}
	return v.sum(w, v.m.Stages().Transform.Dim()), nil
}

// weightsOf are codes with their values.
func weightsOf(c *sparse.Codes) *sparse.Weights {
	w := &sparse.Weights{Start: c.Start, Atom: c.Atom}
	for k := range c.Atom {
		value := float32(1)
		if len(c.Value) > 0 {
			value = float32(c.Value[k]) / sparse.SoftUnit
		}
		w.Value = append(w.Value, value)
	}
	return w
}

// fromCells is, for each patch, the sum of the cells it is in, as the embedding has them. The embedding of
// frequencies has the signed roots of some of them: squared, they are those of the cells, but for one
// length.
func (s *Side) fromCells(m *smt.Model) []float32 {
	cells, l := s.cells, m.Stages().Layout
	if l.Frequencies > 0 {
		down, across := l.Grid(s.Rows, s.Cols)
		f := &form{rows: down, cols: across, d: s.d}
		cells = f.rotate(cells, false)
		for i := range down * across {
			if !l.Keeps(i/across, i%across) {
				clear(row(cells, i, s.d))
			}
		}
		cells = f.rotate(cells, true)
	}
	beta := make([]float32, len(s.unit))
	for i, cover := range s.cover {
		if s.norm[i] == 0 {
			continue // blank
		}
		for _, c := range cover {
			for j, x := range row(cells, c, s.d) {
				beta[i*s.d+j] += float32(x)
			}
		}
	}
	return beta
}

// sum is Aφ of each code.
func (v *Inverter) sum(w *sparse.Weights, dim int) []float32 {
	x := make([]float32, w.N()*dim)
	for i := range w.N() {
		out := row(x, i, dim)
		for k := w.Start[i]; k < w.Start[i+1]; k++ {
			for j, y := range row(v.atoms, int(w.Atom[k]), dim) {
				out[j] += w.Value[k] * y
			}
		}
	}
	return x
}

// put puts the patches of vectors near, which stand for x, back into the image.
func (v *Inverter) put(level Level, im Image, s *Side, x, near []float32) (*Kept, error) {
	pixels, err := Unwhiten(v.m, near)
	if err != nil {
		return nil, err
	}
	t, c := v.m.Stages().Transform, im.Shape.Channels
	dim, width := t.Dim(), im.Shape.Width*c
	k := &Kept{Level: level, Image: Image{im.Shape, make([]uint8, len(im.Pix)), im.ID}}
	sums, counts := make([]float64, len(im.Pix)), make([]float64, len(im.Pix))
	places, coded := make([]int, dim), 0
	for i := range s.Rows * s.Cols {
		if s.part[i] == 0 {
			continue
		}
		if dot(row(x, i, dim), row(x, i, dim)) > 0 {
			cosine := max(0, Cosine(row(x, i, dim), row(near, i, dim)))
			k.Patches, coded = k.Patches+1-cosine*cosine, coded+1
		}
		at := i/s.Cols*width + i%s.Cols*c
		for j := range places {
			places[j] = at + j/(t.Size*c)*width + j%(t.Size*c)
		}
		scale, mean := fit(row(pixels, i, dim), places, im.Pix)
		for j, p := range places {
			sums[p], counts[p] = sums[p]+mean+scale*float64(row(pixels, i, dim)[j]), counts[p]+1
		}
	}
	k.Patches /= float64(max(1, coded))
	var lost, all, mean float64
	for _, p := range im.Pix {
		mean += float64(p) / float64(len(im.Pix))
	}
	for i, p := range im.Pix {
		value := sums[i] / counts[i]
		lost, all = lost+(value-float64(p))*(value-float64(p)), all+(float64(p)-mean)*(float64(p)-mean)
		k.Image.Pix[i] = uint8(math.Round(min(max(value, 0), 255)))
	}
	if all > 0 {
		k.Pixels = lost / all
	}
	return k, nil
}

// fit is the contrast, not negative, and the mean that bring a patch nearest to the pixels at some places.
func fit(patch []float32, places []int, pix []uint8) (scale, mean float64) {
	n := float64(len(places))
	var x, y, xx, xy float64
	for j, p := range places {
		a, b := float64(patch[j]), float64(pix[p])
		x, y, xx, xy = x+a, y+b, xx+a*a, xy+a*b
	}
	if variance := xx - x*x/n; variance > 0 {
		scale = max(0, (xy-x*y/n)/variance)
	}
	return scale, (y - scale*x) / n
}
