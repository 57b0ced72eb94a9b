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
	"math/rand/v2"
	"os"

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

const (
	dense      = 700  // up to this size, or this many vectors of a larger one, all eigenvectors are computed
	maxDegree  = 10   // of the Chebyshev filter
	firstGain  = 500  // of the first filter: more than κ ≈ 10³ in a block of float32 vectors cannot be undone
	maxGain    = 1e5  // of later ones, whose vectors are close to eigenvectors and hardly mix
	maxRounds  = 40   // filter rounds
	tolerance  = 1e-4 // change of the sum of eigenvalues, relative to its distance from the top, at which rounds stop
	lanczosLen = 40   // steps to bound the largest eigenvalue
)

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

// iterate is Chebyshev-filtered subspace iteration (Zhou, Saad, Tiago and
// Chelikowsky 2006): a polynomial in A, small on the unwanted end of the
// spectrum, is applied to a block of vectors, then the block is made
// orthonormal and rotated to its Ritz vectors.
func iterate(ctx context.Context, a linalg.Matrix, k int, seed uint64) (*Solution, error) {
	n := a.Rows
	m := min(n, k+max(32, k/4))
	rng := rand.New(rand.NewPCG(seed, 0x5e1f))
	x := linalg.New(n, m)
	for i := range x.Data {
		x.Data[i] = float32(rng.NormFloat64())
	}
	top := largest(a, rng)
	values, err := rayleighRitz(a, &x)
	if err != nil {
		return nil, err
	}
	old := math.Inf(1)
	for round := range maxRounds {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if debug {
			println(top, values[0], values[k-1], values[m-1], old)
		}
		gain := min(maxGain, firstGain*math.Pow(10, float64(round)))
		x = filter(a, x, values[0], values[m-1], top, gain)
		if values, err = rayleighRitz(a, &x); err != nil {
			return nil, err
		}
		sum := 0.0
		for _, v := range values[:k] {
			sum += v
		}
		if math.Abs(old-sum) <= tolerance*(float64(k)*top-sum) {
			break
		}
		old = sum
	}
	return &Solution{Values: values[:k], Vectors: transposed(x.Block(0, n, 0, k))}, nil
}

// filter applies the Chebyshev polynomial of the interval [low, top], scaled
// to about 1 at bottom, the lowest eigenvalue, and of a degree that lets bottom
// outgrow the interval by no more than gain.
func filter(a, x linalg.Matrix, bottom, low, top, gain float64) linalg.Matrix {
	e, c := (top-low)/2, (top+low)/2
	sigma := e / (bottom - c)
	tau := 2 / sigma
	degree := min(maxDegree, max(1, int(math.Acosh(gain)/math.Acosh(max(1+1e-9, -1/sigma)))))
	next := func(x, previous linalg.Matrix, scale, back float64) linalg.Matrix {
		// scale·(A − c)x − back·previous
		y := linalg.New(x.Rows, x.Cols)
		for i, v := range x.Data {
			y.Data[i] = float32(-scale * c * float64(v))
			if back != 0 {
				y.Data[i] -= float32(back) * previous.Data[i]
			}
		}
		linalg.AddMul(y, float32(scale), a, x)
		return y
	}
	y := next(x, x, sigma/e, 0)
	for range degree - 1 {
		s := 1 / (tau - sigma)
		x, y = y, next(y, x, 2*s/e, sigma*s)
		sigma = s
	}
	return y
}

// rayleighRitz makes the columns of x orthonormal Ritz vectors of a and returns
// their Ritz values, smallest first.
func rayleighRitz(a linalg.Matrix, x *linalg.Matrix) ([]float64, error) {
	if err := orthonormalize(x); err != nil {
		return nil, err
	}
	ax := linalg.New(x.Rows, x.Cols)
	linalg.AddMul(ax, 1, a, *x)
	h := linalg.New(x.Cols, x.Cols)
	linalg.AddMul(h, 1, x.T(), ax)
	values, u, err := eigen(h)
	if err != nil {
		return nil, err
	}
	rotation := linalg.New(x.Cols, x.Cols)
	for i := range x.Cols {
		for j := range x.Cols {
			rotation.Data[i*x.Cols+j] = float32(u.At(i, j))
		}
	}
	rotated := linalg.New(x.Rows, x.Cols)
	linalg.AddMul(rotated, 1, *x, rotation)
	*x = rotated
	return values, nil
}

// orthonormalize replaces x by x·R⁻¹ with xᵀx = RᵀR, again until xᵀx = I to the
// accuracy of float32: a pass leaves an error of κ²·2⁻²⁴. A Gram matrix too near
// singular to be factored gets a ridge, and the next pass does the rest.
func orthonormalize(x *linalg.Matrix) error {
	const passes = 8
	m := x.Cols
	for range passes {
		if err := unitColumns(*x); err != nil {
			return err
		}
		g := linalg.New(m, m)
		linalg.AddMul(g, 1, x.T(), *x)
		if farFromIdentity(g) < 1e-5 {
			return nil
		}
		c, err := factorGram(g)
		if err != nil {
			return err
		}
		xt := transposed(*x)
		c.Solve(xt)
		*x = transposed(xt)
	}
	return errors.New("spectral: iteration broke down: the vectors stay linearly dependent")
}

func factorGram(g linalg.Matrix) (c *linalg.Cholesky, err error) {
	for _, ridge := range []float32{1e-6, 1e-5, 1e-4, 1e-3} {
		h := linalg.New(g.Rows, g.Cols)
		copy(h.Data, g.Data)
		for j := range h.Rows {
			h.Data[j*h.Cols+j] += ridge
		}
		if c, err = linalg.Factor(h); err == nil {
			return c, nil
		}
	}
	return nil, fmt.Errorf("spectral: iteration broke down: %w", err)
}

func unitColumns(x linalg.Matrix) error {
	scale := make([]float64, x.Cols)
	for i := range x.Rows {
		for j, v := range x.Row(i) {
			scale[j] += float64(v) * float64(v)
		}
	}
	for j, s := range scale {
		if !(s > 0) || math.IsInf(s, 0) {
			return fmt.Errorf("spectral: iteration broke down: a vector has squared length %g", s)
		}
		scale[j] = 1 / math.Sqrt(s)
	}
	for i := range x.Rows {
		row := x.Row(i)
		for j := range row {
			row[j] *= float32(scale[j])
		}
	}
	return nil
}

// farFromIdentity is the largest off-diagonal element of g.
func farFromIdentity(g linalg.Matrix) (far float64) {
	for i := range g.Rows {
		for j, v := range g.Row(i) {
			if i != j {
				far = max(far, math.Abs(float64(v)))
			}
		}
	}
	return far
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

// largest is an upper bound of the largest eigenvalue of a: the largest Ritz
// value of a short Lanczos run, plus its residual and a little (Zhou and Saad 2007).
func largest(a linalg.Matrix, rng *rand.Rand) float64 {
	n := a.Rows
	v, previous := linalg.New(n, 1), linalg.New(n, 1)
	for i := range v.Data {
		v.Data[i] = float32(rng.NormFloat64())
	}
	scale := func(x linalg.Matrix, s float64) {
		for i := range x.Data {
			x.Data[i] = float32(float64(x.Data[i]) * s)
		}
	}
	length := func(x linalg.Matrix) float64 { return math.Sqrt(inner(x, x)) }
	scale(v, 1/length(v))
	steps := min(lanczosLen, n)
	t := mat.NewSymDense(steps, nil)
	beta := 0.0
	for j := range steps {
		w := linalg.New(n, 1)
		linalg.AddMul(w, 1, a, v)
		alpha := inner(w, v)
		for i := range w.Data {
			w.Data[i] -= float32(alpha)*v.Data[i] + float32(beta)*previous.Data[i]
		}
		t.SetSym(j, j, alpha)
		if beta = length(w); beta < 1e-6 {
			break
		}
		if j+1 < steps {
			t.SetSym(j, j+1, beta)
		}
		previous = v
		v = w
		scale(v, 1/beta)
	}
	var e mat.EigenSym
	e.Factorize(t, true)
	values := e.Values(nil)
	var vectors mat.Dense
	e.VectorsTo(&vectors)
	last := steps - 1
	residual := beta * math.Abs(vectors.At(last, last))
	return values[last] + residual + 0.002*(values[last]-values[0])
}

func inner(x, y linalg.Matrix) (s float64) {
	for i, v := range x.Data {
		s += float64(v) * float64(y.Data[i])
	}
	return s
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

var debug = os.Getenv("SMT_DEBUG") != ""
