package spectral

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/sparse-manifold/smt/internal/linalg"
)

// pencil is a random pair of forms with L = V − B, as whole-image contexts
// have it, of a spectrum that decays like 1/rank.
func pencil(n int, seed uint64) (v, l linalg.Matrix) {
	rng := rand.New(rand.NewPCG(seed, 2))
	x := linalg.New(n, 2*n)
	for i := range n {
		for j := range 2 * n {
			x.Data[i*2*n+j] = float32(rng.NormFloat64())
		}
	}
	v = linalg.New(n, n)
	linalg.AddMul(v, 1/float32(2*n), x, x.T())
	c := linalg.New(n, n)
	copy(c.Data, v.Data)
	// B = Σ ρ_j y_jy_jᵀ with Vᵀ-orthonormal p_j: take y = V·p from a Cholesky factor.
	if _, err := linalg.Factor(context.Background(), c); err != nil {
		panic(err)
	}
	b := linalg.New(n, n)
	q := orthogonal(n, rng)
	for i := range n {
		for j := i + 1; j < n; j++ {
			c.Data[i*n+j] = 0
		}
	}
	cq := linalg.New(n, n)
	linalg.AddMul(cq, 1, c, q)
	scaled := linalg.New(n, n)
	for i := range n {
		for j := range n {
			scaled.Data[i*n+j] = cq.Data[i*n+j] * float32(0.95/(1+float64(j)/5))
		}
	}
	linalg.AddMul(b, 1, scaled, cq.T())
	l = linalg.New(n, n)
	for i := range n {
		for j := range n {
			l.Data[i*n+j] = v.Data[i*n+j] - (b.Data[i*n+j]+b.Data[j*n+i])/2
		}
	}
	return v, l
}

func orthogonal(n int, rng *rand.Rand) linalg.Matrix {
	g := mat.NewDense(n, n, nil)
	for i := range n {
		for j := range n {
			g.Set(i, j, rng.NormFloat64())
		}
	}
	var qr mat.QR
	qr.Factorize(g)
	var q mat.Dense
	qr.QTo(&q)
	out := linalg.New(n, n)
	for i := range n {
		for j := range n {
			out.Data[i*n+j] = float32(q.At(i, j))
		}
	}
	return out
}

func copyOf(m linalg.Matrix) linalg.Matrix {
	c := linalg.New(m.Rows, m.Cols)
	copy(c.Data, m.Data)
	return c
}

func float64s(m linalg.Matrix) *mat.Dense {
	d := mat.NewDense(m.Rows, m.Cols, nil)
	d.Apply(func(i, j int, _ float64) float64 { return float64(m.At(i, j)) }, d)
	return d
}

func sym(m linalg.Matrix) *mat.SymDense {
	s := mat.NewSymDense(m.Rows, nil)
	for i := range m.Rows {
		for j := i; j < m.Rows; j++ {
			s.SetSym(i, j, float64(m.At(i, j)))
		}
	}
	return s
}

// formOf is x·q·xᵀ of the rows of x, and of q = I where q is nil.
func formOf(x, q mat.Matrix) mat.Matrix {
	var xq, f mat.Dense
	xq.CloneFrom(x)
	if q != nil {
		xq.Mul(x, q)
	}
	f.Mul(&xq, x.T())
	return &f
}

// isDiagonal demands a form that has values on its diagonal and 0 elsewhere, within a tolerance.
func isDiagonal(t *testing.T, name string, form mat.Matrix, values func(i int) float64, within float64) {
	t.Helper()
	rows, cols := form.Dims()
	for i := range rows {
		for j := range cols {
			want := 0.0
			if i == j {
				want = values(i)
			}
			if d := math.Abs(form.At(i, j) - want); !(d <= within) {
				t.Fatalf("%s: element %d, %d is off by %g", name, i, j, d)
			}
		}
	}
}

// ones is the diagonal of I.
func ones(int) float64 { return 1 }

// oracle is the dense generalized eigendecomposition in float64.
func oracle(t *testing.T, v, l linalg.Matrix) []float64 {
	var c mat.Cholesky
	if !c.Factorize(sym(v)) {
		t.Fatal("V is not positive definite")
	}
	var low, x, a mat.Dense
	low.CloneFrom(c.RawU().T())
	if err := x.Solve(&low, sym(l)); err != nil {
		t.Fatal(err)
	}
	if err := a.Solve(&low, x.T()); err != nil {
		t.Fatal(err)
	}
	n := v.Rows
	s := mat.NewSymDense(n, nil)
	for i := range n {
		for j := i; j < n; j++ {
			s.SetSym(i, j, (a.At(i, j)+a.At(j, i))/2)
		}
	}
	var e mat.EigenSym
	if !e.Factorize(s, false) {
		t.Fatal("the oracle did not converge")
	}
	return e.Values(nil)
}

// ofDifference is Smallest by way of SmallestOfDifference: B = V − L.
func ofDifference(ctx context.Context, v, l linalg.Matrix, search Search) (*Solution, error) {
	n := v.Rows
	b := linalg.New(n, n)
	for i := range b.Data {
		b.Data[i] = v.Data[i] - l.Data[i]
	}
	return SmallestOfDifference(ctx, padded(v), padded(b).Times, search)
}
