package groups

import (
	"cmp"
	"math"
	"slices"

	"github.com/sparse-manifold/smt/graph"
	"github.com/sparse-manifold/smt/internal/linalg"
	"github.com/sparse-manifold/smt/internal/pieces"
)

// links are the edges that groups are made of, between items that differ.
type links struct {
	linalg.Sparse       // cosines of neighbours, symmetric, a row an item that differs from those before
	of            []int // of each item of the graph, its row
}

// newLinks takes items that are equal for one: it has the largest weight of theirs.
func newLinks(g *graph.Graph) links {
	l := links{of: different(g)}
	items := make([][]int, slices.Max(l.of)+1) // of each row
	for i, row := range l.of {
		items[row] = append(items[row], i)
	}
	type link struct {
		to     uint32
		weight float32
	}
	var row []link
	l.Start = make([]int, 1, len(items)+1)
	for from, equal := range items {
		row = row[:0]
		for _, i := range equal {
			near, weights := g.Edges(i)
			for e, j := range near {
				if to := l.of[j]; to != from {
					row = append(row, link{uint32(to), float32(math.Cbrt(float64(weights[e])))})
				}
			}
		}
		slices.SortFunc(row, func(a, b link) int { return cmp.Or(cmp.Compare(a.to, b.to), cmp.Compare(b.weight, a.weight)) })
		for k, e := range row {
			if k == 0 || e.to != row[k-1].to { // the largest weight comes first
				l.Column, l.Value = append(l.Column, e.to), append(l.Value, e.weight)
			}
		}
		l.Start = append(l.Start, len(l.Column))
	}
	return l
}

// different numbers items that differ, in their order: equal ones have one number.
func different(g *graph.Graph) []int {
	sets := pieces.NewSets(g.Len())
	for i := range g.Len() {
		for _, n := range g.Near(i) {
			if n.Cosine >= graph.Equal {
				sets.Join(int32(i), int32(n.Index))
			}
		}
	}
	of, numbers := make([]int, g.Len()), map[int32]int{}
	for i := range of {
		root := sets.Root(int32(i))
		number, is := numbers[root]
		if !is {
			number = len(numbers)
			numbers[root] = number
		}
		of[i] = number
	}
	return of
}

// degrees are the sums of rows.
func (l links) degrees() []float64 {
	d := make([]float64, l.Rows())
	for i := range d {
		for e := l.Start[i]; e < l.Start[i+1]; e++ {
			d[i] += float64(l.Value[e])
		}
	}
	return d
}

// scaled is S: each value over the roots of the degrees of its row and column.
func (l links) scaled() linalg.Sparse {
	inverse := l.degrees()
	for i, d := range inverse {
		if d > 0 { // an item may be without neighbours
			inverse[i] = 1 / math.Sqrt(d)
		}
	}
	s := linalg.Sparse{Start: l.Start, Column: l.Column, Value: make([]float32, len(l.Value))}
	for i := range inverse {
		for e := l.Start[i]; e < l.Start[i+1]; e++ {
			s.Value[e] = float32(inverse[i] * float64(l.Value[e]) * inverse[l.Column[e]])
		}
	}
	return s
}
