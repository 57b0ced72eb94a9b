package spectral

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/sparse-manifold/smt/internal/linalg"
	"github.com/sparse-manifold/smt/internal/plural"
	"github.com/sparse-manifold/smt/internal/simd"
)

// SmallestOfDiagonal is Smallest for a V that is diagonal, with the elements v, and an L that is known
// by its trace and its products with bundles of vectors alone: times writes Lx to y. The root of V
// is then no more than roots of numbers, and nothing is as large as n².
func SmallestOfDiagonal(ctx context.Context, v []float64, trace float64, times func(x, y linalg.Bundle), search Search) (*Solution, error) {
	n := len(v)
	if search.K < 1 || search.K > n {
		return nil, fmt.Errorf("spectral: %s wanted of a problem of size %d", plural.Of(search.K, "eigenvector"), n)
	}
	if math.IsNaN(trace) || math.IsInf(trace, 0) {
		return nil, errors.New("spectral: the eigenproblem is not finite")
	}
	var sum float64
	for _, x := range v {
		sum += x
	}
	ridge, ridgeL := search.Ridge*sum/float64(n), 2*search.Ridge*trace/float64(n)
	inverse := make([]float32, n) // of the root of V
	for i, x := range v {
		if !(x+ridge > 0) || math.IsInf(x, 0) {
			return nil, &SingularError{Row: i, Pivot: x + ridge, Ridge: search.Ridge, Empty: x == 0}
		}
		inverse[i] = float32(1 / math.Sqrt(x+ridge))
	}
	u, scale := linalg.NewBundle(n), linalg.NewBundle(n)
	for i := range simd.Bundle {
		scale.Set(i, inverse)
	}
	a := operator{n, func(x, y linalg.Bundle) {
		for i, s := range scale.Data {
			u.Data[i] = s * x.Data[i]
		}
		times(u, y)
		for i, s := range scale.Data {
			y.Data[i] = s * (y.Data[i] + float32(ridgeL)*u.Data[i])
		}
	}}
	var s *Solution
	var err error
	if n <= dense {
		s, err = full(a.matrix(), search.wanted)
	} else {
		s, err = lanczos(ctx, a, search.wanted, search.Seed, search.Progress)
	}
	if err != nil {
		return nil, err
	}
	for k := range s.Vectors.Rows {
		for i, x := range s.Vectors.Row(k)[:n] {
			s.Vectors.Row(k)[i] = x * inverse[i]
		}
	}
	if err := s.takeOut(ctx, ridge, ridgeL, search.Seed); err != nil {
		return nil, err
	}
	fixSigns(s.Vectors)
	return s, nil
}

// matrix is a, of its products with unit vectors.
func (a operator) matrix() linalg.Matrix {
	m := linalg.New(a.n, a.n)
	x, y := linalg.NewBundle(a.n), linalg.NewBundle(a.n)
	unit := make([]float32, a.n)
	for i := 0; i < a.n; i += simd.Bundle {
		clear(x.Data)
		for k := i; k < min(i+simd.Bundle, a.n); k++ {
			unit[k] = 1
			x.Set(k-i, unit)
			unit[k] = 0
		}
		a.times(x, y)
		for k := i; k < min(i+simd.Bundle, a.n); k++ {
			y.Get(k-i, m.Row(k))
		}
	}
	symmetrize(m)
	return m
}
