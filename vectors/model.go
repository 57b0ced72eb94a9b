package vectors

import (
	"context"
	"fmt"
	"slices"

	"github.com/sparse-manifold/smt/cooccur"
	"github.com/sparse-manifold/smt/internal/parallel"
	"github.com/sparse-manifold/smt/internal/plural"
	"github.com/sparse-manifold/smt/manifold"
	"github.com/sparse-manifold/smt/source/vector"
)

// Model is what was learned. It does not change, and may be used by many goroutines.
type Model struct {
	cfg    Config
	data   Data
	vicreg manifold.VICReg
	atoms  *vector.Points
	coder  *vector.Coder
	values []float64 // eigenvalues of the coordinates
	p      *manifold.Projection
}

// project makes P of coordinates.
func (m *Model) project(kept []cooccur.Coordinate) error {
	width := manifold.WidthOf(len(kept))
	rows := make([]float32, m.cfg.Atoms*width)
	for j, k := range kept {
		for a, x := range k.Atoms {
			rows[a*width+j] = x
		}
	}
	m.p = manifold.NewProjection(rows, m.cfg.Atoms, len(kept))
	return m.check()
}

// Config is how m was fitted.
func (m *Model) Config() Config { return m.cfg }

// Data is what m was fitted on.
func (m *Model) Data() Data { return m.data }

// VICReg is the objective that was reached.
func (m *Model) VICReg() manifold.VICReg { return m.vicreg }

// Eigenvalues are those of the smooth coordinates, of which embeddings are made, smallest first.
func (m *Model) Eigenvalues() []float64 { return slices.Clone(m.values) }

// Dim is the number of values of an embedding.
func (m *Model) Dim() int { return m.cfg.Dims }

// Embed returns the embeddings of points, Dim values each: β = Pφ. The smooth coordinates themselves, if
// Config.Smooth is Config.Dims, are smoothest first, of variance 1 over the points of the fit; combinations of more are in
// units of the points' distances, those that vary most first. The points need not be those of the fit. A point is embedded in the same way whatever the others are; the embedding is continuous in
// it.
func (m *Model) Embed(ctx context.Context, points *vector.Points) ([]float32, error) {
	if err := points.Check(); err != nil {
		return nil, fmt.Errorf("vectors: %w", err)
	}
	if points.Dim != m.atoms.Dim {
		return nil, fmt.Errorf("vectors: points have %s, the model was fitted on points of %d: want as many", plural.Of(points.Dim, "value"), m.atoms.Dim)
	}
	n, d, width := points.N(), m.cfg.Dims, m.p.Width()
	out := make([]float32, n*d)
	const step = 1 << 16 // points whose codes are in memory at a time
	for first := 0; first < n; first += step {
		last := min(first+step, n)
		part := &vector.Points{Dim: points.Dim, X: points.X[first*points.Dim : last*points.Dim]}
		codes, err := m.coder.Encode(ctx, part)
		if err != nil {
			return nil, err
		}
		const some = 512
		pieces := (last - first + some - 1) / some
		work := make([]manifold.Projector, parallel.Workers(pieces))
		parallel.For(pieces, func(w, piece int) {
			from, to := piece*some, min((piece+1)*some, last-first)
			beta := make([]float32, (to-from)*width)
			m.p.Embed(codes, from, to, &work[w], beta)
			for i := range to - from {
				copy(out[(first+from+i)*d:][:d], beta[i*width:])
			}
		})
	}
	return out, nil
}
