package vector

import (
	"context"
	"math"

	"github.com/sparse-manifold/smt/internal/parallel"
)

func (t *tree) order() []int32  { return t.number }
func (t *tree) recall() float64 { return 1 }
func (t *tree) partly() bool    { return true }

// find searches from the first box down, nearest boxes first.
func (t *tree) find(ctx context.Context, which []int32, into *Neighbours, done func(points int)) error {
	const some, step = 64, 64 // points a worker takes at a time, and times between two reports
	for len(which) > 0 {
		part := which[:min(some*step, len(which))]
		pieces := (len(part) + some - 1) / some
		work := make([][]near, parallel.Workers(pieces))
		err := parallel.ForErr(ctx, pieces, func(w, piece int) error {
			for _, i := range part[piece*some : min((piece+1)*some, len(part))] {
				work[w] = t.nearest(t.given.Row(int(i)), i, into.K, work[w][:0])
				into.set(int(i), work[w])
			}
			return nil
		})
		if err != nil {
			return err
		}
		done(len(part))
		which = which[len(part):]
	}
	return nil
}

// nearest appends to best the k points nearest to x but point self, nearest first.
func (t *tree) nearest(x []float32, self int32, k int, best []near) []near {
	return t.descend(0, t.away(x, 0), x, self, k, best)
}

// descend offers to best the points of box b, so far away, if any may be one of them.
func (t *tree) descend(b int32, away float64, x []float32, self int32, k int, best []near) []near {
	if len(best) == k && away > best[k-1].square {
		return best
	}
	at := t.boxes[b]
	if at.left > 0 {
		near, far := at.left, at.right
		toNear, toFar := t.away(x, near), t.away(x, far)
		if toFar < toNear {
			near, far, toNear, toFar = far, near, toFar, toNear
		}
		return t.descend(far, toFar, x, self, k, t.descend(near, toNear, x, self, k, best))
	}
	dim, most := len(x), math.Inf(1)
	if len(best) == k {
		most = best[k-1].square
	}
	for i := at.first; i < at.last; i++ {
		if s := square(x, t.points.X[int(i)*dim:][:dim]); s <= most && t.number[i] != self {
			if best = offer(best, k, t.number[i], s); len(best) == k {
				most = best[k-1].square
			}
		}
	}
	return best
}
