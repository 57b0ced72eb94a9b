package groups

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/sparse-manifold/smt/graph"
	"github.com/sparse-manifold/smt/internal/linalg"
	"github.com/sparse-manifold/smt/internal/plural"
	"github.com/sparse-manifold/smt/internal/spectral"
)

// Groups are a division of items.
type Groups struct {
	// Of is the group of each item. Group 0 is the largest.
	Of []int
	// Members are the items of each group, most typical first: by the sum of an item's cosines to those of its own
	// group that are its neighbours in the graph. The first few are exemplars.
	Members [][]int
	// Values are the largest eigenvalues of S, largest first.
	Values []float64
}

// mostGap bounds the number of groups where none is given.
const mostGap = 24

// Find divides the items of a graph into k groups, or into Gap of them if k is 0. The result depends on the
// graph and the seed alone. report, if not nil, is told how far a stage has come.
func Find(ctx context.Context, g *graph.Graph, k int, seed uint64, report func(stage string, done, total int)) (*Groups, error) {
	if report == nil {
		report = func(string, int, int) {}
	}
	n := g.Len()
	if n < 2 || k < 0 || k == 1 || k > n {
		return nil, fmt.Errorf("groups: %s of %s: want 2 groups or more, and no more than items", plural.Of(k, "group"), plural.Of(n, "item"))
	}
	most := k
	if k == 0 {
		most = mostGap
	}
	s, err := eigenvectors(ctx, g, min(n, vectorsOf(most)), seed, report)
	if err != nil {
		return nil, err
	}
	if k == 0 {
		k = Gap(s.Values)
	}
	of, err := kmeans(ctx, rows(s.Vectors, min(n, vectorsOf(k))), k, seed, func(done, total int) { report("dividing", done, total) })
	if err != nil {
		return nil, err
	}
	return newGroups(g, of, s.Values), nil
}

// vectorsOf is the number of eigenvectors that k groups are found in.
func vectorsOf(k int) int { return k + (k+1)/2 }

// Gap is the number of groups, 2 or more, that eigenvalues of S speak for: the next value is furthest below
// the last of so many. The values come largest first. Of fewer than three values it is 2.
func Gap(values []float64) int {
	k, widest := 2, 0.0
	for i := 2; i < len(values) && i <= mostGap; i++ {
		if gap := values[i-1] - values[i]; gap > widest {
			k, widest = i, gap
		}
	}
	return k
}

// eigenvectors are those of the count largest eigenvalues of S, as rows, with these values.
func eigenvectors(ctx context.Context, g *graph.Graph, count int, seed uint64, report func(stage string, done, total int)) (*spectral.Solution, error) {
	n := g.Len()
	s := matrix(g)
	less := func(x, y linalg.Bundle) { // (I − S)·x
		s.Times(x, y)
		for i, v := range x.Data {
			y.Data[i] = v - y.Data[i]
		}
	}
	expected := 4 * count // vectors, about
	search := spectral.Search{K: count, Seed: seed, Progress: func(vectors int) { report("vectors", min(vectors, expected-1), expected) }}
	found, err := spectral.SmallestOfDiagonal(ctx, slices.Repeat([]float64{1}, n), float64(n), less, search)
	if err != nil {
		return nil, fmt.Errorf("groups: %w", err)
	}
	for i, v := range found.Values {
		found.Values[i] = min(1, max(-1, 1-v)) // without what rounding adds
	}
	report("vectors", expected, expected)
	return found, nil
}

// matrix is S of a graph.
func matrix(g *graph.Graph) linalg.Sparse {
	n := g.Len()
	s := linalg.Sparse{Start: make([]int, 1, n+1)}
	inverse := make([]float64, n) // of the root of each degree; 0 of an item without neighbours
	for i := range n {
		items, weights := g.Edges(i)
		var degree float64
		for _, w := range weights {
			degree += math.Cbrt(float64(w))
		}
		if degree > 0 {
			inverse[i] = 1 / math.Sqrt(degree)
		}
		s.Start = append(s.Start, s.Start[i]+len(items))
	}
	for i := range n {
		items, weights := g.Edges(i)
		s.Column = append(s.Column, items...)
		for e, j := range items {
			s.Value = append(s.Value, float32(inverse[i]*math.Cbrt(float64(weights[e]))*inverse[j]))
		}
	}
	return s
}

// rows are the items' values in the first count vectors, of length 1: n × count.
func rows(vectors linalg.Matrix, count int) linalg.Matrix {
	points := linalg.New(vectors.Cols, count)
	for i := range points.Rows {
		row := points.Row(i)
		var square float64
		for j := range row {
			row[j] = vectors.At(j, i)
			square += float64(row[j]) * float64(row[j])
		}
		if square == 0 {
			continue
		}
		scale := float32(1 / math.Sqrt(square))
		for j := range row {
			row[j] *= scale
		}
	}
	return points
}

// newGroups orders groups by size, of equal ones that with the first item first, and their members.
func newGroups(g *graph.Graph, of []int, values []float64) *Groups {
	members := make([][]int, slices.Max(of)+1)
	typical := make([]float64, len(of))
	for i, group := range of {
		members[group] = append(members[group], i)
		to, weights := g.Edges(i)
		for e, j := range to {
			if of[j] == group {
				typical[i] += math.Cbrt(float64(weights[e]))
			}
		}
	}
	members = slices.DeleteFunc(members, func(m []int) bool { return len(m) == 0 })
	slices.SortFunc(members, func(a, b []int) int { return cmp.Or(cmp.Compare(len(b), len(a)), cmp.Compare(a[0], b[0])) })
	all := &Groups{Of: make([]int, len(of)), Members: members, Values: values}
	for group, m := range members {
		for _, i := range m {
			all.Of[i] = group
		}
		slices.SortStableFunc(m, func(a, b int) int { return cmp.Compare(typical[b], typical[a]) })
	}
	return all
}
