package dictionary

import (
	"context"
	"math"

	"github.com/sparse-manifold/smt/internal/linalg"
)

// enough returns a cosine above maxCosine, in hundredths, at which Exemplars finds n atoms, or 0 if none
// below 1 is known. It does what Exemplars would do at that cosine, with the candidates of the first
// rounds alone, a few times as many as are wanted. More candidates would allow a cosine a little smaller.
func enough(ctx context.Context, s Sample, n int, maxCosine float64) (float64, error) {
	const times = 16
	each := drawEach * s.Groups // candidates of a round
	rounds := min(maxRounds, times*n/each+1, max(1, memory/(each*s.Dim)))
	groups := s.Groups
	if most := memory / (drawEach * s.Dim); rounds == 1 && most < groups {
		groups = max(drawGroups, most/drawGroups*drawGroups) // the chunks that come first
	}
	chunks, err := s.collect(ctx, 0, rounds, groups, func(linalg.Matrix) {}, nil)
	if err != nil {
		return 0, err
	}
	fills := func(hundredths int) bool {
		g := newGreedy(s, n, float64(hundredths)/100)
		for i := 0; i < len(chunks) && !g.full() && ctx.Err() == nil; i++ {
			g.take(chunks[i])
		}
		return g.full()
	}
	low, high := int(math.Floor(100*maxCosine)), 99 // not enough, enough
	if low >= high || !fills(high) {
		return 0, ctx.Err()
	}
	for high-low > 1 {
		if middle := (low + high) / 2; fills(middle) {
			high = middle
		} else {
			low = middle
		}
	}
	return float64(high) / 100, ctx.Err()
}
