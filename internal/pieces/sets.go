// Package pieces tells the pieces of a graph, between which there is no way: of points as of words.
package pieces

import (
	"cmp"
	"slices"
)

// Sets are points in sets without a point in common (Galler and Fischer 1964). Points that are
// joined by the edges of a graph are one of its pieces.
type Sets struct {
	above []int32 // a point nearer to the root of the set, or of a root less its size
	count int
}

// NewSets are sets of one point each.
func NewSets(points int) *Sets {
	s := &Sets{make([]int32, points), points}
	for i := range s.above {
		s.above[i] = -1
	}
	return s
}

// Count is the number of sets.
func (s *Sets) Count() int { return s.count }

// Root stands for the set of i.
func (s *Sets) Root(i int32) int32 {
	for s.above[i] >= 0 {
		if next := s.above[s.above[i]]; next >= 0 {
			s.above[i] = next
		}
		i = s.above[i]
	}
	return i
}

// Size is the number of points of the set of i.
func (s *Sets) Size(i int32) int { return int(-s.above[s.Root(i)]) }

// Join makes one set of two.
func (s *Sets) Join(i, j int32) {
	i, j = s.Root(i), s.Root(j)
	if i == j {
		return
	}
	if s.above[i] > s.above[j] {
		i, j = j, i
	}
	s.above[i] += s.above[j]
	s.above[j] = i
	s.count--
}

// Largest is the root of the largest set, the first of some as large.
func (s *Sets) Largest() int32 {
	largest := 0
	for i, a := range s.above {
		if a < s.above[largest] {
			largest = i
		}
	}
	return int32(largest)
}

// Groups are the points of each set, in increasing order. The largest set comes first, of some as large that of
// the first point.
func (s *Sets) Groups() [][]int32 {
	at := make([]int, len(s.above)) // of each root, the number of its group, from 1
	groups := make([][]int32, 0, s.count)
	for i := range int32(len(s.above)) {
		root := s.Root(i)
		if at[root] == 0 {
			groups = append(groups, make([]int32, 0, s.Size(root)))
			at[root] = len(groups)
		}
		groups[at[root]-1] = append(groups[at[root]-1], i)
	}
	slices.SortStableFunc(groups, func(a, b []int32) int { return cmp.Compare(len(b), len(a)) })
	return groups
}
