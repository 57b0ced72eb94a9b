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

// slowKernel is K of a and b by its definition, in float64. Cosines below a cut, if there is one, are those of nothing, others count from it. near says that one
// is so near to the cut that float32 may find it on the other side.
func slowKernel(a, b []float32, even int, cut, ga, gb float64) (k float64, near bool) {
	var plain, flipped float64
	for j, v := range a {
		p := float64(v) * float64(b[j])
		plain += p
		if j >= even {
			p = -p
		}
		flipped += p
	}
	cosines := []float64{plain}
	if even >= 0 {
		cosines = append(cosines, flipped)
	}
	for _, c := range cosines {
		if cut == 0 || c >= cut {
			k += math.Expm1(min(c-cut, 0.2) / 0.07)
		}
		near = near || cut > 0 && math.Abs(c-cut) < 1e-6
	}
	return ga * gb * k, near
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
			for _, cut := range []float32{0, 0.03, 0.2} {
				rng := rand.New(rand.NewPCG(uint64(n), uint64(even+1)))
				h, _ := clusters(rng, size, 20, even, 3, 2)
				g := randomWeights(rng, size)
				k, err := newKernel(t.Context(), h, g, cut, quiet)
				if err != nil {
					t.Fatal(err)
				}
				checkKernel(t, k, h, g)
			}
		}
	}
}

func randomWeights(rng *rand.Rand, n int) []float32 {
	g := make([]float32, n)
	for i := range g {
		g[i] = 0.5 + rng.Float32()
	}
	return g
}

// checkKernel compares all values with the definition, and what is kept with what is not zero.
func checkKernel(t *testing.T, k *kernel, h held, g []float32) {
	t.Helper()
	m := dense(t, k)
	kept, unsure := 0, 0
	for i := range k.n {
		for j := range i {
			want, near := slowKernel(h.Rows[i], h.Rows[j], h.EvenWidth, float64(k.cut), float64(g[i]), float64(g[j]))
			if near {
				unsure += 2
				continue
			}
			if want != 0 {
				kept++
				if i/side == j/side {
					kept++ // on both sides of the diagonal
				}
			}
			// half a unit of 11 bits, and what is between values of the table
			if got := m.At(i, j); math.Abs(got-want) > math.Abs(want)/2000+2e-4 {
				t.Fatalf("%d items, %d even, cut %g: K at %d, %d is %g, want %g", k.n, h.EvenWidth, k.cut, i, j, got, want)
			}
		}
		if m.At(i, i) != 0 {
			t.Fatalf("K at %d, %d is %g, want 0", i, i, m.At(i, i))
		}
	}
	got := -countsSize * whole(k.n) * (whole(k.n) + 1) / 2
	for _, row := range k.tiles {
		for _, tile := range row {
			got += len(tile)
		}
	}
	if k.cut > 0 && (got < 3*(kept-unsure) || got > 3*(kept+unsure)) {
		t.Fatalf("%d items, cut %g: %d bytes of values, want 3 for each of %d", k.n, k.cut, got, kept)
	}
}

// What a tile is encoded to is decoded to the same halves, whatever is zero in it.
func TestTile(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 2))
		share := rapid.SampledFrom([]float64{0, 0.001, 0.1, 0.9, 1}).Draw(rt, "share")
		values := make([]float32, side*side)
		n := 0
		for i := range values {
			if rng.Float64() < share {
				values[i] = float32(rng.IntN(2047)-1023) / 64 // a half has it
				if values[i] != 0 {
					n++
				}
			}
		}
		got, kept := randomWeights(rng, side*side), make([]float32, side*side)
		for _, cut := range []bool{false, true} {
			tile := encode(values, cut)
			if cut && len(tile) != 512+3*n {
				rt.Fatalf("%d bytes of %d values", len(tile), n)
			}
			if decode(got, kept, tile, cut); !slices.Equal(got, values) {
				rt.Fatalf("cut %v: other values", cut)
			}
		}
	})
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
	for at, size := range []int{40, 2*side + 77, 40, 2*side + 77} {
		rng := rand.New(rand.NewPCG(uint64(size), 3))
		h, labels := clusters(rng, size, 30, 20, 4, 2)
		k, err := newKernel(t.Context(), h, randomWeights(rng, size), []float32{0, 0, 0.1, 0.1}[at], quiet)
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
		left := [][]int{{3, 17, size - 1}, {0, 18}}
		y := linalg.New(size, 12)
		for i, c := range labels {
			y.Row(i)[c], y.Row(i)[4+c], y.Row(i)[8+c] = 1, 1, 1
		}
		center(y)
		s, err := k.solve(t.Context(), mu, y, left, 4, quiet)
		if err != nil {
			t.Fatal(err)
		}
		checkSolution(t, m, mu, y, s.a, left)
		if _, err := k.solve(t.Context(), -0.9*math.Abs(values[0]), y, nil, 12, quiet); err == nil || !strings.Contains(err.Error(), "not positive definite") {
			t.Errorf("%d items: a μ that is too small: error %v", size, err)
		}
	}
}

// checkSolution compares with the solution of gonum, of all rows and of those that are not left out.
func checkSolution(t *testing.T, m *mat.SymDense, mu float64, y, a linalg.Matrix, left [][]int) {
	for part := range 1 + len(left) {
		var kept []int
		for i := range y.Rows {
			if part == 0 || !slices.Contains(left[part-1], i) {
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
				right.Set(p, c, float64(y.At(i, part*4+c)))
			}
		}
		var want mat.Dense
		if err := want.Solve(k, right); err != nil {
			t.Fatal(err)
		}
		found := mat.NewDense(len(kept), 4, nil)
		for p, i := range kept {
			for c := range 4 {
				found.Set(p, c, float64(a.At(i, part*4+c)))
			}
		}
		var rest mat.Dense
		rest.Mul(k, found)
		rest.Sub(&rest, right)
		for c := range 4 {
			if r, size := mat.Norm(rest.ColView(c), 2), mat.Norm(right.ColView(c), 2); r > 1.01*enough*size {
				t.Fatalf("part %d: column %d has a residual of %g of %g", part, c, r, size)
			}
		}
		at := 0
		for i := range y.Rows {
			for c := range 4 {
				w := 0.0
				if at < len(kept) && kept[at] == i {
					w = want.At(at, c)
				}
				// a residual of a hundredth, most of which is along the largest eigenvectors
				if got := float64(a.At(i, part*4+c)); math.Abs(got-w) > 0.05*mat.Max(&want) {
					t.Fatalf("part %d: A at %d, %d is %g, want %g", part, i, c, got, w)
				}
			}
			if at < len(kept) && kept[at] == i {
				at++
			}
		}
	}
}
