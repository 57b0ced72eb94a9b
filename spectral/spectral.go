// Package spectral solves the generalized symmetric eigenproblem at the heart of
// the method, L p = λ V p, for the smallest λ (METHOD §1 and §3; paper,
// equation 3). No full eigendecomposition is made: V is factored, V = CCᵀ, and
// the lower end of the spectrum of A = C⁻¹LC⁻ᵀ found by subspace iteration with
// a Chebyshev filter.
package spectral

import (
	"context"
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/sparse-manifold/smt/internal/linalg"
)

// Solution holds eigenpairs, smallest eigenvalue first.
type Solution struct {
	Values []float64 // λ
	// Vectors has an eigenvector p in each row, k × n, with P V Pᵀ = I.
	Vectors linalg.Matrix
}

// SingularError says that V could not be factored.
type SingularError struct {
	Row   int     // where the factorization broke down
	Pivot float64 // what should have been positive
	Ridge float64
	Empty bool // the row of V is zero: nothing ever used this coordinate
}

func (e *SingularError) Error() string {
	cause := "it depends on the coordinates before it"
	if e.Empty {
		cause = "its row is zero"
	}
	return fmt.Sprintf("spectral: V is singular at coordinate %d (pivot %.3g): %s; with ridge %g", e.Row, e.Pivot, cause, e.Ridge)
}

// dense is the size up to which all eigenvectors are computed.
const dense = 700

// Smallest returns the k smallest eigenvalues of (l, v) and their vectors. Both
// are n × n, symmetric and row-major, and are overwritten. ridge·(tr V/n)·I is
// added to V, and ridge·(tr L/n)·I to L, so that what the data never use has an
// average eigenvalue and is not taken for smooth. The error is a *SingularError
// if V cannot be factored. Costs 7n³/3 operations and 2n²·1.25k an iteration of
// about 30; float32, with the small projected problem in float64.
func Smallest(ctx context.Context, v, l linalg.Matrix, k int, ridge float64, seed uint64) (*Solution, error) {
	n := v.Rows
	if k < 1 || k > n {
		return nil, fmt.Errorf("spectral: %d eigenvectors wanted of a problem of size %d", k, n)
	}
	var traceV, traceL float64
	empty := make([]bool, n)
	for i := range n {
		traceV += float64(v.At(i, i))
		traceL += float64(l.At(i, i))
		empty[i] = v.At(i, i) == 0
	}
	if !(traceV > 0) || math.IsInf(traceV, 0) || math.IsNaN(traceL) {
		return nil, fmt.Errorf("spectral: tr V = %g, tr L = %g: the statistics are empty or not finite", traceV, traceL)
	}
	for i := range n {
		v.Data[i*n+i] += float32(ridge * traceV / float64(n))
		l.Data[i*n+i] += float32(ridge * traceL / float64(n))
	}
	c, err := linalg.Factor(v)
	if err != nil {
		var np *linalg.NotPositiveError
		if errors.As(err, &np) {
			return nil, &SingularError{Row: np.Row, Pivot: np.Pivot, Ridge: ridge, Empty: empty[np.Row]}
		}
		return nil, err
	}
	c.Solve(l)
	a := transposed(l)
	c.Solve(a)
	symmetrize(a)

	var s *Solution
	if n <= dense {
		s, err = full(a, k)
	} else {
		s, err = iterate(ctx, a, k, seed)
	}
	if err != nil {
		return nil, err
	}
	// p = C⁻ᵀu for each u; columns of x are vectors here.
	x := transposed(s.Vectors)
	c.SolveT(x)
	s.Vectors = transposed(x)
	fixSigns(s.Vectors)
	return s, nil
}

func symmetrize(a linalg.Matrix) {
	for i := range a.Rows {
		for j := range i {
			m := (a.At(i, j) + a.At(j, i)) / 2
			a.Data[i*a.Cols+j], a.Data[j*a.Cols+i] = m, m
		}
	}
}

// full is the solution of a small problem by a dense eigendecomposition.
func full(a linalg.Matrix, k int) (*Solution, error) {
	values, vectors, err := eigen(a)
	if err != nil {
		return nil, err
	}
	s := &Solution{Values: values[:k], Vectors: linalg.New(k, a.Rows)}
	for i := range a.Rows {
		for j := range k {
			s.Vectors.Data[j*a.Rows+i] = float32(vectors.At(i, j))
		}
	}
	return s, nil
}

func eigen(a linalg.Matrix) ([]float64, *mat.Dense, error) {
	sym := mat.NewSymDense(a.Rows, nil)
	for i := range a.Rows {
		for j := i; j < a.Cols; j++ {
			sym.SetSym(i, j, float64(a.At(i, j)))
		}
	}
	var e mat.EigenSym
	if !e.Factorize(sym, true) {
		return nil, nil, fmt.Errorf("spectral: the eigendecomposition of a %d × %d matrix did not converge", a.Rows, a.Cols)
	}
	var vectors mat.Dense
	e.VectorsTo(&vectors)
	return e.Values(nil), &vectors, nil
}

func transposed(m linalg.Matrix) linalg.Matrix {
	t := linalg.New(m.Cols, m.Rows)
	for i := range m.Rows {
		for j, v := range m.Row(i) {
			t.Data[j*m.Rows+i] = v
		}
	}
	return t
}

// fixSigns makes the largest component of every row positive, since an
// eigenvector's sign is arbitrary.
func fixSigns(m linalg.Matrix) {
	for i := range m.Rows {
		row := m.Row(i)
		best := 0
		for j, v := range row {
			if math.Abs(float64(v)) > math.Abs(float64(row[best])) {
				best = j
			}
		}
		if row[best] < 0 {
			for j := range row {
				row[j] = -row[j]
			}
		}
	}
}
