package duplicates

import (
	"cmp"
	"math"
	"slices"

	"github.com/sparse-manifold/smt/graph"
	"github.com/sparse-manifold/smt/internal/parallel"
)

const (
	// firstRank and lastRank are the neighbours that chance is estimated from.
	firstRank, lastRank = 4, 10
	// falseShare is the estimated share of false ones among the items that have a duplicate.
	falseShare = 0.05
	// steps is how many thresholds a margin of 1 is divided into.
	steps = 1000
)

// Threshold is the margin from which on two items of a graph are near-duplicates. margin is 0 and found false where none sets
// any apart from chance, or where items have fewer than ten neighbours, which are too few to tell from.
func Threshold(g *graph.Graph) (margin float64, found bool) {
	usual := usual(g)
	tops := make([]top, g.Len())
	for i := range tops {
		margins := make([]float64, 0, lastRank)
		for _, n := range g.Near(i) {
			margins = append(margins, usual.margin(i, n.Index, float64(n.Cosine)))
		}
		if len(margins) < lastRank {
			return 0, false
		}
		slices.SortFunc(margins, func(a, b float64) int { return cmp.Compare(b, a) })
		tops[i] = newTop(margins)
	}
	return threshold(tops)
}

// top are the largest margins of an item.
type top struct{ nearest, base, spread float64 }

// newTop is the top of margins, the largest first.
func newTop(margins []float64) top {
	var spacings float64
	for r := firstRank; r < lastRank; r++ {
		spacings += 1 / float64(r)
	}
	base := margins[firstRank-1]
	return top{margins[0], base, (base - margins[lastRank-1]) / spacings}
}

// chance is the probability that an item without a duplicate has a neighbour at t.
func (p top) chance(t float64) float64 {
	if t <= p.base {
		return 1
	}
	if p.spread <= 0 {
		return 0
	}
	return 1 - math.Pow(1-math.Exp(-(t-p.base)/p.spread), firstRank-1)
}

// threshold is the least of the steps at which chance makes up no more than falseShare of what there is.
func threshold(tops []top) (margin float64, found bool) {
	nearest, bases := make([]float64, len(tops)), make([]float64, len(tops))
	for i, p := range tops {
		nearest[i], bases[i] = p.nearest, p.base
	}
	slices.Sort(nearest)
	highest := high(bases)
	usual := slices.DeleteFunc(slices.Clone(tops), func(p top) bool { return p.base > highest })
	shares := make([]float64, steps+1) // what chance makes up, of the items with a neighbour at each step
	parallel.For(steps+1, func(_, s int) {
		t := float64(s) / steps
		at, _ := slices.BinarySearch(nearest, t)
		if reached := len(nearest) - at; reached > 0 {
			var chance float64
			for _, p := range usual {
				chance += p.chance(t)
			}
			shares[s] = chance / float64(len(usual)) * float64(len(tops)) / float64(reached)
		} else {
			shares[s] = math.Inf(1)
		}
	})
	for s, share := range shares {
		if share <= falseShare {
			return float64(s) / steps, true
		}
	}
	return 0, false
}
