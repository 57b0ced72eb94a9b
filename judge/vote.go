package judge

import (
	"cmp"
	"math"
	"slices"

	"github.com/sparse-manifold/smt/knn"
)

// Votes are how the neighbours of an item vote, each with a weight of exp(cosine/temperature)
// (paper, section 4: temperature 0.03).
type Votes struct {
	// Shares are the neighbours' shares of all votes, in their order.
	Shares []float64
	// Classes are those that have votes, the most first; of equal ones that of the nearer
	// neighbour comes first.
	Classes []ClassShare
}

// ClassShare is a class and its share of all votes.
type ClassShare struct {
	Class int
	Share float64
}

// Vote counts the votes of neighbours, nearest first. label is the class of an item of the
// bank; nil is that items have no classes.
func Vote(near []knn.Neighbour, label func(index int) int, temperature float64) Votes {
	v := Votes{Shares: make([]float64, len(near))}
	place := map[int]int{} // of a class in v.Classes
	var all float64
	for i, n := range near {
		// Over the weight of the nearest: small temperatures make none infinite.
		weight := math.Exp((float64(n.Cosine) - float64(near[0].Cosine)) / temperature)
		v.Shares[i] = weight
		all += weight
		if label == nil {
			continue
		}
		c := label(n.Index)
		at, seen := place[c]
		if !seen {
			at = len(v.Classes)
			place[c] = at
			v.Classes = append(v.Classes, ClassShare{Class: c})
		}
		v.Classes[at].Share += weight
	}
	// Sorted by weights: shares that are rounded may tie.
	slices.SortStableFunc(v.Classes, func(a, b ClassShare) int { return cmp.Compare(b.Share, a.Share) })
	for i := range v.Shares {
		v.Shares[i] /= all
	}
	for i := range v.Classes {
		v.Classes[i].Share /= all
	}
	return v
}

// place is how many classes have more votes than a class, −1 if it has none.
func (v Votes) place(class int) int {
	return slices.IndexFunc(v.Classes, func(c ClassShare) bool { return c.Class == class })
}
