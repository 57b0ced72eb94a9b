package duplicates

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

// held is a set in memory.
type held struct{ embedding.Vectors }

// scattered are n random items.
func scattered(rng *rand.Rand, n, dim, even int) held {
	h := held{embedding.Vectors{Width: dim, EvenWidth: even}}
	for range n {
		x := make([]float32, dim)
		for j := range x {
			x[j] = float32(rng.NormFloat64())
		}
		h.Rows = append(h.Rows, x)
	}
	return h
}

// copied adds a copy of item i with so much noise, flipped or not.
func (h *held) copied(rng *rand.Rand, i int, noise float64, flip bool) {
	x := slices.Clone(h.Rows[i])
	for j := range x {
		x[j] += float32(noise * rng.NormFloat64())
		if flip && j >= h.EvenWidth {
			x[j] = -x[j]
		}
	}
	h.Rows = append(h.Rows, x)
}

func graphOf(t interface{ Fatal(...any) }, h held) *graph.Graph {
	g, err := graph.New(context.Background(), h, graph.Nearest, nil)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// cosine is the definition, in float64: of a and b, or of a and the flip of b.
func (h held) cosine(a, b int) (cosine float64, flip bool) {
	var same, other, aa, bb float64
	for j := range h.Rows[a] {
		x, y := float64(h.Rows[a][j]), float64(h.Rows[b][j])
		if h.EvenWidth >= 0 && j >= h.EvenWidth {
			other += x * y
		} else {
			same += x * y
		}
		aa, bb = aa+x*x, bb+y*y
	}
	return (same + math.Abs(other)) / math.Sqrt(aa*bb), other < 0
}

// Copies come out as groups, flipped ones too, and nothing else does; many copies of one item do not hide each other.
func TestCopiesAreFound(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	h := scattered(rng, 600, 64, 40)
	group := map[int]int{} // of each copy, its original
	for i := range 40 {
		h.copied(rng, i, 0.4, i%3 == 0)
		group[h.Len()-1] = i
	}
	for range 14 { // more than a graph has neighbours of an item
		h.copied(rng, 50, 0.2, false)
		group[h.Len()-1] = 50
	}
	g := graphOf(t, h)
	threshold, found := Threshold(g)
	if !found {
		t.Fatal("no threshold")
	}
	groups, err := Find(context.Background(), h, g, threshold, nil)
	if err != nil {
		t.Fatal(err)
	}
	original := func(i int) int {
		if of, copied := group[i]; copied {
			return of
		}
		return i
	}
	right := 0
	for _, members := range groups {
		for _, m := range members {
			if original(m.Item) != original(members[0].Item) {
				t.Errorf("items %d and %d are in a group", m.Item, members[0].Item)
			}
			if want := m.Item != members[0].Item && max(m.Item, members[0].Item) >= 600 && original(m.Item)%3 == 0 && original(m.Item) < 40; m.Flip != want {
				t.Errorf("item %d: flip %v, want %v", m.Item, m.Flip, want)
			}
		}
		right += len(members) - 1
	}
	if right != len(group) {
		t.Errorf("%d copies found at %.3f, want %d", right, threshold, len(group))
	}
}

func TestNoCopies(t *testing.T) {
	h := scattered(rand.New(rand.NewPCG(2, 1)), 600, 64, -1)
	if threshold, found := Threshold(graphOf(t, h)); found {
		t.Errorf("threshold %g among random items", threshold)
	}
	few := scattered(rand.New(rand.NewPCG(2, 1)), 8, 64, -1)
	if threshold, found := Threshold(graphOf(t, few)); found {
		t.Errorf("threshold %g among eight items", threshold)
	}
}

// chance is how often the largest of three, exponentially above a base, reaches a threshold.
func TestChance(t *testing.T) {
	p := top{base: 0.2, spread: 0.05}
	rng := rand.New(rand.NewPCG(3, 1))
	for _, at := range []float64{0.1, 0.2, 0.25, 0.3, 0.4} {
		const draws = 200000
		n := 0
		for range draws {
			if p.base+p.spread*max(rng.ExpFloat64(), rng.ExpFloat64(), rng.ExpFloat64()) >= at {
				n++
			}
		}
		if got, want := p.chance(at), float64(n)/draws; math.Abs(got-want) > 0.006 { // five standard errors
			t.Errorf("at %g: %g, drawn %g", at, got, want)
		}
	}
	if got := (top{base: 0.2}).chance(0.3); got != 0 {
		t.Errorf("without spread: %g", got)
	}
}

// Every member reaches the threshold with its centre, or equals it, by the definition, and no item that does so is left out; groups have no
// item in common.
func TestGroupsAreStars(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		h := scattered(rng, rapid.IntRange(2, 30).Draw(t, "items"), 9, rapid.IntRange(-1, 9).Draw(t, "even"))
		for range rapid.IntRange(0, 30).Draw(t, "copies") { // of copies too: chains
			h.copied(rng, rng.IntN(h.Len()), 0.3*float64(rng.IntN(2)), h.EvenWidth >= 0 && rng.IntN(2) == 0)
		}
		g := graphOf(t, h)
		threshold := rapid.Float64Range(0.01, 0.5).Draw(t, "threshold")
		groups, err := Find(context.Background(), h, g, threshold, nil)
		if err != nil {
			t.Fatal(err)
		}
		usual := usual(g)
		margin := func(a, b int) float64 { c, _ := h.cosine(a, b); return usual.margin(a, b, c) }
		const slack = 1e-5 // of float32
		in := map[int]bool{}
		for _, members := range groups {
			if len(members) < 2 {
				t.Fatalf("a group of %d", len(members))
			}
			for k, m := range members {
				if in[m.Item] {
					t.Fatalf("item %d is in two groups", m.Item)
				}
				in[m.Item] = true
				if k == 0 {
					continue
				}
				cosine, _ := h.cosine(members[0].Item, m.Item)
				if want := margin(members[0].Item, m.Item); want < threshold-slack && cosine < graph.Equal-slack || math.Abs(m.Margin-want) > slack {
					t.Fatalf("item %d has margin %g in its group, by the definition %g, threshold %g", m.Item, m.Margin, want, threshold)
				}
				if k > 1 && m.Margin > members[k-1].Margin {
					t.Fatal("members are not in order")
				}
			}
		}
		for i := range g.Len() {
			for _, n := range g.Near(i) { // what the graph links
				for _, members := range groups {
					if members[0].Item == n.Index && !in[i] && margin(i, n.Index) > threshold+slack {
						t.Fatalf("item %d is in no group, and has margin %g with the centre %d", i, margin(i, n.Index), n.Index)
					}
				}
			}
		}
	})
}

func TestRefused(t *testing.T) {
	h := scattered(rand.New(rand.NewPCG(4, 1)), 20, 8, -1)
	g := graphOf(t, h)
	for _, threshold := range []float64{-0.1, 1.5, math.NaN()} {
		if _, err := Find(context.Background(), h, g, threshold, nil); err == nil {
			t.Errorf("threshold %g is taken", threshold)
		}
	}
	if _, err := Find(context.Background(), h.Pick([]int{1, 2}), g, 0.1, nil); err == nil {
		t.Error("another set than the graph's is taken")
	}
	h.copied(rand.New(rand.NewPCG(4, 2)), 0, 0.01, false)
	ctx, cancel := context.WithCancel(context.Background())
	g = graphOf(t, h)
	cancel()
	if _, err := Find(ctx, h, g, 0.1, nil); err == nil {
		t.Error("it goes on after its context")
	}
}
