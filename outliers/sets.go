package outliers

import (
	"cmp"
	"slices"

	"github.com/sparse-manifold/smt/graph"
)

// Set is a small set of items that are like each other and unlike the rest.
type Set struct {
	Items []int // in increasing order
	// Linked tells whether an item of the set and one outside are neighbours in the graph.
	Linked bool
	// Margin is the largest of an item of the set with one outside, 0 if none is linked.
	Margin float64
	// Deviations is how far Margin is below that of the median item, in robust standard deviations, 0 if none is linked.
	Deviations float64
}

const (
	// leastSet and mostSet bound the items of a small set. Two may be copies.
	leastSet, mostSet = 3, 40
	// setShare bounds them too: a set is small if it has at most one item in so many.
	setShare = 5
)

// Sets are the small sets of a graph's items, the furthest from the rest first: those that are not linked, and those whose margin is Odd
// deviations below the median or more. The margin of an item, for this, is that of the small set that it is in when this is
// joined to the rest, of which there may be no smaller set than itself.
func Sets(g *graph.Graph) []Set {
	most := min(mostSet, g.Len()/setShare)
	all := small(g, most)
	margins := make([]float64, g.Len())
	for _, s := range all {
		for _, i := range s.Items {
			margins[i] = s.Margin
			if !s.Linked {
				margins[i] = -1 // as little as a cosine can be
			}
		}
	}
	deviations := deviations(margins)
	odd := slices.DeleteFunc(all, func(s Set) bool {
		return len(s.Items) < leastSet || s.Linked && deviations[s.Items[0]] > -Odd
	})
	for i, s := range odd {
		if s.Linked {
			odd[i].Deviations = -deviations[s.Items[0]]
		}
	}
	slices.SortFunc(odd, func(a, b Set) int {
		switch {
		case a.Linked != b.Linked && b.Linked:
			return -1
		case a.Linked != b.Linked:
			return 1
		}
		return cmp.Or(cmp.Compare(b.Deviations, a.Deviations), cmp.Compare(len(b.Items), len(a.Items)), cmp.Compare(a.Items[0], b.Items[0]))
	})
	return odd
}

// link is an edge of the graph.
type link struct {
	a, b   int
	margin float64
}

// small divides all items into sets of at most so many: items are joined by their links, the largest margin first, and a set is one
// when it is first joined to more.
func small(g *graph.Graph, most int) []Set {
	var links []link
	for i := range g.Len() {
		for _, n := range g.Near(i) {
			links = append(links, link{i, n.Index, float64(n.Cosine) - (g.Hubness(i)+g.Hubness(n.Index))/2})
		}
	}
	slices.SortStableFunc(links, func(a, b link) int { return cmp.Compare(b.margin, a.margin) })
	of, items := make([]int, g.Len()), make([][]int, g.Len()) // the piece of each item, and the items of each piece
	for i := range of {
		of[i], items[i] = i, []int{i}
	}
	var all []Set
	for _, l := range links {
		a, b := of[l.a], of[l.b]
		if a == b {
			continue
		}
		if len(items[a]) < len(items[b]) {
			a, b = b, a
		}
		if len(items[a])+len(items[b]) > most {
			for _, piece := range [][]int{items[a], items[b]} {
				if len(piece) <= most {
					all = append(all, Set{Items: slices.Sorted(slices.Values(piece)), Linked: true, Margin: l.margin})
				}
			}
		}
		for _, i := range items[b] {
			of[i] = a
		}
		items[a], items[b] = append(items[a], items[b]...), nil
	}
	for i, piece := range items {
		if of[i] == i && len(piece) <= most && len(piece) > 0 {
			all = append(all, Set{Items: slices.Sorted(slices.Values(piece))})
		}
	}
	return all
}
