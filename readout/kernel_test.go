package readout

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"

	"github.com/sparse-manifold/smt/internal/linalg"
)

// slowKernel is K of a and b by its definition, in float64.
func slowKernel(a, b []float32, even int, ga, gb float64) float64 {
	var plain, flipped float64
	for j, v := range a {
		p := float64(v) * float64(b[j])
		plain += p
		if j >= even {
			p = -p
		}
		flipped += p
	}
	k := math.Expm1(min(plain, 0.2) / 0.07)
	if even >= 0 {
		k += math.Expm1(min(flipped, 0.2) / 0.07)
	}
	return ga * gb * k
}

// dense is the matrix that a kernel multiplies with.
func dense(t testing.TB, k *kernel) *mat.SymDense {
	x, y := linalg.New(k.n, k.n), linalg.New(k.n, k.n)
	for i := range k.n {
		x.Row(i)[i] = 1
	}
	if err := k.times(t.Context(), y, x); err != nil {
		t.Fatal(err)
	}
	m := mat.NewSymDense(k.n, nil)
	for i := range k.n {
		for j := range i + 1 {
			if y.At(i, j) != y.At(j, i) {
				t.Fatalf("K is not symmetric at %d, %d: %g and %g", i, j, y.At(i, j), y.At(j, i))
			}
			m.SetSym(i, j, float64(y.At(i, j)))
		}
	}
	return m
}

func TestKernelAgreesWithItsDefinition(t *testing.T) {
	for n, size := range sizes {
		for _, even := range []int{-1, 0, 9, 20} {
			rng := rand.New(rand.NewPCG(uint64(n), uint64(even+1)))
			h, _ := clusters(rng, size, 20, even, 3, 2)
			g := make([]float32, size)
			for i := range g {
				g[i] = 0.5 + rng.Float32()
			}
			k, err := newKernel(t.Context(), h, g, quiet)
			if err != nil {
				t.Fatal(err)
			}
			m := dense(t, k)
			for i := range size {
				for j := range i + 1 {
					want := slowKernel(h.Rows[i], h.Rows[j], even, float64(g[i]), float64(g[j]))
					if i == j {
						want = 0
					}
					// half a unit of 11 bits, and what is between values of the table
					if got := m.At(i, j); math.Abs(got-want) > math.Abs(want)/2000+2e-4 {
						t.Fatalf("%d items, %d even: K at %d, %d is %g, want %g", size, even, i, j, got, want)
					}
				}
			}
		}
	}
}

func TestKappa(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		c := rapid.Float32Range(-1.001, 1.001).Draw(rt, "c")
		want := math.Expm1(min(max(-1, float64(c)), 0.2) / 0.07)
		if got := float64(kappa(c)); math.Abs(got-want) > 5e-5 { // 2e-5 of the table, and float32 at 16
			rt.Fatalf("κ(%g) is %g, want %g", c, got, want)
		}
	})
}

func TestSmallestAndSolveAgreeWithDense(t *testing.T) {
	for _, size := range []int{40, 2*side + 77} {
		rng := rand.New(rand.NewPCG(uint64(size), 3))
		h, labels := clusters(rng, size, 30, 20, 4, 2)
		g := make([]float32, size)
		for i := range g {
			g[i] = 0.5 + rng.Float32()
		}
		k, err := newKernel(t.Context(), h, g, quiet)
		if err != nil {
			t.Fatal(err)
		}
		m := dense(t, k)
		var e mat.EigenSym
		if !e.Factorize(m, false) {
			t.Fatal("the oracle did not converge")
		}
		values := e.Values(nil)
		least, err := k.smallest(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if math.Abs(least-values[0]) > 0.02*math.Abs(values[0]) { // Lanczos stops near it, from above
			t.Errorf("%d items: λ_min %g, want %g", size, least, values[0])
		}
		mu := above * math.Abs(least)
		left := []int{3, 17, size - 1}
		y := linalg.New(size, 8)
		for i, c := range labels {
			y.Row(i)[c], y.Row(i)[4+c] = 1, 1
		}
		center(y)
		s, err := k.solve(t.Context(), mu, y, left, 4, quiet)
		if err != nil {
			t.Fatal(err)
		}
		checkSolution(t, m, mu, y, s.a, left)
		if _, err := k.solve(t.Context(), -0.9*math.Abs(values[0]), y, nil, 8, quiet); err == nil || !strings.Contains(err.Error(), "not positive definite") {
			t.Errorf("%d items: a μ that is too small: error %v", size, err)
		}
	}
}

// checkSolution compares with the solution of gonum, of all rows and of those that are not left out.
func checkSolution(t *testing.T, m *mat.SymDense, mu float64, y, a linalg.Matrix, left []int) {
	for half := range 2 {
		var kept []int
		for i := range y.Rows {
			if half == 0 || !slices.Contains(left, i) {
				kept = append(kept, i)
			}
		}
		k, right := mat.NewDense(len(kept), len(kept), nil), mat.NewDense(len(kept), 4, nil)
		for p, i := range kept {
			for q, j := range kept {
				k.Set(p, q, m.At(i, j))
			}
			k.Set(p, p, m.At(i, i)+mu)
			for c := range 4 {
				right.Set(p, c, float64(y.At(i, half*4+c)))
			}
		}
		var want mat.Dense
		if err := want.Solve(k, right); err != nil {
			t.Fatal(err)
		}
		at := 0
		for i := range y.Rows {
			for c := range 4 {
				w := 0.0
				if at < len(kept) && kept[at] == i {
					w = want.At(at, c)
				}
				// a residual of a thousandth, over a condition number of some hundreds
				if got := float64(a.At(i, half*4+c)); math.Abs(got-w) > 0.02*mat.Max(&want) {
					t.Fatalf("half %d: A at %d, %d is %g, want %g", half, i, c, got, w)
				}
			}
			if at < len(kept) && kept[at] == i {
				at++
			}
		}
	}
}
