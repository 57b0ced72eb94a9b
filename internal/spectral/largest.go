package spectral

import (
	"context"
	"fmt"

	"github.com/sparse-manifold/smt/internal/linalg"
	"github.com/sparse-manifold/smt/internal/plural"
)

// Largest returns the k largest eigenvalues of a symmetric matrix, largest first, and their vectors,
// which are orthonormal. beside are eigenvalues of another matrix, largest first: then only those are
// returned that are among the k largest of both matrices, and at least one. The matrix is row-major,
// and is overwritten.
func Largest(ctx context.Context, a linalg.Matrix, k int, beside []float64, seed uint64) (*Solution, error) {
	if a.Rows != a.Cols || k < 1 || k > a.Rows+len(beside) {
		return nil, fmt.Errorf("spectral: %s wanted of a matrix of %d × %d and %s beside it", plural.Of(k, "eigenvector"), a.Rows, a.Cols, plural.Of(len(beside), "value"))
	}
	a = aligned(a)
	for i := range a.Rows {
		for j, v := range a.Row(i) {
			a.Row(i)[j] = -v
		}
	}
	beside = negated(beside)
	wanted := func(values []float64) int { return among(values, beside, k) }
	var s *Solution
	var err error
	if a.Rows <= dense {
		s, err = full(a, wanted)
	} else {
		s, err = lanczos(ctx, operator{a.Rows, a.Times}, wanted, seed, nil)
	}
	if err != nil {
		return nil, err
	}
	s.Values = negated(s.Values)
	fixSigns(s.Vectors)
	return s, nil
}

func negated(x []float64) []float64 {
	y := make([]float64, len(x))
	for i, v := range x {
		y[i] = -v
	}
	return y
}
