package sources

import (
	"context"
	"math"
	"math/rand/v2"

	"github.com/sparse-manifold/smt/manifold"
	"github.com/sparse-manifold/smt/source/vector"
	"github.com/sparse-manifold/smt/vectors"
	"github.com/sparse-manifold/smt/video"
)

// Torus is points on a torus in space, and smooth coordinates of them.
type Torus struct {
	Learned
	Angles [][2]float64 // of each point: around the ring, and around the tube
	Points *vector.Points
	Values []float32 // of the coordinates: Dims a point
	Dims   int
	Pieces int // of the graph
	// Ring is R² of the cosine and the sine of the angle around the ring, by linear regression on
	// the first two coordinates.
	Ring [2]float64
}

// Tube is the radius of the tube of the torus, of a ring of radius 1.
const Tube = 0.4

const (
	torusPoints = 4000
	torusDims   = 6
)

// NewTorus draws points evenly over the torus, and learns from which are near.
func NewTorus(ctx context.Context, seed uint64, progress manifold.Progress) (*Torus, error) {
	rng := rand.New(rand.NewPCG(seed, 1))
	t := &Torus{Points: &vector.Points{Dim: 3}, Dims: torusDims}
	for len(t.Angles) < torusPoints {
		ring, tube := 2*math.Pi*rng.Float64(), 2*math.Pi*rng.Float64()
		radius := 1 + Tube*math.Cos(tube)
		if rng.Float64()*(1+Tube) > radius { // the inner side has less area
			continue
		}
		t.Angles = append(t.Angles, [2]float64{ring, tube})
		t.Points.X = append(t.Points.X, float32(radius*math.Cos(ring)), float32(radius*math.Sin(ring)), float32(Tube*math.Sin(tube)))
	}
	cfg := vectors.Default()
	cfg.Dims, cfg.Smooth, cfg.Seed = torusDims, torusDims, seed
	m, err := vectors.Fit(ctx, t.Points, cfg, manifold.Run{Progress: progress})
	if err != nil {
		return nil, err
	}
	if t.Values, err = m.Embed(ctx, t.Points); err != nil {
		return nil, err
	}
	t.Learned = Learned{torusPoints, m.Config().Atoms, m.Eigenvalues(), m.VICReg()}
	t.Pieces = len(m.Data().Pieces)
	var known []float64
	var first []float32
	for i, a := range t.Angles {
		first = append(first, t.Values[i*t.Dims:][:2]...)
		known = append(known, math.Cos(a[0]), math.Sin(a[0]))
	}
	fit, err := video.Regress(first, 2, known, 2)
	if err != nil {
		return nil, err
	}
	copy(t.Ring[:], fit.R2(first, known))
	return t, nil
}
