package outliers

import (
	"cmp"
	"math"
	"slices"

	"github.com/sparse-manifold/smt/graph"
)

// Score says how unlike all others an item is.
type Score struct {
	Item int
	// Distance is o of the item.
	Distance float64
	// Deviations is how far Distance is above the median of all, in robust standard deviations.
	Deviations float64
}

// Odd is the number of deviations from which on an item is called an outlier (Iglewicz and Hoaglin, How to
// Detect and Handle Outliers, 1993).
const Odd = 3.5

// Scores are those of all items of a graph, the most unlike first.
func Scores(g *graph.Graph) []Score {
	distances := make([]float64, g.Len())
	for i := range distances {
		var sum float64
		near := g.Near(i)
		for _, n := range near {
			sum += 1 - float64(n.Cosine)
		}
		distances[i] = sum / float64(max(1, len(near)))
	}
	deviations := deviations(distances)
	scores := make([]Score, len(distances))
	for i := range scores {
		scores[i] = Score{i, distances[i], deviations[i]}
	}
	slices.SortStableFunc(scores, func(a, b Score) int { return cmp.Compare(b.Distance, a.Distance) })
	return scores
}

// normal is the standard deviation of a normal distribution over the median of its distances to the median.
const normal = 1.4826

// deviations are how far values are from their median, over normal times the median of these distances. They are
// 0 where half of the values are one.
func deviations(values []float64) []float64 {
	middle := median(values)
	apart := make([]float64, len(values))
	for i, v := range values {
		apart[i] = math.Abs(v - middle)
	}
	spread := normal * median(apart)
	d := make([]float64, len(values))
	if spread == 0 {
		return d
	}
	for i, v := range values {
		d[i] = (v - middle) / spread
	}
	return d
}

// median is the value in the middle of all, 0 of none.
func median(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	return (sorted[(len(sorted)-1)/2] + sorted[len(sorted)/2]) / 2
}
