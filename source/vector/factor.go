package vector

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
)

const (
	recallSample = 256
	recallWanted = 0.995 // of a sample, for 0.99 of all
)

// factorOf is the largest factor with which recallWanted of the neighbours of a sample of the points are found, and how
// many are. A neighbour is found if its cell's plane, times factor, is no further than the last neighbour: the search may find
// more, as it begins without any.
func (c *cells) factorOf(ctx context.Context, k int) (factor, recall float64, err error) {
	n := c.points.N()
	rng := rand.New(rand.NewPCG(uint64(n), 2))
	which := make([]int32, recallSample)
	for s, i := range rng.Perm(n)[:recallSample] {
		which[s] = int32(i)
	}
	exact, err := nearest(ctx, c.points.pick(which), c.points, k+1) // with itself
	if err != nil {
		return 0, 0, err
	}
	var parts []float64 // of the last neighbour's distance, at which there is a neighbour's plane
	for s, i := range which {
		all := exact[s*(k+1):][:k+1]
		x, a := c.points.Row(int(i)), int(c.of[i])
		reach := root(all[k].square)
		for _, near := range all {
			b := int(c.of[near.index])
			switch apart := root(square(c.atoms.Row(a), c.atoms.Row(b))); {
			case near.index == i:
			case a == b || reach == 0:
				parts = append(parts, 0)
			default:
				parts = append(parts, (square(x, c.atoms.Row(b))-square(x, c.atoms.Row(a)))/(2*apart)/reach)
			}
		}
	}
	slices.Sort(parts)
	part := max(parts[int(recallWanted*float64(len(parts)))], 1.0/mostFactor)
	found, _ := slices.BinarySearch(parts, math.Nextafter(part, 2))
	if part >= 1 {
		return 1, 1, nil
	}
	return 1 / part, float64(found) / float64(len(parts)), nil
}

// mostFactor bounds factor, in few dimensions, where hardly any neighbours are in other cells.
const mostFactor = 8
