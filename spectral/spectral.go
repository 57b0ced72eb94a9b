// Package spectral solves the generalized symmetric eigenproblem at the heart of
// the method, L p = λ V p, for the smallest λ (METHOD §1 and §3; paper,
// equation 3). No full eigendecomposition is made: V is factored, V = CCᵀ, and
// the lower end of the spectrum of A = C⁻¹LC⁻ᵀ found by the Lanczos method.
package spectral

import (
	"context"
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/sparse-manifold/smt/internal/linalg"
	"github.com/sparse-manifold/smt/internal/parallel"
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
// added to V, and twice ridge·(tr L/n)·I to L, so that what the data never use has
// twice an average eigenvalue and is taken last. The ridge decides which
// subspace is found; within it the problem is solved again without. The error is
// a *SingularError if V cannot be factored. Costs 7n³/3 operations and about
// 4kn² + 16k²n more; float32, with the small projected problem in float64.
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
	ridgeV, ridgeL := ridge*traceV/float64(n), 2*ridge*traceL/float64(n)
	for i := range n {
		v.Data[i*n+i] += float32(ridgeV)
		l.Data[i*n+i] += float32(ridgeL)
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
	a := padded(l.T())
	c.Solve(a)
	symmetrize(a)

	var s *Solution
	if n <= dense {
		s, err = full(a, k)
	} else {
		s, err = lanczos(ctx, a, k, seed)
	}
	if err != nil {
		return nil, err
	}
	// p = C⁻ᵀu for each u; columns of x are vectors here.
	x := transposed(s.Vectors)
	c.SolveT(x)
	s.Vectors = transposed(x)
	if err := s.takeOut(ridgeV, ridgeL); err != nil {
		return nil, err
	}
	fixSigns(s.Vectors)
	return s, nil
}

// determined is the share of a vector's variance that must be the data's, not the ridge's.
const determined = 0.01

// takeOut solves the problem without the ridges in the span of its vectors:
// there V is I − ridgeV·PPᵀ, and L is Λ − ridgeL·PPᵀ.
func (s *Solution) takeOut(ridgeV, ridgeL float64) error {
	if ridgeV == 0 && ridgeL == 0 {
		return nil
	}
	k := len(s.Values)
	gram := linalg.New(k, k)
	linalg.AddMul(gram, 1, s.Vectors, s.Vectors.T())
	v, l := mat.NewSymDense(k, nil), mat.NewSymDense(k, nil)
	for i := range k {
		for j := i; j < k; j++ {
			g := float64(gram.At(i, j))
			v.SetSym(i, j, -ridgeV*g)
			l.SetSym(i, j, -ridgeL*g)
		}
		v.SetSym(i, i, 1+v.At(i, i))
		l.SetSym(i, i, s.Values[i]+l.At(i, i))
	}
	// R = U·S^(−1/2) makes RᵀVR = I.
	shares, r, err := eigenSym(v)
	if err != nil {
		return err
	}
	if shares[0] < determined {
		return fmt.Errorf("spectral: of %d coordinates wanted, the data determine fewer: one has %.2g of its variance from the data, the rest from the ridge: use more data or fewer coordinates",
			k, shares[0])
	}
	r.Apply(func(_, j int, x float64) float64 { return x / math.Sqrt(shares[j]) }, r)
	var lr, rlr mat.Dense
	lr.Mul(l, r)
	rlr.Mul(r.T(), &lr)
	for i := range k {
		for j := i; j < k; j++ {
			l.SetSym(i, j, (rlr.At(i, j)+rlr.At(j, i))/2)
		}
	}
	values, u, err := eigenSym(l)
	if err != nil {
		return err
	}
	var ru mat.Dense
	ru.Mul(r, u)
	vectors := linalg.New(k, s.Vectors.Cols)
	linalg.AddMul(vectors, 1, float32s(ru.T()), s.Vectors)
	s.Values, s.Vectors = values, vectors
	return nil
}

func float32s(m mat.Matrix) linalg.Matrix {
	rows, cols := m.Dims()
	out := linalg.New(rows, cols)
	for i := range rows {
		for j := range cols {
			out.Data[i*cols+j] = float32(m.At(i, j))
		}
	}
	return out
}

func symmetrize(a linalg.Matrix) {
	for i := range a.Rows {
		for j := range i {
			m := (a.At(i, j) + a.At(j, i)) / 2
			a.Data[i*a.RowStride+j], a.Data[j*a.RowStride+i] = m, m
		}
	}
}

// full is the solution of a small problem by a dense eigendecomposition.
func full(a linalg.Matrix, k int) (*Solution, error) {
	values, vectors, err := eigen(a)
	if err != nil {
		return nil, err
	}
	return &Solution{Values: values[:k], Vectors: float32s(vectors.Slice(0, a.Rows, 0, k).T())}, nil
}

func eigen(a linalg.Matrix) ([]float64, *mat.Dense, error) {
	sym := mat.NewSymDense(a.Rows, nil)
	for i := range a.Rows {
		for j := i; j < a.Cols; j++ {
			sym.SetSym(i, j, float64(a.At(i, j)))
		}
	}
	return eigenSym(sym)
}

// eigenSym returns eigenvalues, smallest first, and eigenvectors, in columns.
func eigenSym(a *mat.SymDense) ([]float64, *mat.Dense, error) {
	var e mat.EigenSym
	if !e.Factorize(a, true) {
		return nil, nil, fmt.Errorf("spectral: the eigendecomposition of a %d × %[1]d matrix did not converge", a.SymmetricDim())
	}
	var vectors mat.Dense
	e.VectorsTo(&vectors)
	return e.Values(nil), &vectors, nil
}

func transposed(m linalg.Matrix) linalg.Matrix {
	t := linalg.New(m.Cols, m.Rows)
	copyTo(t, m.T())
	return t
}

// padded is a copy of m whose rows are whole blocks of 32 values apart, with
// zeros between, as the kernels want them.
func padded(m linalg.Matrix) linalg.Matrix {
	p := linalg.New(m.Rows, (m.Cols+31)/32*32).Block(0, m.Rows, 0, m.Cols)
	copyTo(p, m)
	return p
}

// copyTo copies tile by tile, so that rows and columns both stay in cache.
func copyTo(dst, src linalg.Matrix) {
	const side = 64
	tiles := (src.Rows + side - 1) / side
	parallel.For(tiles, func(_, t int) {
		for j0 := 0; j0 < src.Cols; j0 += side {
			for i := t * side; i < min((t+1)*side, src.Rows); i++ {
				row := dst.Data[i*dst.RowStride:]
				for j := j0; j < min(j0+side, src.Cols); j++ {
					row[j] = src.Data[i*src.RowStride+j*src.ColStride]
				}
			}
		}
	})
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
