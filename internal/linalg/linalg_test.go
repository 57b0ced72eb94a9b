package linalg

import (
	"errors"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"
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
		AddMulLower(low, -0.5, a, b)
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
		f, err := Factor(a)
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
				f.SolveT(got)
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
		_, err := Factor(a)
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
		f, err := Factor(a)
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

// One vector at a time leads to what the definition says: Cx and Cᵀx are the right
// side again, in float64.
func TestVectors(t *testing.T) {
	for _, n := range []int{1, 31, 128, 129, 300} {
		rng := rand.New(rand.NewPCG(uint64(n), 8))
		x := random(rng, n, 2*n)
		stride := (n + 31) / 32 * 32
		a := New(n, stride).Block(0, n, 0, n)
		AddMul(a, 1/float32(n), x, x.T())
		f, err := Factor(a)
		if err != nil {
			t.Fatal(err)
		}
		c := mat.NewDense(n, n, nil) // the lower triangle alone
		for i := range n {
			for j := range i + 1 {
				c.Set(i, j, float64(a.At(i, j)))
			}
		}
		v := f.Vectors()
		for name, solve := range map[string]struct {
			apply func(x []float32)
			of    mat.Matrix
		}{"Solve": {v.Solve, c}, "SolveT": {v.SolveT, c.T()}} {
			y := make([]float32, stride)
			want := mat.NewVecDense(n, nil)
			for i := range n {
				y[i] = float32(rng.NormFloat64())
				want.SetVec(i, float64(y[i]))
			}
			solve.apply(y)
			for i, z := range y[n:] {
				if z != 0 {
					t.Errorf("%s of %d: value %d behind the last is %g", name, n, i, z)
				}
			}
			solution := mat.NewVecDense(n, nil)
			for i := range n {
				solution.SetVec(i, float64(y[i]))
			}
			var got mat.VecDense
			got.MulVec(solve.of, solution)
			for i := range n {
				if d := math.Abs(got.AtVec(i) - want.AtVec(i)); d > 1e-3 {
					t.Errorf("%s of %d: value %d is off by %g", name, n, i, d)
				}
			}
		}
	}
}
