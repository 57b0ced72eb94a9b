package readout

import (
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

// The factor that is found is the likeliest of many.
func TestSharpness(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 9))
	z, labels := make([][]float64, 200), make([]int, 200)
	for i := range z {
		z[i], labels[i] = []float64{rng.NormFloat64(), rng.NormFloat64(), rng.NormFloat64()}, rng.IntN(3)
		z[i][labels[i]] += 1
	}
	loss := func(by float64) (sum float64) {
		for i, v := range z {
			for c, p := range softmax(v, by) {
				times := 1. / 3
				if c == labels[i] {
					times += 200
				}
				sum -= times / 201 * math.Log(p)
			}
		}
		return sum
	}
	got := sharpness(len(z), func(i int) ([]float64, int) { return z[i], labels[i] })
	for _, by := range []float64{0.5, 0.9, 0.99, 1.01, 1.1, 2} {
		if loss(got*by) <= loss(got) {
			t.Errorf("a factor of %g is likelier than %g", got*by, got)
		}
	}
}

// A few items that are all right do not make what is said of others certain.
func TestSharpnessOfFewItems(t *testing.T) {
	z := []float64{2, 1, 1, 1}
	by := sharpness(6, func(int) ([]float64, int) { return z, 0 })
	if got := softmax(z, by)[0]; math.Abs(got-6.25/7) > 1e-6 {
		t.Errorf("probability %g after six right answers of four classes, want 6 1/4 of 7", got)
	}
}

// Whatever the sharpness, probabilities are of all classes together 1, and their order is that of the scores.
func TestProbabilitiesKeepTheOrder(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		power := rapid.Bool().Draw(rt, "power")
		least := -4.
		if power {
			least = 0
		}
		z := rapid.SliceOfN(rapid.Float64Range(least, 1), 2, 12).Draw(rt, "z")
		s := scale{1, 1, math.Pow(10, rapid.Float64Range(-3, 3).Draw(rt, "sharpness")), power}
		p := s.probabilities(z)
		var sum float64
		for a := range z {
			sum += p[a]
			for b := range z {
				if z[a] > z[b] && p[a] < p[b] {
					rt.Fatalf("scores %g and %g have the probabilities %g and %g", z[a], z[b], p[a], p[b])
				}
			}
			want := 0.
			for b := range z {
				if power {
					want += math.Pow((z[b]+0.01)/(z[a]+0.01), s.Sharpness)
				} else {
					want += math.Exp(s.Sharpness * (z[b] - z[a]))
				}
			}
			if math.Abs(p[a]-1/want) > 1e-9 {
				rt.Fatalf("score %g of %v: probability %g, want %g", z[a], z, p[a], 1/want)
			}
		}
		if math.Abs(sum-1) > 1e-9 {
			rt.Fatalf("probabilities add up to %g", sum)
		}
	})
}
