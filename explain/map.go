package explain

import (
	"context"
	"math"

	"github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/cooccur"
	"github.com/sparse-manifold/smt/knn"
)

// Map is atoms laid out in the plane by their place in the embedding.
type Map struct {
	Atoms []int // those laid out
	// Spectral has the two smoothest coordinates kept, TSNE neighbours near each
	// other. Both have a place for each of Atoms.
	Spectral, TSNE []Point
	// Near has the nearest others of each of Atoms, nearest first: an Index is one of Atoms.
	Near [][]knn.Neighbour
}

// Level is TSNE, whose directions mean nothing, turned to be widest from left to right.
func (m *Map) Level() []Point {
	var xx, xy, yy float64
	for _, q := range m.TSNE { // about the origin, which is their mean
		xx += q.X * q.X
		xy += q.X * q.Y
		yy += q.Y * q.Y
	}
	sin, cos := math.Sincos(math.Atan2(2*xy, xx-yy) / 2)
	out := make([]Point, len(m.TSNE))
	for i, q := range m.TSNE {
		out[i] = Point{X: cos*q.X + sin*q.Y, Y: cos*q.Y - sin*q.X}
	}
	return out
}

// Spread is Spectral, drawn apart near its middle, where most atoms are: the sign of a coordinate stays, and its order.
func (m *Map) Spread() []Point {
	var sx, sy float64
	for _, q := range m.Spectral {
		sx += math.Abs(q.X) / float64(len(m.Spectral))
		sy += math.Abs(q.Y) / float64(len(m.Spectral))
	}
	out := make([]Point, len(m.Spectral))
	for i, q := range m.Spectral {
		out[i] = Point{X: math.Asinh(q.X / max(sx, 1e-12)), Y: math.Asinh(q.Y / max(sy, 1e-12))}
	}
	return out
}

// mapPerplexity is about how many neighbours count in the layout.
const mapPerplexity = 30

// mapNear is how many neighbours of an atom are told.
const mapNear = 12

// MapOf lays out the atoms given. Atoms are compared by their columns of P, with
// each coordinate weighed by the share of its variance that patches of one context
// have in common: coordinates of noise shall not decide who is near (it is the
// diffusion distance of Coifman and Lafon 2006 after one step).
func MapOf(ctx context.Context, m *smt.Model, atoms []int, progress func(done, total int)) (*Map, error) {
	values := m.Stages().Eigenvalues
	d := len(values)
	x := make([]float32, 0, len(atoms)*d)
	l := &Map{Atoms: atoms}
	for _, a := range atoms {
		for j, v := range m.Stages().Projection.Row(a) {
			x = append(x, v*float32(common(m.Config().Context, values[j])))
		}
		p := m.Stages().Projection.Row(a)
		l.Spectral = append(l.Spectral, Point{X: float64(p[0]), Y: float64(p[min(1, d-1)])})
	}
	near, perplexity := nearestOf(x, d, mapPerplexity)
	l.Near = make([][]knn.Neighbour, len(atoms))
	for i, list := range near {
		for _, n := range list[:min(mapNear, len(list))] {
			l.Near[i] = append(l.Near[i], knn.Neighbour{Index: int(n.Index), Cosine: 1 - n.Square/2})
		}
	}
	var err error
	l.TSNE, err = tsne(ctx, near, l.Spectral, perplexity, progress)
	return l, err
}

// common is the share of the variance of a coordinate that patches of one context
// have in common. For a patch and the mean of its context, λ is what is left of
// the variance; for two patches, λ = 2 − 2·correlation.
func common(c cooccur.Context, value float64) float64 {
	if c.Kind == cooccur.Window && c.Difference == 1 {
		value /= 2
	}
	return max(0, 1-value)
}
