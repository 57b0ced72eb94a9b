package outliers

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/sparse-manifold/smt/embedding"
	"github.com/sparse-manifold/smt/graph"
)

// Sets are those of the definition: at each margin, largest first, the items that links of at least so much lead to from each other; and
// the last such piece of an item that is no larger than a small set may be.
func TestSmallByDefinition(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		n, most := rapid.IntRange(2, 60).Draw(t, "items"), rapid.IntRange(1, 12).Draw(t, "most")
		h := held{embedding.Vectors{Width: 5, EvenWidth: -1}}
		for range n {
			x := make([]float32, 5)
			for j := range x {
				x[j] = float32(rng.NormFloat64())
			}
			h.Rows = append(h.Rows, x)
		}
		g, err := graph.New(context.Background(), h, rapid.IntRange(1, 4).Draw(t, "neighbours"), nil)
		if err != nil {
			t.Fatal(err)
		}
		margin := func(i, e int) float64 {
			v := g.Near(i)[e]
			return float64(v.Cosine) - (g.Hubness(i)+g.Hubness(v.Index))/2
		}
		var margins []float64
		for i := range n {
			for e := range g.Near(i) {
				margins = append(margins, margin(i, e))
			}
		}
		slices.Sort(margins)
		margins = slices.Compact(margins)
		slices.Reverse(margins)
		piece := func(of int, least float64) []int { // by repeated passes over all links
			in := map[int]bool{of: true}
			for grown := true; grown; {
				grown = false
				for i := range n {
					for e, v := range g.Near(i) {
						if margin(i, e) >= least && in[i] != in[v.Index] {
							in[i], in[v.Index], grown = true, true, true
						}
					}
				}
			}
			var items []int
			for i := range in {
				items = append(items, i)
			}
			slices.Sort(items)
			return items
		}
		got := map[int]Set{}
		for _, s := range small(g, most) {
			for _, i := range s.Items {
				if _, twice := got[i]; twice {
					t.Fatalf("item %d is in two sets", i)
				}
				got[i] = s
			}
		}
		for i := range n {
			want := Set{Items: []int{i}}
			for _, m := range margins {
				items := piece(i, m)
				if len(items) > most {
					want.Linked, want.Margin = true, m
					break
				}
				want.Items = items
			}
			s, found := got[i]
			if small := len(want.Items) <= most; found != small {
				t.Fatalf("item %d: a set %v, want one %v", i, found, small)
			}
			if found && (!slices.Equal(s.Items, want.Items) || s.Linked != want.Linked || math.Abs(s.Margin-want.Margin) > 1e-9) {
				t.Fatalf("item %d is in %+v, want %+v", i, s, want)
			}
		}
	})
}

// A dozen items of one kind beside a crowd are the first small set. The crowd is none, and a pair is none.
func TestSets(t *testing.T) {
	for _, apart := range []float64{2, 20} { // linked to the crowd, and not
		rng := rand.New(rand.NewPCG(3, 1))
		h := held{embedding.Vectors{Width: 30, EvenWidth: -1}}
		kind := func(items, axis int, far float64) {
			for range items {
				x := make([]float32, 30)
				for j := range x {
					x[j] = float32(0.5 * rng.NormFloat64())
				}
				x[axis] += float32(far)
				h.Rows = append(h.Rows, x)
			}
		}
		kind(300, 0, 2)
		kind(12, 1, apart)
		kind(2, 2, 20)
		g, err := graph.New(context.Background(), h, graph.Nearest, nil)
		if err != nil {
			t.Fatal(err)
		}
		sets := Sets(g)
		if len(sets) == 0 || sets[0].Linked != (apart == 2) || sets[0].Items[0] != 300 || sets[0].Items[len(sets[0].Items)-1] != 311 || len(sets[0].Items) != 12 {
			t.Errorf("%g apart: sets %+v, want the items from 300 to 311 first", apart, sets)
		}
		for _, s := range sets {
			if len(s.Items) < leastSet || len(s.Items) > mostSet || s.Items[len(s.Items)-1] > 311 || s.Linked && s.Deviations < Odd {
				t.Errorf("%g apart: set %+v", apart, s)
			}
		}
	}
}
