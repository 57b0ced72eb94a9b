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
	// Values are the largest eigenvalues of S, largest first, none where all items are equal.
	Values []float64
	// Modularity is that of the division, without items that are equal to others.
	Modularity float64
	// Candidates are the numbers of groups that were tried, where none was given, the best first.
	Candidates []Candidate
}

// Find divides the items of a graph into k groups, or into as many as its modularity says if k is 0. Items that are equal are in one group: where
// all are, there is one, and k has to be 0. The result depends on the graph and the seed alone. report, if not nil, is told how far
// a stage has come.
func Find(ctx context.Context, g *graph.Graph, k int, seed uint64, report func(stage string, done, total int)) (*Groups, error) {
	if report == nil {
		report = func(string, int, int) {}
	}
	if n := g.Len(); n < 2 || k < 0 || k == 1 || k > n {
		return nil, fmt.Errorf("groups: %s of %s: want 2 groups or more, and no more than items", plural.Of(k, "group"), plural.Of(n, "item"))
	}
	l := newLinks(g)
	n := l.Rows() // of items that differ
	if k > n {
		return nil, fmt.Errorf("groups: %s of %s, of which %d differ: want no more groups than these", plural.Of(k, "group"), plural.Of(g.Len(), "item"), n)
	}
	if n == 1 {
		return newGroups(g, make([]int, g.Len())), nil
	}
	most := k
	if k == 0 {
		most = mostGroups
	}
	s, err := eigenvectors(ctx, l.scaled(), min(n, vectorsOf(most)), seed, report)
	if err != nil {
		return nil, err
	}
	var candidates []Candidate
	var of []int
	if k == 0 {
		candidates, of, err = l.candidates(ctx, s.Vectors, seed, func(done, total int) { report("trying numbers", done, total) })
		if err != nil {
			return nil, err
		}
		k = candidates[0].Groups
	}
	if of == nil {
		of, err = kmeans(ctx, rows(s.Vectors, k), k, seed, func(done, total int) { report("dividing", done, total) })
		if err != nil {
			return nil, err
		}
	}
	all := make([]int, g.Len())
	for i, row := range l.of {
		all[i] = of[row]
	}
	found := newGroups(g, all)
	found.Values, found.Candidates, found.Modularity = s.Values, candidates, l.modularity(of)
	return found, nil
}

// vectorsOf is the number of eigenvectors that k groups are found in.
func vectorsOf(k int) int { return k + (k+1)/2 }

// eigenvectors are those of the count largest eigenvalues of S, as rows, with these values.
func eigenvectors(ctx context.Context, s linalg.Sparse, count int, seed uint64, report func(stage string, done, total int)) (*spectral.Solution, error) {
	n := s.Rows()
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

// rows are the items' values in the vectors that k groups are found in, of length 1: a row an item.
func rows(vectors linalg.Matrix, k int) linalg.Matrix {
	count := min(vectors.Rows, vectorsOf(k))
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
func newGroups(g *graph.Graph, of []int) *Groups {
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
	all := &Groups{Of: make([]int, len(of)), Members: members}
	for group, m := range members {
		for _, i := range m {
			all.Of[i] = group
		}
		slices.SortStableFunc(m, func(a, b int) int { return cmp.Compare(typical[b], typical[a]) })
	}
	return all
}
