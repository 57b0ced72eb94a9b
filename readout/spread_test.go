package readout

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"

	"github.com/sparse-manifold/smt/graph"
)

func TestSpreadAgreesWithItsDefinition(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		n := rapid.IntRange(5, 80).Draw(rt, "items")
		classes := rapid.IntRange(2, 5).Draw(rt, "classes")
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 1))
		h, labels := clusters(rng, n, 12, 8, classes, 1)
		for i := range labels {
			if rng.IntN(3) > 0 {
				labels[i] = -1
			}
		}
		alpha := rapid.SampledFrom([]float32{0.3, 0.9}).Draw(rt, "alpha")
		g, err := graph.New(t.Context(), h, 4, nil)
		if err != nil {
			rt.Fatal(err)
		}
		got, err := Spread(t.Context(), g, labels, classes, alpha)
		if err != nil {
			rt.Fatal(err)
		}
		s, y := mat.NewDense(n, n, nil), mat.NewDense(n, classes, nil)
		for i := range n {
			items, weights := g.Edges(i)
			for e, j := range items {
				s.Set(i, int(j), float64(weights[e])/math.Sqrt(g.Degree(i)*g.Degree(int(j))))
			}
			if labels[i] >= 0 {
				y.Set(i, labels[i], 1)
			}
		}
		f := mat.DenseCopyOf(y)
		for range 30 {
			var next, own mat.Dense
			next.Mul(s, f)
			next.Scale(float64(alpha), &next)
			own.Scale(1-float64(alpha), y)
			next.Add(&next, &own)
			f.Copy(&next)
		}
		for c := range classes {
			if sum := mat.Sum(f.ColView(c)); sum > 0 {
				for i := range n {
					f.Set(i, c, f.At(i, c)/sum)
				}
			}
		}
		for i := range n {
			sum := mat.Sum(f.RowView(i))
			for c := range classes {
				want := 0.0
				if sum > 0 {
					want = f.At(i, c) / sum
				}
				if v := float64(got[i*classes+c]); math.Abs(v-want) > 1e-4 {
					rt.Fatalf("item %d, class %d: %g, want %g", i, c, v, want)
				}
			}
		}
	})
}
