package spectral

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/sparse-manifold/smt/internal/linalg"
)

func TestLargestAgreesWithDense(t *testing.T) {
	for _, c := range []struct{ n, rank, k, beside int }{
		{1, 6, 1, 0}, {40, 45, 5, 0}, {40, 45, 40, 0}, {100, 110, 20, 7}, {300, 310, 30, 0}, {700, 705, 30, 12},
		{300, 20, 15, 0}, {300, 20, 25, 0}, // more is wanted than there is
	} {
		t.Run(fmt.Sprint(c), func(t *testing.T) {
			rng := rand.New(rand.NewPCG(uint64(c.n), 4))
			x := linalg.New(c.n, c.rank)
			for i := range x.Data {
				x.Data[i] = float32(rng.NormFloat64() * math.Pow(0.99, float64(i%x.Cols)))
			}
			a := linalg.New(c.n, c.n)
			linalg.AddMul(a, 1/float32(c.n), x, x.T())
			values, _, err := eigen(a)
			if err != nil {
				t.Fatal(err)
			}
			var beside []float64 // between the values
			for i := range c.beside {
				beside = append(beside, values[c.n-1-2*i]*(1-1e-3))
			}
			all := slices.Sorted(slices.Values(append(slices.Clone(values), beside...)))
			least, want := all[len(all)-c.k], 0
			for _, v := range values {
				if v >= least {
					want++
				}
			}
			got, err := Largest(t.Context(), copyOf(a), c.k, beside, 1)
			if err != nil {
				t.Fatal(err)
			}
			if k := len(got.Values); k != want {
				t.Fatalf("%d values are among the %d largest, want %d", k, c.k, want)
			}
			for i, v := range got.Values {
				if want := values[c.n-1-i]; math.Abs(v-want) > 1e-3*values[c.n-1] {
					t.Errorf("value %d is %g, want %g", i, v, want)
				}
			}
			u := float64s(got.Vectors)
			isDiagonal(t, "UUᵀ", formOf(u, nil), ones, 1e-4)
			isDiagonal(t, "UAUᵀ", formOf(u, sym(a)), func(i int) float64 { return got.Values[i] }, 1e-3*values[c.n-1])
		})
	}
}

func TestLargestErrors(t *testing.T) {
	for _, k := range []int{0, 6} {
		if _, err := Largest(t.Context(), linalg.New(5, 5), k, nil, 1); err == nil {
			t.Errorf("%d of 5 eigenvectors: no error", k)
		}
	}
}
