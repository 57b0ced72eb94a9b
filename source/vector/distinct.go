package vector

import (
	"cmp"
	"slices"
)

// Distinct returns the points without those that are equal to an earlier one, in order, and how many those
// are.
func (p *Points) Distinct() (*Points, int) {
	order := make([]int32, p.N())
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortFunc(order, func(a, b int32) int {
		return cmp.Or(slices.Compare(p.Row(int(a)), p.Row(int(b))), cmp.Compare(a, b))
	})
	again := make([]bool, p.N())
	duplicates := 0
	for i := 1; i < len(order); i++ {
		if slices.Equal(p.Row(int(order[i])), p.Row(int(order[i-1]))) {
			again[order[i]] = true
			duplicates++
		}
	}
	if duplicates == 0 {
		return p, 0
	}
	var which []int
	for i, is := range again {
		if !is {
			which = append(which, i)
		}
	}
	return p.pick(which), duplicates
}
