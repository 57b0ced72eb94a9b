package spectral

import (
	"errors"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"
)

// TestInSpan holds the combinations against the definition: orthonormal under V, and diagonal under L, with sorted
// values.
func TestInSpan(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		k := rapid.IntRange(1, 12).Draw(t, "k")
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		v, l := positive(k, rng), positive(k, rng)
		values, weights, err := InSpan(v.RawMatrix().Data, l.RawMatrix().Data, k)
		if err != nil {
			t.Fatal(err)
		}
		w := mat.NewDense(k, k, weights)
		eye, diagonal := mat.NewDense(k, k, nil), mat.NewDense(k, k, nil)
		for i, x := range values {
			eye.Set(i, i, 1)
			diagonal.Set(i, i, x)
			if i > 0 && x < values[i-1] {
				t.Errorf("values %v, want them sorted", values)
			}
		}
		if f := formOf(w, v); !mat.EqualApprox(f, eye, 1e-9) {
			t.Errorf("under V %v, want 1", mat.Formatted(f))
		}
		if f := formOf(w, l); !mat.EqualApprox(f, diagonal, 1e-8) {
			t.Errorf("under L %v, want %v", mat.Formatted(f), values)
		}
	})
}

// positive is a random matrix whose eigenvalues are 0.1 at least.
func positive(k int, rng *rand.Rand) *mat.Dense {
	x := mat.NewDense(k, k, nil)
	for i := range k {
		for j := range k {
			x.Set(i, j, rng.NormFloat64())
		}
	}
	var p mat.Dense
	p.Mul(x, x.T())
	for i := range k {
		p.Set(i, i, p.At(i, i)+0.1)
	}
	return &p
}

func TestInSpanOfDependent(t *testing.T) {
	same := []float64{1, 1, 1, 1}
	if _, _, err := InSpan(same, same, 2); !errors.Is(err, ErrDependent) {
		t.Errorf("the same form twice: %v, want %v", err, ErrDependent)
	}
}
