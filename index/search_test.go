package index

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/sparse-manifold/smt/internal/linalg"
	"github.com/sparse-manifold/smt/knn"
)

// nearest are all items for a query, nearest first, by the definition in float64: cosines of unit vectors with the
// halves, an item or its flip.
func nearest(x []float32, query []float32, even int) []knn.Neighbour {
	dim := len(query)
	var all []knn.Neighbour
	for i := range len(x) / dim {
		var e, o float64
		for k, v := range x[i*dim : (i+1)*dim] {
			if k < even || even < 0 {
				e += float64(v) * float64(query[k])
			} else {
				o += float64(v) * float64(query[k])
			}
		}
		all = append(all, knn.Neighbour{Index: i, Flip: o < 0, Cosine: float32(e + max(o, -o))})
	}
	slices.SortStableFunc(all, func(a, b knn.Neighbour) int { return cmp.Compare(b.Cosine, a.Cosine) })
	return all
}

// A search finds what the definition finds, but for rounding in float32, and each item once.
func TestSearch(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		dim := rapid.SampledFrom([]int{1, 3, 16, 17, 64, 300}).Draw(rt, "dim")
		even := rapid.IntRange(-1, dim).Draw(rt, "even")
		a := randomPile(rapid.Uint64Range(0, 1<<20).Draw(rt, "seed"), "a", rapid.IntRange(1, 200).Draw(rt, "images"), dim, even)
		b := randomPile(3, "b", rapid.IntRange(1, 100).Draw(rt, "more"), dim, even)
		n, k := rapid.IntRange(1, 9).Draw(rt, "queries"), rapid.IntRange(1, 350).Draw(rt, "k")
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed of queries"), 0))
		queries := make([]float32, n*dim)
		for q := range n {
			query := queries[q*dim : (q+1)*dim]
			if rng.IntN(2) == 0 { // near to an image
				copy(query, a.rows[rng.IntN(a.Len())*dim:])
			}
			for i := range query {
				query[i] += 0.02 * float32(rng.NormFloat64())
			}
			linalg.Unit(query)
		}
		x := open(t, fileOf(t, rapid.IntRange(1, 300).Draw(rt, "block"), a, b))
		found, err := x.Search(t.Context(), queries, k)
		if err != nil {
			rt.Fatal(err)
		}
		rows := stored(slices.Concat(a.rows, b.rows))
		for q := range n {
			want := nearest(rows, queries[q*dim:(q+1)*dim], even)
			if len(found[q]) != min(k, x.Len()) {
				rt.Fatalf("query %d: %d neighbours", q, len(found[q]))
			}
			items := map[int]bool{}
			for i, near := range found[q] {
				const rounding = 2e-6 // of float32
				if d := near.Cosine - want[i].Cosine; d > rounding || d < -rounding {
					rt.Fatalf("query %d: neighbour %d is %v, want %v", q, i, near, want[i])
				}
				at := slices.IndexFunc(want, func(n knn.Neighbour) bool { return n.Index == near.Index })
				if d := near.Cosine - want[at].Cosine; d > rounding || d < -rounding || items[near.Index] {
					rt.Fatalf("query %d: neighbour %d is %v, want %v, once", q, i, near, want[at])
				}
				items[near.Index] = true
			}
		}
	})
}

// A search that reads pieces of a file finds what one in memory finds.
func TestSearchWithoutMap(t *testing.T) {
	p := randomPile(1, "photo", 150, 33, 20)
	path := fileOf(t, 40, p)
	b := contents(t, path)
	from, err := OpenFrom(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	x := open(t, path)
	for range 2 { // parts are held against their sums the first time
		here, err := x.Search(t.Context(), p.rows[:33*5], 7)
		there, errFrom := from.Search(t.Context(), p.rows[:33*5], 7)
		if err != nil || errFrom != nil {
			t.Fatal(err, errFrom)
		}
		for q := range here {
			if !slices.Equal(here[q], there[q]) {
				t.Errorf("query %d: %v and %v", q, here[q], there[q])
			}
		}
	}
}

func TestSearchRefuses(t *testing.T) {
	p := randomPile(1, "photo", 15, 9, 4)
	x := open(t, fileOf(t, 4, p))
	for _, queries := range [][]float32{nil, make([]float32, 8)} {
		if _, err := x.Search(t.Context(), queries, 3); err == nil {
			t.Errorf("%d values of queries are taken", len(queries))
		}
	}
	if _, err := x.Search(t.Context(), p.rows[:9], 0); err == nil {
		t.Error("0 neighbours are taken")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := x.Search(ctx, p.rows[:9], 3); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
