package spectral

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/sparse-manifold/smt/internal/linalg"
	"github.com/sparse-manifold/smt/internal/plural"
)

// Solution holds eigenpairs, smallest eigenvalue first.
type Solution struct {
	Values []float64 // λ
	// Vectors is P, k × n: an eigenvector p in each row, with PVPᵀ = I.
	Vectors linalg.Matrix
}

// SingularError says that V could not be factored.
type SingularError struct {
	Row   int     // where the factorization broke down
	Pivot float64 // the number there, which should have been positive
	Ridge float64
	Empty bool // whether the row of V is zero, because nothing ever used this coordinate
}

func (e *SingularError) Error() string {
	cause := "it depends on the coordinates before it"
	if e.Empty {
		cause = "its row is zero"
	}
	return fmt.Sprintf("spectral: V is singular at coordinate %d (pivot %.3g): %s; with ridge %g", e.Row, e.Pivot, cause, e.Ridge)
}

// dense is the size up to which all eigenvectors are computed.
const dense = 128

// Search says which eigenvalues are searched for, and how.
type Search struct {
	// K is the number of the smallest eigenvalues that are wanted.
	K int
	// Beside are eigenvalues of another part of the same problem, sorted. Then those are found that are
	// among the K smallest of both parts, and at least one.
	Beside []float64
	// Ridge, times the mean of its diagonal, is added to the diagonal of V.
	Ridge float64
	// Seed begins the search.
	Seed uint64
	// Progress, if not nil, is told the number of vectors so far, out of about 2·K. A small problem is
	// solved without.
	Progress func(vectors int)
}

// wanted is the number of values, which are sorted, that are to be found.
func (s Search) wanted(values []float64) int { return among(values, s.Beside, s.K) }

// Smallest returns the smallest eigenvalues of (l, v), and their vectors.
//
// Both matrices are n × n, symmetric and row-major, and are overwritten. They are copied where their
// rows are not whole blocks of 32 values apart.
//
// Ridge·(tr V/n)·I is added to V, and twice Ridge·(tr L/n)·I to L, so that what the data never use has
// twice an average eigenvalue and is taken last. The ridge decides which subspace is found; within it
// the problem is solved again without. The error is a *SingularError if V cannot be factored.
//
// The factor costs n³/3 operations, and each of two to three times k vectors 4n² and a little. All is in
// float32 but the small projected problem, which is in float64.
func Smallest(ctx context.Context, v, l linalg.Matrix, search Search) (*Solution, error) {
	n := l.Rows
	if n > dense {
		v, l = aligned(v), aligned(l)
	}
	f, err := newFactored(ctx, v, search)
	if err != nil {
		return nil, err
	}
	var traceL float64
	for i := range n {
		traceL += float64(l.At(i, i))
	}
	if math.IsNaN(traceL) {
		return nil, fmt.Errorf("spectral: tr L = %g: the statistics are not finite", traceL)
	}
	ridgeL := 2 * search.Ridge * traceL / float64(n)
	for i := range n {
		l.Data[i*l.RowStride+i] += float32(ridgeL)
	}
	var s *Solution
	if n <= dense {
		f.c.Solve(l)
		a := transposed(l)
		f.c.Solve(a)
		symmetrize(a)
		s, err = full(a, search.wanted)
	} else {
		u := linalg.NewBundle(n)
		times := func(x, y linalg.Bundle) {
			copy(u.Data, x.Data)
			f.c.SolveBundleT(u)
			l.Times(u, y)
			f.c.SolveBundle(y)
		}
		s, err = lanczos(ctx, operator{n, times}, search.wanted, search.Seed, search.Progress)
	}
	if err != nil {
		return nil, err
	}
	return f.finish(ctx, s, ridgeL, search.Seed)
}

// SmallestOfDifference is Smallest for L = V − B, where B is known by its products with bundles of
// vectors alone: between writes Bx to y. The rows of v are whole blocks of 32 values apart, with zeros
// between, and v is overwritten. Nothing else is as large as n²; a step reads the factor of v twice.
func SmallestOfDifference(ctx context.Context, v linalg.Matrix, between func(x, y linalg.Bundle), search Search) (*Solution, error) {
	f, err := newFactored(ctx, v, search)
	if err != nil {
		return nil, err
	}
	n := v.Rows
	u := linalg.NewBundle(n)
	times := func(x, y linalg.Bundle) { // (I − C⁻¹BC⁻ᵀ)x: the ridge is in V, and so in L = V − B
		copy(u.Data, x.Data)
		f.c.SolveBundleT(u)
		between(u, y)
		f.c.SolveBundle(y)
		for i, v := range x.Data {
			y.Data[i] = v - y.Data[i]
		}
	}
	s, err := lanczos(ctx, operator{n, times}, search.wanted, search.Seed, search.Progress)
	if err != nil {
		return nil, err
	}
	return f.finish(ctx, s, f.ridge, search.Seed)
}

// factored is V with its ridge, and its factor C.
type factored struct {
	c     *linalg.Cholesky
	ridge float64
}

func newFactored(ctx context.Context, v linalg.Matrix, search Search) (*factored, error) {
	n := v.Rows
	if search.K < 1 || search.K > n+len(search.Beside) {
		return nil, fmt.Errorf("spectral: %s wanted of a problem of size %d and %s beside it", plural.Of(search.K, "eigenvector"), n, plural.Of(len(search.Beside), "value"))
	}
	var trace float64
	empty := make([]bool, n)
	for i := range n {
		trace += float64(v.At(i, i))
		empty[i] = v.At(i, i) == 0
	}
	if !(trace > 0) || math.IsInf(trace, 0) {
		return nil, fmt.Errorf("spectral: tr V = %g: the statistics are empty or not finite", trace)
	}
	f := &factored{ridge: search.Ridge * trace / float64(n)}
	for i := range n {
		v.Data[i*v.RowStride+i] += float32(f.ridge)
	}
	var err error
	if f.c, err = linalg.Factor(ctx, v); err != nil {
		if np, ok := errors.AsType[*linalg.NotPositiveError](err); ok {
			return nil, &SingularError{Row: np.Row, Pivot: np.Pivot, Ridge: search.Ridge, Empty: empty[np.Row]}
		}
		return nil, err
	}
	return f, nil
}

// finish turns the eigenvectors u of A into those of the problem, p = C⁻ᵀu, and takes the ridges out
// of V and L.
func (f *factored) finish(ctx context.Context, s *Solution, ridgeL float64, seed uint64) (*Solution, error) {
	if err := f.c.SolveRows(ctx, s.Vectors); err != nil {
		return nil, err
	}
	if err := s.takeOut(ctx, f.ridge, ridgeL, seed); err != nil {
		return nil, err
	}
	fixSigns(s.Vectors)
	return s, nil
}

// among is the number of values that are among the k smallest of values and beside together, and at
// least 1. Both are sorted.
func among(values, beside []float64, k int) int {
	n := 0
	for b := 0; n+b < k && n < len(values); {
		if b < len(beside) && beside[b] < values[n] {
			b++
		} else {
			n++
		}
	}
	return max(1, n)
}

// determined is the share of a vector's variance that must come from the data, not from the ridge.
const determined = 0.01

// takeOut solves the problem again, without the ridges, in the span of its vectors. V is
// I − ridgeV·PPᵀ in that span, and L is Λ − ridgeL·PPᵀ.
func (s *Solution) takeOut(ctx context.Context, ridgeV, ridgeL float64, seed uint64) error {
	if ridgeV == 0 && ridgeL == 0 {
		return nil
	}
	k := len(s.Values)
	gram := linalg.New(k, k)
	linalg.AddMul(gram, 1, s.Vectors, s.Vectors.T())
	v, l, rest := linalg.New(k, k), linalg.New(k, k), linalg.New(k, k)
	for i := range k {
		for j := range k {
			g := float64(gram.At(i, j))
			x, y := -ridgeV*g, -ridgeL*g
			if i == j {
				x, y = x+1, y+s.Values[i]
			}
			v.Row(i)[j], l.Row(i)[j], rest.Row(i)[j] = float32(x), float32(y), float32(x)
		}
		rest.Row(i)[i] -= determined
	}
	if _, err := linalg.Factor(ctx, rest); err != nil {
		if err := ctx.Err(); err != nil {
			return err
		}
		shares, _, err := eigen(v)
		if err != nil {
			return err
		}
		if shares[0] < determined {
			return fmt.Errorf("spectral: of %s wanted, the data determine fewer: one has %.2g of its variance from the data, the rest from the ridge: use more data or fewer coordinates",
				plural.Of(k, "coordinate"), shares[0])
		}
	}
	r, err := Smallest(ctx, v, l, Search{K: k, Seed: seed})
	if err != nil {
		return err
	}
	vectors := linalg.New(k, s.Vectors.Cols)
	linalg.AddMul(vectors, 1, r.Vectors, s.Vectors)
	s.Values, s.Vectors = r.Values, vectors
	return nil
}
