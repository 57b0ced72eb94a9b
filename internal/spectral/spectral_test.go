package spectral

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
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

var solvers = map[string]func(ctx context.Context, v, l linalg.Matrix, search Search) (*Solution, error){
	"Smallest": Smallest, "SmallestOfDifference": ofDifference,
}

func TestSmallestAgreesWithDense(t *testing.T) {
	for _, c := range []struct{ n, k int }{{1, 1}, {30, 30}, {60, 7}, {129, 9}, {900, 60}} {
		for name, solve := range solvers {
			t.Run(fmt.Sprintf("%s/%d/%d", name, c.n, c.k), func(t *testing.T) { agreesWithDense(t, solve, c.n, c.k) })
		}
	}
}

func agreesWithDense(t *testing.T, solve func(ctx context.Context, v, l linalg.Matrix, search Search) (*Solution, error), n, k int) {
	v, l := pencil(n, uint64(n))
	want := oracle(t, v, l)
	got, err := solve(context.Background(), copyOf(v), copyOf(l), Search{K: k, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	sum := 0.0
	for j := range k {
		sum += got.Values[j]
		// float32 entries of A, of size 1; iteration stops a little above.
		if d := got.Values[j] - want[j]; math.Abs(d) > 1e-3 {
			t.Errorf("eigenvalue %d is %g, want %g", j, got.Values[j], want[j])
		}
	}
	p := float64s(got.Vectors)
	isDiagonal(t, "PVPᵀ", formOf(p, sym(v)), ones, 2e-4)
	if trace := mat.Trace(formOf(p, sym(l))); math.Abs(trace-sum) > 1e-4*float64(k) {
		t.Errorf("objective %g, sum of eigenvalues %g", trace, sum)
	}
}

// A coordinate that nothing uses has V = L = 0: it must not look smooth.
func TestUnusedCoordinateIsNotTaken(t *testing.T) {
	v, l := pencil(40, 3)
	for i := range 40 {
		for _, m := range []linalg.Matrix{v, l} {
			m.Data[7*40+i], m.Data[i*40+7] = 0, 0
		}
	}
	for name, solve := range solvers {
		_, err := solve(context.Background(), copyOf(v), copyOf(l), Search{K: 5, Seed: 1})
		var singular *SingularError
		if !errors.As(err, &singular) || singular.Row != 7 || !singular.Empty {
			t.Fatalf("%s without a ridge: %v, want coordinate 7 named as empty", name, err)
		}
		s, err := solve(context.Background(), copyOf(v), copyOf(l), Search{K: 5, Ridge: 1e-6, Seed: 1})
		if err != nil {
			t.Fatal(name, err)
		}
		for j := range 5 {
			if w := math.Abs(float64(s.Vectors.At(j, 7))); w > 1 {
				t.Errorf("%s: vector %d has weight %g on a coordinate that nothing uses", name, j, w)
			}
		}
	}
}

// What a ridge that matters does to the subspace must not show in PVPᵀ = I and
// the objective, and coordinates that only the ridge determines are refused.
func TestRidgeIsTakenOut(t *testing.T) {
	const n, k = 60, 12
	v, l := pencil(n, 4)
	for i := range n { // the second half hardly occurs
		for j := range n {
			scale := float32(1)
			if i >= n/2 {
				scale *= 0.02
			}
			if j >= n/2 {
				scale *= 0.02
			}
			v.Data[i*n+j] *= scale
			l.Data[i*n+j] *= scale
		}
	}
	s, err := Smallest(context.Background(), copyOf(v), copyOf(l), Search{K: k, Ridge: 1e-3, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	p := float64s(s.Vectors)
	isDiagonal(t, "PVPᵀ", formOf(p, sym(v)), ones, 2e-4)
	isDiagonal(t, "PLPᵀ", formOf(p, sym(l)), func(i int) float64 { return s.Values[i] }, 2e-4)
	for i := range n {
		for j := range n {
			if i >= n/2 || j >= n/2 {
				v.Data[i*n+j], l.Data[i*n+j] = 0, 0
			}
		}
	}
	if _, err := Smallest(context.Background(), v, l, Search{K: n, Ridge: 1e-3, Seed: 1}); err == nil {
		t.Error("as many coordinates as atoms, half of which are never used: no error")
	}
}

func TestSmallestErrors(t *testing.T) {
	v, l := pencil(10, 1)
	if _, err := Smallest(context.Background(), copyOf(v), copyOf(l), Search{K: 11, Seed: 1}); err == nil {
		t.Error("11 vectors of a problem of size 10: no error")
	}
	if _, err := Smallest(context.Background(), linalg.New(10, 10), copyOf(l), Search{K: 3, Seed: 1}); err == nil {
		t.Error("V = 0: no error")
	}
	bad := copyOf(v)
	bad.Data[0] = float32(math.NaN())
	if _, err := Smallest(context.Background(), bad, l, Search{K: 3, Seed: 1}); err == nil {
		t.Error("NaN in V: no error")
	}
	big, bigL := pencil(300, 1)
	bad = copyOf(bigL)
	bad.Data[7], bad.Data[7*300] = float32(math.NaN()), float32(math.NaN())
	if _, err := Smallest(context.Background(), copyOf(big), bad, Search{K: 10, Ridge: 1e-6, Seed: 1}); err == nil {
		t.Error("NaN in L: no error")
	}
	done, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Smallest(done, big, bigL, Search{K: 10, Ridge: 1e-6, Seed: 1}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

// With the values of another part beside, those of both are the smallest of all.
func TestSmallestBeside(t *testing.T) {
	v, l := pencil(80, 5)
	want := oracle(t, v, l)
	for name, solve := range solvers {
		for _, beside := range [][]float64{nil, {-1}, {want[3] + 1e-3, want[10] + 1e-3, 9}, {-4, -3, -2, -1}, slices.Repeat([]float64{9}, 30)} {
			const k = 4
			s, err := solve(context.Background(), copyOf(v), copyOf(l), Search{K: k, Beside: beside, Seed: 1})
			if err != nil {
				t.Fatal(name, err)
			}
			all := append(slices.Clone(beside), want...)
			slices.Sort(all)
			n := 0
			for _, x := range want {
				if x <= all[k-1] {
					n++
				}
			}
			if n = max(1, n); len(s.Values) != n || s.Vectors.Rows != n {
				t.Errorf("%s beside %v: %d values, want %d", name, beside, len(s.Values), n)
			}
			for i, x := range s.Values {
				if math.Abs(x-want[i]) > 1e-3 {
					t.Errorf("%s beside %v: value %d is %g, want %g", name, beside, i, x, want[i])
				}
			}
		}
	}
}
