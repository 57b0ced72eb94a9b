package vector

import (
	"context"
	"fmt"
	"math/rand/v2"

	"github.com/sparse-manifold/smt/internal/plural"
	"github.com/sparse-manifold/smt/sparse"
)

const (
	lloydRounds = 6
	lloydEach   = 24 // points that a centre is learned from, if there are so many
)

// Exemplars returns n of the points, drawn at random.
func Exemplars(p *Points, n int, seed uint64) (*Points, error) {
	if n < 2 || n > min(p.N(), sparse.MaxAtoms) {
		return nil, fmt.Errorf("vector: %s of %s: want at least 2, and no more than there are points or %d", plural.Of(n, "atom"), plural.Of(p.N(), "different point"), sparse.MaxAtoms)
	}
	rng := rand.New(rand.NewPCG(seed, 0))
	return p.drawn(rng, n), nil
}

// drawn is n of the points, drawn at random.
func (p *Points) drawn(rng *rand.Rand, n int) *Points {
	which := make([]int32, n)
	for i, x := range rng.Perm(p.N())[:n] {
		which[i] = int32(x)
	}
	return p.pick(which)
}

// pick is some of the points.
func (p *Points) pick(which []int32) *Points {
	some := &Points{Dim: p.Dim, X: make([]float32, 0, len(which)*p.Dim)}
	for _, i := range which {
		some.X = append(some.X, p.Row(int(i))...)
	}
	return some
}

// KMeans returns n centres of points: Lloyd's iteration on a sample of them, which begins with Exemplars. A
// centre without points stays where it is.
func KMeans(ctx context.Context, p *Points, n int, seed uint64) (*Points, error) {
	centres, err := Exemplars(p, n, seed)
	if err != nil {
		return nil, err
	}
	sample := p
	if p.N() > lloydEach*n {
		rng := rand.New(rand.NewPCG(seed, 1))
		sample = p.drawn(rng, lloydEach*n)
	}
	for range lloydRounds {
		of, err := nearest(ctx, sample, centres, 1)
		if err != nil {
			return nil, err
		}
		sums, counts := make([]float64, len(centres.X)), make([]int, n)
		for i, a := range of {
			counts[a.index]++
			sum := sums[int(a.index)*p.Dim:][:p.Dim]
			for j, v := range sample.Row(i) {
				sum[j] += float64(v)
			}
		}
		for k, sum := range sums {
			if n := counts[k/p.Dim]; n > 0 {
				centres.X[k] = float32(sum / float64(n))
			}
		}
	}
	return centres, nil
}
