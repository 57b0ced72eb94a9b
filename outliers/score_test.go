package outliers

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/sparse-manifold/smt/embedding"
	"github.com/sparse-manifold/smt/graph"
)

// held is a set in memory.
type held struct{ embedding.Vectors }

// Items far from a crowd come first, and their score is the definition's.
func TestScores(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	h := held{embedding.Vectors{Width: 20, EvenWidth: -1}}
	for i := range 300 {
		x := make([]float32, 20)
		for j := range x {
			x[j] = float32(0.3 * rng.NormFloat64())
		}
		if i%60 != 7 {
			x[0] += 2.5 // the crowd
		}
		h.Rows = append(h.Rows, x)
	}
	g, err := graph.New(context.Background(), h, graph.Nearest, nil)
	if err != nil {
		t.Fatal(err)
	}
	scores := Scores(g)
	for k, s := range scores {
		if odd := s.Item%60 == 7; odd != (k < 5) || odd && s.Deviations < Odd {
			t.Errorf("item %d is number %d, %.2f deviations from the others", s.Item, k, s.Deviations)
		}
		var sum float64
		for _, n := range g.Near(s.Item) {
			sum += float64(n.Cosine)
		}
		if want := 1 - sum/graph.Nearest; math.Abs(s.Distance-want) > 1e-9 {
			t.Errorf("item %d has the distance %g, want %g", s.Item, s.Distance, want)
		}
	}
}

func TestDeviations(t *testing.T) {
	// The median is 3, distances to it are 2, 1, 0, 1, 97, and theirs 1.
	got := deviations([]float64{1, 2, 3, 4, 100})
	for i, want := range []float64{-2 / normal, -1 / normal, 0, 1 / normal, 97 / normal} {
		if math.Abs(got[i]-want) > 1e-12 {
			t.Errorf("deviation %d is %g, want %g", i, got[i], want)
		}
	}
	for _, d := range deviations([]float64{5, 5, 5, 9}) {
		if d != 0 {
			t.Errorf("of values without spread %g, want 0", d)
		}
	}
	if m := median([]float64{4, 1, 3, 2}); m != 2.5 {
		t.Errorf("median %g, want 2.5", m)
	}
}
