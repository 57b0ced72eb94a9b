package embedding

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// held is a set in memory.
type held = Vectors

// random are unit vectors.
func random(rng *rand.Rand, n, dim, even int) held {
	h := held{make([][]float32, n), dim, even, nil}
	for i := range h.Rows {
		x := make([]float32, dim)
		var sum float64
		for j := range x {
			x[j] = float32(rng.NormFloat64())
			sum += float64(x[j]) * float64(x[j])
		}
		for j := range x {
			x[j] /= float32(math.Sqrt(sum))
		}
		h.Rows[i] = x
	}
	return h
}

func values(t testing.TB, s Set, n int) []float32 {
	t.Helper()
	var all []float32
	for b, err := range s.Blocks(t.Context(), n) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, b...)
	}
	if len(all) != s.Len()*s.Dim() {
		t.Fatalf("%d values, want %d rows of %d", len(all), s.Len(), s.Dim())
	}
	return all
}

func dot(a, b []float32) (sum float64) {
	for i := range a {
		sum += float64(a[i]) * float64(b[i])
	}
	return sum
}

// flipped is a row's flip.
func flipped(x []float32, even int) []float32 {
	y := slices.Clone(x)
	for i := even; i < len(y); i++ {
		y[i] = -y[i]
	}
	return y
}

// The cosine of joined rows is the weighted mean of the sets' cosines, to an image
// and to its flip.
func TestJoinAveragesCosines(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 0))
		n := rapid.IntRange(1, 20).Draw(rt, "rows")
		var sets []Set
		var weights []float64
		var sum float64
		flips := rapid.Bool().Draw(rt, "flips")
		for range rapid.IntRange(1, 4).Draw(rt, "sets") {
			dim := rapid.IntRange(1, 30).Draw(rt, "dim")
			even := rapid.IntRange(0, dim).Draw(rt, "even")
			if !flips {
				even = -1
			}
			sets = append(sets, random(rng, n, dim, even))
			weights = append(weights, rapid.Float64Range(0.1, 10).Draw(rt, "weight"))
			sum += weights[len(weights)-1]
		}
		joined, err := Join(weights, sets...)
		if err != nil {
			rt.Fatal(err)
		}
		if flips != (joined.Even() >= 0) {
			rt.Fatalf("even is %d", joined.Even())
		}
		pick := make([]int, rapid.IntRange(0, 2*n).Draw(rt, "picked"))
		for i := range pick {
			pick[i] = rng.IntN(n)
		}
		block := rapid.IntRange(1, 2*n).Draw(rt, "block")
		all, picked := values(t, joined, block), values(t, joined.Pick(pick), block)
		for i, p := range pick {
			x, y := picked[i*joined.Dim():(i+1)*joined.Dim()], all[:joined.Dim()]
			var want, wantFlipped float64
			for k, s := range sets {
				h := s.(held)
				want += weights[k] / sum * dot(h.Rows[p], h.Rows[0])
				if flips {
					wantFlipped += weights[k] / sum * dot(h.Rows[p], flipped(h.Rows[0], h.EvenWidth))
				}
			}
			if math.Abs(dot(x, y)-want) > 1e-6 { // float32
				rt.Fatalf("cosine of rows %d and 0 is %g, want %g", p, dot(x, y), want)
			}
			if flips && math.Abs(dot(x, flipped(y, joined.Even()))-wantFlipped) > 1e-6 {
				rt.Fatalf("cosine of row %d and the flip of row 0 is %g, want %g", p, dot(x, flipped(y, joined.Even())), wantFlipped)
			}
		}
	})
}

func TestJoinErrors(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	a, b := random(rng, 3, 4, -1), random(rng, 2, 4, -1)
	for says, err := range map[string]error{
		"0 sets":   second(Join(nil)),
		"2 weight": second(Join([]float64{1, 1}, a)),
		"is 0":     second(Join([]float64{1, 0}, a, a)),
		"is NaN":   second(Join([]float64{math.NaN()}, a)),
		"2 rows":   second(Join([]float64{1, 1}, a, b)),
		`row 2 of set 1 is of "d", that of set 0 of "c"`: second(Join([]float64{1, 1}, held{a.Rows, a.Width, a.EvenWidth, []string{"a", "b", "c"}}, held{a.Rows, a.Width, a.EvenWidth, []string{"a", "b", "d"}})),
	} {
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("error %v, want one that says %q", err, says)
		}
	}
	joined, err := Join([]float64{1, 1}, a, a)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, err := range joined.Blocks(ctx, 1) {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("error %v of a cancelled stream", err)
		}
	}
}

func second[T any](_ T, err error) error { return err }
