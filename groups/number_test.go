package groups

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/sparse-manifold/smt/graph"
	"github.com/sparse-manifold/smt/internal/linalg"
)

// Modularity is that of its definition over all pairs of items: (1/w) Σ (w_ij − d_i·d_j/w) of the pairs in one group.
func TestModularity(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		n := rapid.IntRange(1, 20).Draw(t, "items")
		weights := make([][]float64, n)
		for i := range weights {
			weights[i] = make([]float64, n)
		}
		for i := range n {
			for j := range i {
				if rng.IntN(3) == 0 {
					w := float64(1+rng.IntN(8)) / 8 // exact in float32
					weights[i][j], weights[j][i] = w, w
				}
			}
		}
		l := links{Sparse: linalg.Sparse{Start: []int{0}}}
		degrees, of, all := make([]float64, n), make([]int, n), 0.0
		for i, row := range weights {
			for j, w := range row {
				if w > 0 {
					l.Column, l.Value = append(l.Column, uint32(j)), append(l.Value, float32(w))
				}
				degrees[i] += w
			}
			l.Start, all, of[i] = append(l.Start, len(l.Column)), all+degrees[i], rng.IntN(4)
		}
		want := 0.0
		for i := range n {
			for j := range n {
				if of[i] == of[j] && all > 0 {
					want += (weights[i][j] - degrees[i]*degrees[j]/all) / all
				}
			}
		}
		if got := l.modularity(of); math.Abs(got-want) > 1e-12 {
			t.Fatalf("modularity %g, want %g", got, want)
		}
		if got := l.modularity(make([]int, n)); math.Abs(got) > 1e-12 {
			t.Fatalf("of one group modularity is %g, want 0", got)
		}
	})
}

// Without a number, each from 2 on is tried, the best counts, and the groups are those of that number.
func TestCandidates(t *testing.T) {
	h, _ := clustered(rand.New(rand.NewPCG(6, 1)), []int{40, 40, 40, 40}, 6)
	g := graphOf(t, h)
	found, err := Find(context.Background(), g, 0, 1, nil)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[int]bool{}
	for i, c := range found.Candidates {
		if seen[c.Groups] = true; c.Groups < 2 || c.Groups > mostGroups || i > 0 && c.Modularity > found.Candidates[i-1].Modularity {
			t.Errorf("candidate %d is %+v", i, c)
		}
	}
	if len(seen) != mostGroups-1 {
		t.Errorf("%d numbers are tried: want each from 2 to %d", len(seen), mostGroups)
	}
	given, err := Find(context.Background(), g, found.Candidates[0].Groups, 1, nil)
	if err != nil {
		t.Fatal(err)
	}
	if Agree(found.Of, given.Of) != (Agreement{1, 1, 1}) || math.Abs(found.Modularity-given.Modularity) > 1e-9 || given.Candidates != nil {
		t.Errorf("%d groups, chosen, are not those that are given", found.Candidates[0].Groups)
	}
}

// Equal items are in one group, which is all there is where no other item is.
func TestEqualItemsAreOneGroup(t *testing.T) {
	for _, c := range []struct{ equal, others int }{{30, 0}, {2, 0}, {30, 40}, {30, 1}} {
		rng := rand.New(rand.NewPCG(7, 1))
		h, _ := clustered(rng, []int{1, max(1, c.others)}, 12)
		first := h.Rows[0]
		h.Rows = h.Rows[1 : 1+c.others]
		for range c.equal {
			h.Rows = append(h.Rows, slices.Clone(first))
		}
		g := graphOf(t, h)
		found, err := Find(context.Background(), g, 0, 1, nil)
		if err != nil {
			t.Fatalf("%+v: %v", c, err)
		}
		own := found.Of[len(found.Of)-1]
		for i, group := range found.Of[c.others:] {
			if group != own {
				t.Errorf("%+v: equal item %d is in group %d, the last one in %d", c, i, group, own)
			}
		}
		if (len(found.Members) == 1) != (c.others == 0) {
			t.Errorf("%+v: %d groups", c, len(found.Members))
		}
		if _, err := Find(context.Background(), g, min(c.others+2, g.Len()), 1, nil); err == nil {
			t.Errorf("%+v: more groups than items that differ are taken", c)
		}
	}
}

// Items that differ by less than rounding are one, by the links of the graph, and no others are.
func TestDifferent(t *testing.T) {
	h, _ := clustered(rand.New(rand.NewPCG(8, 1)), []int{5, 6}, 10)
	h.Rows = append(h.Rows, slices.Clone(h.Rows[3]), slices.Clone(h.Rows[0]), slices.Clone(h.Rows[3]))
	g, err := graph.New(context.Background(), h, graph.Nearest, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := different(g), []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 3, 0, 3}; !slices.Equal(got, want) {
		t.Errorf("rows %v, want %v", got, want)
	}
}
