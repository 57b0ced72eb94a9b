package graph

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"

	"github.com/sparse-manifold/smt/embedding"
	"github.com/sparse-manifold/smt/knn"
)

// held is a set in memory.
type held struct{ embedding.Vectors }

// drawn is random items, some of which are zero, twice there, or each other's flips.
func drawn(t *rapid.T) held {
	dim := rapid.SampledFrom([]int{2, 5, 33}).Draw(t, "dim")
	h := held{embedding.Vectors{Width: dim, EvenWidth: rapid.IntRange(-1, dim).Draw(t, "even")}}
	n := rapid.IntRange(2, 60).Draw(t, "items")
	rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
	for i := range n {
		x := make([]float32, dim)
		switch kind := rng.IntN(20); {
		case kind == 0: // zero
		case kind == 1 && i > 0:
			copy(x, h.Rows[rng.IntN(i)])
		case kind == 2 && i > 0 && h.EvenWidth >= 0:
			copy(x, h.Rows[rng.IntN(i)])
			for j := h.EvenWidth; j < dim; j++ {
				x[j] = -x[j]
			}
		default:
			for j := range x {
				x[j] = float32(rng.NormFloat64()) + 0.5
			}
		}
		h.Rows = append(h.Rows, x)
	}
	return h
}

// cosine is the definition, in float64: of a and b, or of a and the flip of b.
func (h held) cosine(a, b int, flip bool) float64 {
	var ab, aa, bb float64
	for j, v := range h.Rows[a] {
		x, y := float64(v), float64(h.Rows[b][j])
		aa, bb = aa+x*x, bb+y*y
		if flip && j >= h.EvenWidth {
			y = -y
		}
		ab += x * y
	}
	if aa == 0 || bb == 0 {
		return 0
	}
	return ab / math.Sqrt(aa*bb)
}

// nearer is the larger of both cosines.
func (h held) nearer(a, b int) float64 {
	if h.EvenWidth < 0 {
		return h.cosine(a, b, false)
	}
	return max(h.cosine(a, b, false), h.cosine(a, b, true))
}

// slowHubness is the definition, in float64, for a sample of all items.
func (h held) slowHubness(b int) float64 {
	var all []float64
	for s := range h.Rows {
		if s == b {
			continue
		}
		all = append(all, h.cosine(b, s, false))
		if h.EvenWidth >= 0 && h.EvenWidth < h.Width {
			all = append(all, h.cosine(b, s, true))
		}
	}
	slices.Sort(all)
	slices.Reverse(all)
	var sum float64
	for _, c := range all[:min(10, len(all))] {
		sum += c
	}
	return sum / float64(min(10, len(all)))
}

// float32 sums of products of unit vectors
const tolerance = 3e-6

func TestGraphAgreesWithItsDefinition(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		h := drawn(rt)
		n := h.Len()
		k := rapid.IntRange(1, 12).Draw(rt, "k")
		g, err := New(t.Context(), h, k, nil)
		if err != nil {
			rt.Fatal(err)
		}
		k = min(k, n-1)
		a := mat.NewDense(n, n, nil)
		for i := range n {
			if got, want := g.Hubness(i), h.slowHubness(i); math.Abs(got-want) > tolerance {
				rt.Fatalf("item %d: hubness %g, want %g", i, got, want)
			}
			var scores []float64
			for j := range n {
				if j != i {
					scores = append(scores, h.nearer(i, j)-0.7*h.slowHubness(j))
				}
			}
			slices.Sort(scores)
			slices.Reverse(scores)
			near, seen := g.Near(i), map[int]bool{i: true}
			if len(near) != k {
				rt.Fatalf("item %d: %d neighbours, want %d", i, len(near), k)
			}
			for r, v := range near {
				if seen[v.Index] {
					rt.Fatalf("item %d: neighbour %d is the item, or is there twice", i, v.Index)
				}
				seen[v.Index] = true
				want := h.nearer(i, v.Index)
				if math.Abs(float64(v.Cosine)-want) > tolerance || math.Abs(h.cosine(i, v.Index, v.Flip)-want) > tolerance {
					rt.Fatalf("item %d: %+v, want the cosine %g", i, v, want)
				}
				if got := want - 0.7*h.slowHubness(v.Index); math.Abs(got-scores[r]) > tolerance {
					rt.Fatalf("item %d, rank %d: %d has the score %g, want %g", i, r, v.Index, got, scores[r])
				}
				a.Set(i, v.Index, math.Pow(max(0, want), 3))
			}
		}
		checkMatrix(rt, g, a)
		// An item that is not of the bank, against all of it.
		query := rapid.IntRange(0, n-1).Draw(rt, "query")
		all, err := Hubness(t.Context(), h, h.Pick([]int{query}), nil)
		if err != nil {
			rt.Fatal(err)
		}
		more := held{embedding.Vectors{Rows: append(slices.Clone(h.Rows), h.Rows[query]), Width: h.Width, EvenWidth: h.EvenWidth}}
		if want := more.slowHubness(n); math.Abs(float64(all[0])-want) > tolerance {
			rt.Fatalf("query %d: hubness %g, want %g", query, all[0], want)
		}
	})
}

// checkMatrix compares W and S with those that A makes.
func checkMatrix(rt *rapid.T, g *Graph, a *mat.Dense) {
	n := g.Len()
	var w mat.Dense
	w.Add(a, a.T())
	w.Scale(0.5, &w)
	got := mat.NewDense(n, n, nil)
	degrees := make([]float64, n)
	for i := range n {
		items, weights := g.Edges(i)
		if !slices.IsSorted(items) {
			rt.Fatalf("item %d: edges to %v: want increasing items", i, items)
		}
		for e, j := range items {
			got.Set(i, int(j), float64(weights[e]))
		}
		for j := range n {
			degrees[i] += w.At(i, j)
		}
		if math.Abs(g.Degree(i)-degrees[i]) > 1e-4 {
			rt.Fatalf("item %d: degree %g, want %g", i, g.Degree(i), degrees[i])
		}
	}
	if !mat.EqualApprox(got, &w, 1e-5) || !mat.Equal(got, got.T()) {
		rt.Fatalf("W is\n%v\nwant\n%v", mat.Formatted(got), mat.Formatted(&w))
	}
	const columns = 3
	x, y := make([]float32, n*columns), make([]float32, n*columns)
	for i := range x {
		x[i], y[i] = float32(i%7)-3, 9
	}
	g.Times(y, x, columns)
	for i := range n {
		for c := range columns {
			var want float64
			for j := range n {
				if got.At(i, j) > 0 {
					want += got.At(i, j) / math.Sqrt(degrees[i]*degrees[j]) * float64(x[j*columns+c])
				}
			}
			if math.Abs(float64(y[i*columns+c])-want) > 1e-4 {
				rt.Fatalf("row %d of Sx is %g in column %d, want %g", i, y[i*columns+c], c, want)
			}
		}
	}
}

// More items than are searched at a time give the same graph.
func TestGraphOfManyBlocks(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 5))
	h := held{embedding.Vectors{Width: 20, EvenWidth: 12}}
	for range 1500 {
		x := make([]float32, h.Width)
		for j := range x {
			x[j] = float32(rng.NormFloat64())
		}
		h.Rows = append(h.Rows, x)
	}
	stages := map[string]int{}
	g, err := New(t.Context(), h, Nearest, func(stage string, done, total int) { stages[stage] = done })
	if err != nil {
		t.Fatal(err)
	}
	if stages["neighbours"] != 1500 || stages["hubs"] != 1500 {
		t.Errorf("stages came to %v, want 1500 of hubs and neighbours", stages)
	}
	parts, err := newGraph(t.Context(), searching{h, split(h), 700, func(string, int, int) {}}, Nearest)
	if err != nil {
		t.Fatal(err)
	}
	for i := range h.Rows {
		for r, v := range g.Near(i) {
			// float32 sums in another order, by which nearly equal ones may change places
			if w := parts.Near(i)[r]; w.Index != v.Index && math.Abs(float64(w.Cosine-v.Cosine)) > tolerance {
				t.Fatalf("item %d, rank %d: %+v of all at once, %+v of some at a time", i, r, v, w)
			}
		}
	}
	for _, i := range []int{0, 383, 384, 1499} {
		best := knn.Neighbour{Index: -1}
		top := -1.0
		for j := range h.Rows {
			if s := h.nearer(i, j) - 0.7*g.Hubness(j); j != i && s > top {
				top, best = s, knn.Neighbour{Index: j}
			}
		}
		if got := g.Near(i)[0]; got.Index != best.Index {
			t.Errorf("item %d: nearest is %d, want %d", i, got.Index, best.Index)
		}
	}
}

func TestNewRefuses(t *testing.T) {
	h := held{embedding.Vectors{Rows: [][]float32{{1, 0}, {0, 1}}, Width: 2, EvenWidth: -1}}
	if _, err := New(t.Context(), h, 0, nil); err == nil || !strings.Contains(err.Error(), "want at least 2 items and 1 neighbour") {
		t.Errorf("0 neighbours: error %v", err)
	}
	if _, err := New(t.Context(), h.Pick([]int{0}), 1, nil); err == nil || !strings.Contains(err.Error(), "1 item,") {
		t.Errorf("1 item: error %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := New(ctx, h, 1, nil); err == nil || !strings.Contains(err.Error(), "canceled") {
		t.Errorf("canceled: error %v", err)
	}
}
