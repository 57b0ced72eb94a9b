package spectral

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"
)

func randomBand(n, width int, rng *rand.Rand) *band {
	t := &band{width: width}
	for i := range n {
		t.grow()
		for j := max(0, i-width); j <= i; j++ {
			*t.at(i, j) = rng.NormFloat64()
		}
	}
	return t
}

// dense is the oracle's copy of t.
func denseBand(t *band) *mat.SymDense {
	s := mat.NewSymDense(t.n(), nil)
	for i := range t.n() {
		for j := max(0, i-t.width); j <= i; j++ {
			s.SetSym(i, j, *t.at(i, j))
		}
	}
	return s
}

// bands are matrices of all kinds: with what they test by name.
func bands() map[string]*band {
	all := map[string]*band{}
	for _, width := range []int{1, 2, 3, 8} {
		for _, n := range []int{1, 2, 3, 5, 9, 10, 17, 60} {
			all[fmt.Sprintf("random %d of width %d", n, width)] = randomBand(n, width, rand.New(rand.NewPCG(uint64(n), uint64(width))))
		}
	}
	identity, falls := &band{width: 3}, randomBand(40, 4, rand.New(rand.NewPCG(1, 1)))
	for i := range 20 {
		identity.grow()
		*identity.at(i, i) = 1
	}
	for j := 16; j < 20; j++ { // two problems that are the same
		for i := 20; i <= j+4; i++ {
			*falls.at(i, j) = 0
		}
	}
	for i := range 20 {
		for j := max(0, i-4); j <= i; j++ {
			*falls.at(i+20, j+20) = *falls.at(i, j)
		}
	}
	all["the identity"], all["zero"], all["every eigenvalue twice"] = identity, &band{width: 2, rows: make([]float64, 3*9)}, falls
	return all
}

func TestBand(t *testing.T) {
	for name, b := range bands() {
		n := b.n()
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
		z := b.eigenvectors(values)
		x := mat.NewDense(n, n, nil)
		for i := range n {
			for j := range n {
				x.Set(i, j, float64(z.At(i, j)))
			}
		}
		var gram, tx mat.Dense
		gram.Mul(x, x.T())
		tx.Mul(x, full)
		for i := range n {
			for j := range n {
				want := 0.0
				if i == j {
					want = 1
				}
				// Vectors are rounded to float32.
				if d := math.Abs(gram.At(i, j) - want); d > 1e-6 {
					t.Fatalf("%s: the product of vectors %d and %d is off by %g", name, i, j, d)
				}
				if d := math.Abs(tx.At(i, j) - values[i]*x.At(i, j)); d > 1e-5 {
					t.Fatalf("%s: vector %d is no eigenvector: off by %g", name, i, d)
				}
			}
		}
	}
}
