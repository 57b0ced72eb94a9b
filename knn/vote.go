package knn

import (
	"cmp"
	"math"
	"slices"
)

// Vote ranks classes by the votes of neighbours, nearest first, each weighing
// exp(cosine/temperature) (paper, section 4: temperature 0.03). label gives the
// class of a bank vector. Classes without votes are left out; of equal votes the
// class of the nearer neighbour comes first.
func Vote(neighbours []Neighbour, label func(index int) int, temperature float64) []int {
	if len(neighbours) == 0 {
		return nil
	}
	votes := map[int]float64{}
	var classes []int
	nearest := float64(neighbours[0].Cosine)
	for _, n := range neighbours {
		c := label(n.Index)
		if _, seen := votes[c]; !seen {
			classes = append(classes, c)
		}
		votes[c] += math.Exp((float64(n.Cosine) - nearest) / temperature)
	}
	slices.SortStableFunc(classes, func(a, b int) int { return cmp.Compare(votes[b], votes[a]) })
	return classes
}
