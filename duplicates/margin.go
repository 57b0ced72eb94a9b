package duplicates

import (
	"math"
	"slices"

	"github.com/sparse-manifold/smt/graph"
)

// nearness is how near to its neighbours each item usually is: its hubness r (package graph), which is capped. Of an item with ten copies
// r is near 1 for that reason alone, and would hide them.
type nearness []float64

// usual is the nearness of the items of a graph.
func usual(g *graph.Graph) nearness {
	r := make(nearness, g.Len())
	for i := range r {
		r[i] = g.Hubness(i)
	}
	highest := high(r)
	for i, v := range r {
		r[i] = min(v, highest)
	}
	return r
}

// high is what few values exceed that are like the others: 3.5 robust standard deviations above the median (Iglewicz and
// Hoaglin, How to Detect and Handle Outliers, 1993).
func high(values []float64) float64 {
	middle := median(values)
	apart := make([]float64, len(values))
	for i, v := range values {
		apart[i] = math.Abs(v - middle)
	}
	const normal = 1.4826 // the standard deviation of a normal distribution over the median of distances
	return middle + 3.5*normal*median(apart)
}

// margin is how far the cosine of two items is above what is usual for them.
func (r nearness) margin(i, j int, cosine float64) float64 { return cosine - (r[i]+r[j])/2 }

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return (sorted[(len(sorted)-1)/2] + sorted[len(sorted)/2]) / 2
}
