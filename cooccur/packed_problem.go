package cooccur

import (
	"context"
	"runtime/debug"

	"github.com/sparse-manifold/smt/internal/linalg"
	"github.com/sparse-manifold/smt/internal/spectral"
)

// Usage is the diagonal of V, with the flip of every group.
func (s *Packed) Usage() []float64 {
	s.settle()
	usage := make([]float64, s.Atoms)
	for o, a := range s.orbits.first {
		u := float64(s.Same[o*(o+1)/2+o]) / 2 / float64(max(1, s.Coded))
		usage[a], usage[s.orbits.second[o]] = u, u
	}
	return usage
}

// Smallest solves with V in memory, and with L = V − B by its products.
func (s *Packed) Smallest(ctx context.Context, b Basis, n int, beside []float64, search Search) ([]Coordinate, error) {
	debug.FreeOSMemory() // the matrix is as large as anything: the last one must be gone
	steps := stepsFor(n-len(beside), search.Progress)
	found, err := spectral.SmallestOfDifference(ctx, s.v(b), s.between(b),
		spectral.Search{K: n, Beside: beside, Ridge: search.Ridge, Seed: search.Seed, Progress: steps.at})
	if err != nil {
		return nil, err
	}
	steps.end()
	return b.coordinates(found, s.Atoms), nil
}

// Forms multiplies with V, and with the groups' code sums.
func (s *Packed) Forms(ctx context.Context, b Basis, rows [][]float32) (v, l []float32, err error) {
	debug.FreeOSMemory()
	y := b.restrictRows(rows)
	vy, err := form(ctx, y, s.v(b))
	if err != nil {
		return nil, nil, err
	}
	ly := linalg.New(vy.Rows, vy.Cols)
	between := s.betweenForm(b, y)
	for i := range ly.Data {
		ly.Data[i] = vy.Data[i] - between.Data[i]
	}
	return vy.Data, ly.Data, nil
}
