package readout

import (
	"context"
	"math"
	"slices"

	"github.com/sparse-manifold/smt/embedding"
	"github.com/sparse-manifold/smt/internal/shuffle"
)

const (
	// sampled is the number of items whose cosines a cut is found by, about two million.
	sampled    = 2048
	sampleSeed = 7
	// leastCut is the least cut: below it K loses nothing but what is next to nothing.
	leastCut = 1e-3
)

// cutAt is the cosine that so large a share of the pairs of items reach, by the items or by one and the flip of the other. It is estimated
// on a sample.
func cutAt(ctx context.Context, set embedding.Set, share float64) (float32, error) {
	some := all(set.Len())
	if len(some) > sampled {
		some = shuffle.Sample(len(some), sampled, sampleSeed)
	}
	x, err := read(ctx, set.Pick(some))
	if err != nil {
		return 0, err
	}
	even, odd, err := newCosines(set).of(ctx, x, x)
	if err != nil {
		return 0, err
	}
	var cosines []float32
	for i := range x.Rows {
		for j := range i {
			c := even.At(i, j)
			if odd.Data != nil {
				c += float32(math.Abs(float64(odd.At(i, j))))
			}
			cosines = append(cosines, c)
		}
	}
	slices.Sort(cosines)
	at := len(cosines) - int(share*float64(len(cosines)))
	if at >= len(cosines) { // of so few pairs none
		return 1, nil
	}
	return max(leastCut, cosines[at]), nil
}
