package embedding

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/sparse-manifold/smt/internal/linalg"
)

// uneven are unit vectors with a mean, and variances that differ between directions
// that are no coordinate's.
func uneven(rng *rand.Rand, n, dim, even int) held {
	h := random(rng, n, dim, even)
	for _, x := range h.Rows {
		mix := func(x []float32) {
			for j := range x {
				x[j] *= float32(math.Pow(0.95, float64(j)))
			}
			for j := 1; j < len(x); j++ {
				x[j] += 0.3 * x[j-1]
			}
			if len(x) > 0 {
				x[0] += 0.1
			}
		}
		if even < 0 {
			mix(x)
		} else {
			mix(x[:even])
			mix(x[even:])
		}
		linalg.Unit(x)
	}
	return h
}

// whitenedCosine is the definition, in float64: of all rows and, where they can be
// told, their flips, the n principal components of the largest variance λ, each over
// λ^(Power/2). It returns the cosine of two rows.
func whitenedCosine(h held, n int) func(a, b []float32) float64 {
	all := h.Rows
	if h.EvenWidth >= 0 {
		for _, x := range h.Rows {
			all = append(all, flipped(x, h.EvenWidth))
		}
	}
	x := mat.NewDense(len(all), h.Width, nil)
	mean := make([]float64, h.Width)
	for i, row := range all {
		for j, v := range row {
			x.Set(i, j, float64(v))
			mean[j] += float64(v) / float64(len(all))
		}
	}
	x.Apply(func(_, j int, v float64) float64 { return v - mean[j] }, x)
	cov := mat.NewSymDense(h.Width, nil)
	cov.SymOuterK(1/float64(len(all)), x.T())
	var e mat.EigenSym
	if !e.Factorize(cov, true) {
		panic("the oracle did not converge")
	}
	var u mat.Dense
	e.VectorsTo(&u)
	type component struct {
		value float64
		at    int
	}
	var components []component
	for i, v := range e.Values(nil) {
		components = append(components, component{v, i})
	}
	slices.SortFunc(components, func(a, b component) int { return cmp.Compare(b.value, a.value) })
	project := func(row []float32) []float64 {
		y := make([]float64, n)
		for k, c := range components[:n] {
			for j, v := range row {
				y[k] += (float64(v) - mean[j]) * u.At(j, c.at)
			}
			y[k] *= math.Pow(c.value, -Power/2)
		}
		return y
	}
	return func(a, b []float32) float64 {
		var ab, aa, bb float64
		x, y := project(a), project(b)
		for k := range x {
			ab, aa, bb = ab+x[k]*y[k], aa+x[k]*x[k], bb+y[k]*y[k]
		}
		return ab / math.Sqrt(aa*bb)
	}
}

func TestComponentsAgreeWithTheirDefinition(t *testing.T) {
	for _, c := range []struct{ rows, dim, even, n int }{
		{60, 20, 12, 9}, {60, 20, -1, 9}, {50, 7, 7, 7}, {90, 30, 14, 1}, {40, 12, 0, 5}, {300, 64, 40, 45}, {50, 64, 40, 20},
		{800, 40, 22, 17}, // too many rows for a dense eigendecomposition
	} {
		t.Run(fmt.Sprint(c), func(t *testing.T) {
			h := uneven(rand.New(rand.NewPCG(uint64(c.rows), uint64(c.n))), c.rows, c.dim, c.even)
			w, err := NewComponents(t.Context(), h, c.n, Power, 1)
			if err != nil {
				t.Fatal(err)
			}
			s := w.Of(h)
			if s.Dim() != c.n || s.Len() != c.rows {
				t.Fatalf("%d rows of %d values, want %d of %d", s.Len(), s.Dim(), c.rows, c.n)
			}
			want := whitenedCosine(h, c.n)
			got := values(t, s, 17)
			for i := range 30 {
				for j := range i + 1 {
					a, b := got[i*c.n:(i+1)*c.n], got[j*c.n:(j+1)*c.n]
					// float32 sums, components of a variance of 1e-4 of the largest divided by it
					if g, w := dot(a, b), want(h.Rows[i], h.Rows[j]); math.Abs(g-w) > 2e-3 {
						t.Fatalf("cosine of %d and %d is %g, want %g", i, j, g, w)
					}
					if c.even < 0 {
						continue
					}
					g, w := dot(a, flipped(b, s.Even())), want(h.Rows[i], flipped(h.Rows[j], c.even))
					if math.Abs(g-w) > 2e-3 {
						t.Fatalf("cosine of %d and the flip of %d is %g, want %g", i, j, g, w)
					}
				}
			}
		})
	}
}

// A picked row is the row, and blocks do not matter.
func TestWhitenedPick(t *testing.T) {
	h := uneven(rand.New(rand.NewPCG(1, 2)), 40, 16, 9)
	w, err := NewComponents(t.Context(), h, 6, Power, 1)
	if err != nil {
		t.Fatal(err)
	}
	all, rows := values(t, w.Of(h), 7), []int{5, 39, 5, 0}
	for i, v := range values(t, w.Of(h).Pick(rows), 3) {
		if want := all[rows[i/6]*6+i%6]; math.Abs(float64(v-want)) > 1e-6 {
			t.Fatalf("value %d of row %d is %g, want %g", i%6, rows[i/6], v, want)
		}
	}
}

// A digest tells whitenings apart that differ in one value, and no others.
func TestWhiteningDigest(t *testing.T) {
	h := uneven(rand.New(rand.NewPCG(1, 2)), 60, 12, 6)
	whitening := func(n int) *Components {
		w, err := NewComponents(t.Context(), h, n, Power, 1)
		if err != nil {
			t.Fatal(err)
		}
		return w
	}
	first := whitening(5)
	if first.Digest() != whitening(5).Digest() {
		t.Error("the same whitening has two digests")
	}
	if n := first.Of(h).Dim(); first.Dim() != n {
		t.Errorf("%d components, and rows of %d values", first.Dim(), n)
	}
	seen := map[string]string{first.Digest(): "the first"}
	other := map[string]*Components{"fewer components": whitening(4)}
	for what, change := range map[string]func(c *Components){
		"its mean":            func(c *Components) { c.mean[3] = math.Nextafter32(c.mean[3], 9) },
		"an odd component":    func(c *Components) { c.parts[1].rows.Row(0)[2] += 1e-6 },
		"the even values":     func(c *Components) { c.even++ },
		"where a part begins": func(c *Components) { c.parts[1].from++ },
	} {
		w := whitening(5)
		change(w)
		other[what] = w
	}
	for what, w := range other {
		if former, is := seen[w.Digest()]; is {
			t.Errorf("%s and %s have one digest", what, former)
		}
		seen[w.Digest()] = what
	}
}

func TestComponentsErrors(t *testing.T) {
	h := uneven(rand.New(rand.NewPCG(1, 3)), 10, 16, 9)
	for n, want := range map[int]string{0: "0 components of 10 rows", 11: "want 1 to 10", -1: "want 1 to 10"} {
		if _, err := NewComponents(t.Context(), h, n, Power, 1); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%d components: error %v, want %q in it", n, err, want)
		}
	}
}

// Unit vectors that are all the same have no components.
func TestComponentsOfNothing(t *testing.T) {
	h := uneven(rand.New(rand.NewPCG(4, 2)), 40, 16, -1)
	for i := range h.Rows {
		copy(h.Rows[i], h.Rows[0])
	}
	if _, err := NewComponents(t.Context(), h, 7, Power, 1); err == nil || !strings.Contains(err.Error(), "do not vary") {
		t.Errorf("error %v, want one that says that they do not vary", err)
	}
}
