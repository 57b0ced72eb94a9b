package spectral

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"
)

// randomBand has elements as far off the diagonal as wide.
func randomBand(n, wide int, rng *rand.Rand) band {
	t := make(band, n)
	for i := range t {
		for d := range min(wide, i) + 1 {
			t[i][d] = rng.NormFloat64()
		}
	}
	return t
}

// denseBand is the oracle's copy of t.
func denseBand(t band) *mat.SymDense {
	s := mat.NewSymDense(len(t), nil)
	for i, row := range t {
		for d, x := range row[:min(width, i)+1] {
			s.SetSym(i, i-d, x)
		}
	}
	return s
}

// bands are matrices of all kinds.
func bands() map[string]band {
	all := map[string]band{"zero": make(band, 9)}
	for _, wide := range []int{0, 1, 2, 7, 8} {
		for _, n := range []int{1, 2, 3, 5, 8, 9, 10, 17, 60} {
			all[fmt.Sprintf("random %d of width %d", n, wide)] = randomBand(n, wide, rand.New(rand.NewPCG(uint64(n), uint64(wide))))
		}
	}
	identity := make(band, 20)
	for i := range identity {
		identity[i][0] = 1
	}
	half := randomBand(25, 4, rand.New(rand.NewPCG(1, 1)))
	all["the identity"], all["every eigenvalue twice"] = identity, append(slices.Clone(half), half...)
	return all
}

func TestBand(t *testing.T) {
	for name, b := range bands() {
		n := len(b)
		values, err := b.eigenvalues()
		if err != nil {
			t.Fatal(name, err)
		}
		full := denseBand(b)
		var e mat.EigenSym
		if !e.Factorize(full, false) {
			t.Fatal(name, "the oracle did not converge")
		}
		for i, want := range e.Values(nil) {
			if d := math.Abs(values[i] - want); d > 1e-12*float64(n) {
				t.Errorf("%s: eigenvalue %d is off by %g", name, i, d)
			}
		}
		x := float64s(b.eigenvectors(values))
		// Vectors are rounded to float32.
		isDiagonal(t, name, formOf(x, nil), ones, 1e-6)
		multiplies(t, x, full, values, 1e-5)
	}
}
