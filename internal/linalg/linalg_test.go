package linalg

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"

	"github.com/sparse-manifold/smt/internal/simd"
)

func random(rng *rand.Rand, rows, cols int) Matrix {
	m := New(rows, cols)
	for i := range m.Data {
		m.Data[i] = float32(rng.NormFloat64())
	}
	return m
}

// dense is the float64 copy the oracles work on.
func dense(m Matrix) *mat.Dense {
	d := mat.NewDense(m.Rows, m.Cols, nil)
	for i := range m.Rows {
		for j := range m.Cols {
			d.Set(i, j, float64(m.At(i, j)))
		}
	}
	return d
}

func TestUnit(t *testing.T) {
	x := []float32{3, 0, -4}
	Unit(x)
	if want := []float32{0.6, 0, -0.8}; !slices.Equal(x, want) {
		t.Errorf("unit vector %v, want %v", x, want)
	}
	zero := make([]float32, 3)
	if Unit(zero); !slices.Equal(zero, make([]float32, 3)) {
		t.Errorf("zero became %v", zero)
	}
	long := []float32{1e30, 1e30} // squares that a float32 cannot hold
	if Unit(long); long[0] != float32(math.Sqrt(0.5)) || long[0] != long[1] {
		t.Errorf("unit vector %v, want both √½", long)
	}
}

func TestAddMulAgreesWithFloat64(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m, n, k := rapid.IntRange(1, 150).Draw(t, "m"), rapid.IntRange(1, 150).Draw(t, "n"), rapid.IntRange(1, 800).Draw(t, "k")
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		a, b, c := random(rng, m, k), random(rng, k, n), random(rng, m, n)
		if rapid.Bool().Draw(t, "a transposed") {
			a = random(rng, k, m).T()
		}
		if rapid.Bool().Draw(t, "b transposed") {
			b = random(rng, n, k).T()
		}
		var want mat.Dense
		want.Mul(dense(a), dense(b))
		want.Scale(-0.5, &want)
		want.Add(&want, dense(c))
		low := clone(c)
		AddMul(c, -0.5, a, b)
		if err := AddMulLower(context.Background(), low, -0.5, a, b); err != nil {
			t.Fatal(err)
		}
		// k terms of size 1 in float32: the error grows as √k · 2⁻²⁴ · √k.
		tolerance := 1e-6 * float64(k+10)
		for i := range m {
			for j := range n {
				if d := math.Abs(float64(c.At(i, j)) - want.At(i, j)); d > tolerance {
					t.Fatalf("c[%d,%d] is off by %g", i, j, d)
				}
				if j <= i && low.At(i, j) != c.At(i, j) {
					t.Fatalf("lower product differs at [%d,%d]", i, j)
				}
			}
		}
	})
}

func TestFactorAndSolve(t *testing.T) {
	for _, n := range []int{1, 2, 127, 128, 129, 300, 515} {
		rng := rand.New(rand.NewPCG(uint64(n), 1))
		x := random(rng, n, n+20)
		a := New(n, n)
		AddMul(a, 1/float32(n), x, x.T())
		full := dense(a)
		f, err := Factor(context.Background(), a)
		if err != nil {
			t.Fatal(n, err)
		}
		c := mat.NewDense(n, n, nil)
		for i := range n {
			for j := 0; j <= i; j++ {
				c.Set(i, j, float64(a.At(i, j)))
			}
		}
		var back mat.Dense
		back.Mul(c, c.T())
		back.Sub(&back, full)
		if d := mat.Max(&back); d > 1e-4 {
			t.Errorf("n %d: CCᵀ is off by %g", n, d)
		}
		rhs := random(rng, n, 7)
		for _, transposed := range []bool{false, true} {
			got := clone(rhs)
			var m mat.Matrix = c
			if transposed {
				m = c.T()
				rows := New(got.Cols, got.Rows)
				for i := range got.Rows {
					for j := range got.Cols {
						rows.Row(j)[i] = got.At(i, j)
					}
				}
				if err := f.SolveRows(context.Background(), rows); err != nil {
					t.Fatal(err)
				}
				got = rows.T()
			} else {
				f.Solve(got)
			}
			var residual mat.Dense
			residual.Mul(m, dense(got))
			residual.Sub(&residual, dense(rhs))
			if d := mat.Norm(&residual, 2) / mat.Norm(dense(rhs), 2); d > 1e-3 {
				t.Errorf("n %d transposed %v: residual %g", n, transposed, d)
			}
		}
	}
}

func TestFactorRefusesSingular(t *testing.T) {
	for _, bad := range []int{0, 5, 200} {
		a := New(300, 300)
		for i := range 300 {
			a.Data[i*300+i] = 1
		}
		a.Data[bad*300+bad] = -1
		_, err := Factor(context.Background(), a)
		var np *NotPositiveError
		if !errors.As(err, &np) || np.Row != bad {
			t.Errorf("pivot %d: got %v", bad, err)
		}
	}
}

func TestResultsDoNotDependOnWorkers(t *testing.T) {
	run := func(workers int) []float32 {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(workers))
		rng := rand.New(rand.NewPCG(3, 3))
		x := random(rng, 333, 900)
		a := New(333, 333)
		AddMul(a, 1, x, x.T())
		f, err := Factor(context.Background(), a)
		if err != nil {
			t.Fatal(err)
		}
		y := random(rng, 333, 50)
		f.Solve(y)
		return append(y.Data, a.Data...)
	}
	if !slices.Equal(run(1), run(3)) {
		t.Error("1 and 3 workers disagree")
	}
}

// Rows so long that they are multiplied in parts.
func TestBundleOfLongRows(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 9))
	m := random(rng, 100, 9000+24)
	m.Cols = 9000
	x, y := NewBundle(m.Cols), NewBundle(m.Rows)
	values := random(rng, simd.Bundle, m.Cols)
	for v := range simd.Bundle {
		x.Set(v, values.Row(v))
	}
	m.Times(x, y)
	var want mat.Dense
	want.Mul(dense(values), dense(m).T())
	row := make([]float32, m.Rows)
	for v := range simd.Bundle {
		y.Get(v, row)
		for i, got := range row {
			if d := math.Abs(float64(got) - want.At(v, i)); d > 1e-3 {
				t.Errorf("value %d of vector %d is off by %g", i, v, d)
			}
		}
	}
}

// Bundles of vectors lead to what the definition says: Cx and Cᵀx are the right
// side again, in float64.
func TestBundles(t *testing.T) {
	for _, n := range []int{1, 31, 128, 129, 300, 700} {
		rng := rand.New(rand.NewPCG(uint64(n), 8))
		x := random(rng, n, 2*n)
		stride := padTo(n)
		a := New(n, stride).Block(0, n, 0, n)
		AddMul(a, 1/float32(n), x, x.T())
		full := dense(a)
		padded := New(n, stride).Block(0, n, 0, n)
		for i := range n {
			copy(padded.Row(i), a.Row(i))
		}
		f, err := Factor(context.Background(), a)
		if err != nil {
			t.Fatal(err)
		}
		c := mat.NewDense(n, n, nil) // the lower triangle alone
		for i := range n {
			for j := range i + 1 {
				c.Set(i, j, float64(a.At(i, j)))
			}
		}
		var inverse, inverseT mat.Dense
		if inverse.Inverse(c) != nil || inverseT.Inverse(c.T()) != nil {
			t.Fatal("the oracle finds C singular")
		}
		product := NewBundle(n)
		for name, solver := range map[string]struct {
			apply  func(x Bundle) Bundle
			oracle mat.Matrix
		}{
			"SolveBundle":  {func(x Bundle) Bundle { f.SolveBundle(x); return x }, &inverse},
			"SolveBundleT": {func(x Bundle) Bundle { f.SolveBundleT(x); return x }, &inverseT},
			"Times":        {func(x Bundle) Bundle { padded.Times(x, product); return product }, full},
		} {
			rhs, bundle := random(rng, simd.Bundle, n), NewBundle(n)
			for v := range rhs.Rows {
				bundle.Set(v, rhs.Row(v))
			}
			got := solver.apply(bundle)
			for i, z := range got.Data {
				if place := i/(16*simd.Bundle)*16 + i%16; place >= n && z != 0 {
					t.Fatalf("%s of %d: a value behind the last is %g", name, n, z)
				}
			}
			var want mat.Dense
			want.Mul(dense(rhs), solver.oracle.T())
			row := make([]float32, n)
			for v := range rhs.Rows {
				got.Get(v, row)
				for i, y := range row {
					if d := math.Abs(float64(y) - want.At(v, i)); d > 1e-3*math.Sqrt(float64(n)) {
						t.Errorf("%s of %d: value %d of vector %d is off by %g", name, n, i, v, d)
					}
				}
			}
		}
	}
}
