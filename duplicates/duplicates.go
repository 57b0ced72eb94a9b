package duplicates

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/sparse-manifold/smt/embedding"
	"github.com/sparse-manifold/smt/graph"
	"github.com/sparse-manifold/smt/internal/linalg"
	"github.com/sparse-manifold/smt/internal/plural"
)

// Member is an item of a group.
type Member struct {
	Item   int
	Cosine float64 // to the centre; of the centre 1
	Margin float64 // of this cosine; of the centre 0
	Flip   bool    // whether it is the item's flip that is so near
	// Agreement is that of its picture and the centre's, where a second look found it and no margin did, else 0.
	Agreement float64
}

// Find returns the groups of near-duplicates of a set, each with its centre first and the others by their
// margins, nearest first; the groups are in the order of their centres. g is the graph of the set. Two items are
// near-duplicates if the margin of their cosine, or of that of one and the other's flip, is at least the threshold, or
// if they are equal, or if a second look found that their pictures are of one; second is nil without one. A threshold of 0 is none.
//
// The links are those of the graph, which has ten neighbours of an item. Cosines to centres are computed, so that a group
// may be larger. It holds the embeddings of items that are linked together, 4·Dim bytes each.
func Find(ctx context.Context, set embedding.Set, g *graph.Graph, threshold float64, second *Second) ([][]Member, error) {
	if !(threshold >= 0 && threshold <= 1) {
		return nil, fmt.Errorf("duplicates: the threshold is %g: want a margin above 0, up to 1, or 0 for none", threshold)
	}
	if g.Len() != set.Len() {
		return nil, fmt.Errorf("duplicates: a graph of %s and a set of %d: want the graph of the set", plural.Of(g.Len(), "item"), set.Len())
	}
	f := &finder{set, usual(g), threshold, second, make([][]int, g.Len())}
	for i := range f.links {
		for _, n := range g.Near(i) {
			if c := float64(n.Cosine); f.near(c, f.usual.margin(i, n.Index, c), second.agreement(i, n.Index)) {
				f.links[i], f.links[n.Index] = append(f.links[i], n.Index), append(f.links[n.Index], i)
			}
		}
	}
	for i, l := range f.links {
		slices.Sort(l)
		f.links[i] = slices.Compact(l)
	}
	var groups [][]Member
	for _, items := range linked(f.links) {
		stars, err := f.stars(ctx, items)
		if err != nil {
			return nil, fmt.Errorf("duplicates: %w", err)
		}
		groups = append(groups, stars...)
	}
	slices.SortFunc(groups, func(a, b []Member) int { return cmp.Compare(a[0].Item, b[0].Item) })
	return groups, nil
}

// finder is what groups are made of.
type finder struct {
	set       embedding.Set
	usual     nearness
	threshold float64
	second    *Second
	links     [][]int // of each item, to its near-duplicates, sorted
}

// near says whether two items are near-duplicates, of their cosine, margin and agreement.
func (f *finder) near(cosine, margin, agreement float64) bool {
	return cosine >= graph.Equal || agreement > 0 || f.threshold > 0 && margin >= f.threshold
}

// linked are the items that links lead to from each other, sorted, where there are two or more.
func linked(links [][]int) [][]int {
	var all [][]int
	seen := make([]bool, len(links))
	for first := range links {
		if seen[first] || len(links[first]) == 0 {
			continue
		}
		seen[first] = true
		items := []int{first}
		for at := 0; at < len(items); at++ {
			for _, j := range links[items[at]] {
				if !seen[j] {
					seen[j] = true
					items = append(items, j)
				}
			}
		}
		slices.Sort(items)
		all = append(all, items)
	}
	return all
}

// stars divides linked items into groups about centres.
func (f *finder) stars(ctx context.Context, items []int) ([][]Member, error) {
	rows, err := unit(ctx, f.set, items)
	if err != nil {
		return nil, err
	}
	order := make([]int, len(items)) // that centres are taken in
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(len(f.links[items[b]]), len(f.links[items[a]])) })
	var groups [][]Member
	taken := make([]bool, len(items))
	for _, c := range order {
		if taken[c] {
			continue
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		group := []Member{{Item: items[c], Cosine: 1}}
		for i := range items {
			if i == c || taken[i] {
				continue
			}
			m := compare(rows.Row(c), rows.Row(i), f.set.Even())
			m.Item, m.Margin = items[i], max(0, f.usual.margin(items[c], items[i], m.Cosine)) // below 0 of equal ones, by rounding, and of crops
			if !f.near(m.Cosine, m.Margin, 0) {
				m.Agreement = f.second.agreement(items[c], items[i])
			}
			if f.near(m.Cosine, m.Margin, m.Agreement) {
				group, taken[i] = append(group, m), true
			}
		}
		if len(group) > 1 {
			taken[c] = true
			slices.SortStableFunc(group[1:], func(a, b Member) int { return cmp.Compare(b.Margin, a.Margin) })
			groups = append(groups, group)
		}
	}
	return groups, nil
}

// unit are the rows of some items, of length 1.
func unit(ctx context.Context, set embedding.Set, items []int) (linalg.Matrix, error) {
	rows, at := linalg.New(len(items), set.Dim()), 0
	for block, err := range set.Pick(items).Blocks(ctx, embedding.BlockRows(embedding.Block, set.Dim())) {
		if err != nil {
			return rows, err
		}
		for ; len(block) > 0; block = block[set.Dim():] {
			copy(rows.Row(at), block[:set.Dim()])
			linalg.Unit(rows.Row(at))
			at++
		}
	}
	return rows, nil
}

// compare has the cosine of two unit vectors or, if that is larger, of one and the flip of the other. even is -1 where
// flips cannot be told.
func compare(a, b []float32, even int) Member {
	if even < 0 {
		return Member{Cosine: linalg.Dot(a, b)}
	}
	same, other := linalg.Dot(a[:even], b[:even]), linalg.Dot(a[even:], b[even:])
	return Member{Cosine: same + max(other, -other), Flip: other < 0}
}
