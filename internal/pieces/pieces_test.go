package pieces

import (
	"testing"

	"pgregory.net/rapid"
)

func TestSizes(t *testing.T) {
	for want, sizes := range map[string][]int{
		"3 points":                      {3},
		"9, 8, 7, 6, 5, 4, 3, 2 points": {9, 8, 7, 6, 5, 4, 3, 2},
		"9, 8, 7, 6, 5, 4, 3, 2 points and 1 more of 2 together": {9, 8, 7, 6, 5, 4, 3, 2, 2},
		"9, 8, 7, 6, 5, 4, 3, 2 points and 3 more of 4 together": {9, 8, 7, 6, 5, 4, 3, 2, 2, 1, 1},
	} {
		if got := Sizes(sizes, "points"); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// Two points are in one set if and only if there is a way between them, as a search from every point finds it.
func TestSetsAreWhatASearchFinds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 30).Draw(t, "points")
		point := rapid.IntRange(0, n-1)
		s, next := NewSets(n), make([][]int, n)
		for range rapid.IntRange(0, 40).Draw(t, "edges") {
			i, j := point.Draw(t, "i"), point.Draw(t, "j")
			s.Join(int32(i), int32(j))
			next[i], next[j] = append(next[i], j), append(next[j], i)
		}
		count, most := 0, 0
		for i := range n {
			seen, open, size := make([]bool, n), []int{i}, 0
			first := true // no point before i is reached from it
			for seen[i] = true; len(open) > 0; size++ {
				at := open[len(open)-1]
				open = open[:len(open)-1]
				first = first && at >= i
				for _, j := range next[at] {
					if !seen[j] {
						seen[j], open = true, append(open, j)
					}
				}
			}
			for j := range n {
				if same := s.Root(int32(i)) == s.Root(int32(j)); same != seen[j] {
					t.Fatalf("points %d and %d are in one set: %v, want %v", i, j, same, seen[j])
				}
			}
			if s.Size(int32(i)) != size {
				t.Fatalf("the set of %d has %d points, want %d", i, s.Size(int32(i)), size)
			}
			if first {
				count++
			}
			most = max(most, size)
		}
		if s.Count() != count || s.Size(s.Largest()) != most {
			t.Fatalf("%d sets, the largest of %d, want %d of %d", s.Count(), s.Size(s.Largest()), count, most)
		}
	})
}
