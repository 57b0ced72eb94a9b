package knn

import (
	"cmp"
	"math"
	"slices"
)

// Weights are how much the votes of neighbours, nearest first, weigh beside that of
// the nearest: exp(cosine/temperature) (paper, section 4: temperature 0.03), over
// the nearest's.
func Weights(neighbours []Neighbour, temperature float64) []float64 {
	weights := make([]float64, len(neighbours))
	for i, n := range neighbours {
		weights[i] = math.Exp((float64(n.Cosine) - float64(neighbours[0].Cosine)) / temperature)
	}
	return weights
}

// Vote ranks classes by the votes of neighbours, nearest first, each with its
// weight. label gives the class of a bank vector. Classes without votes are left out; of equal votes the
// class of the nearer neighbour comes first.
func Vote(neighbours []Neighbour, label func(index int) int, temperature float64) []int {
	votes := map[int]float64{}
	var classes []int
	for i, weight := range Weights(neighbours, temperature) {
		c := label(neighbours[i].Index)
		if _, seen := votes[c]; !seen {
			classes = append(classes, c)
		}
		votes[c] += weight
	}
	slices.SortStableFunc(classes, func(a, b int) int { return cmp.Compare(votes[b], votes[a]) })
	return classes
}
