package vector

import (
	"context"
	"slices"

	"github.com/sparse-manifold/smt/internal/parallel"
)

// queryPoints is the number of points up to which all of a box are searched for at a time.
const queryPoints = 96

// parts are boxes of at most queryPoints points or, where these are not cut, more, that have all points, in order.
func (t *tree) parts() (all []int32) {
	for open := []int32{0}; len(open) > 0; {
		last := len(open) - 1
		b := open[last]
		open = open[:last]
		if at := t.boxes[b]; at.left > 0 && at.last-at.first > queryPoints {
			open = append(open, at.right, at.left)
		} else {
			all = append(all, b)
		}
	}
	return all
}

// partSearch is the working memory of a search for what is near to the points of a box.
type partSearch struct {
	middle []float32
	all    []near // of the bank, by their distance from the middle
	best   []near
}

// nearestOf finds the k points of a bank nearest to each point of the tree, by their numbers, nearest first, n × k.
func (t *tree) nearestOf(ctx context.Context, bank *Points, k int) ([]near, error) {
	found := make([]near, len(t.number)*k)
	parts := t.parts()
	work := make([]partSearch, parallel.Workers(len(parts)))
	err := parallel.ForErr(ctx, len(parts), func(w, i int) error {
		s, part := &work[w], t.boxes[parts[i]]
		candidates := s.candidates(t, parts[i], bank, k)
		for i := part.first; i < part.last; i++ {
			x := t.points.Row(int(i))
			s.best = s.best[:0]
			for _, n := range candidates {
				if d := square(x, bank.Row(int(n.index))); len(s.best) < k || d <= s.best[k-1].square {
					s.best = offer(s.best, k, n.index, d)
				}
			}
			copy(found[int(t.number[i])*k:][:k], s.best)
		}
		return nil
	})
	return found, err
}

// rounding is what distances in float64 may be off by, as a part of them.
const rounding = 1e-9

// candidates are the points of the bank that any point of a box may have among its k nearest. With r the radius of the box
// about its middle c, these are no further from c than the k-th nearest of c by more than 2r. Those nearest to c are first.
func (s *partSearch) candidates(t *tree, b int32, bank *Points, k int) []near {
	low, high := t.lowHigh(b)
	s.middle = s.middle[:0]
	for j, v := range low {
		s.middle = append(s.middle, float32((float64(v)+float64(high[j]))/2))
	}
	radius := 0.0
	for i := t.boxes[b].first; i < t.boxes[b].last; i++ {
		radius = max(radius, square(s.middle, t.points.Row(int(i))))
	}
	s.all, s.best = s.all[:0], s.best[:0]
	for a := range bank.N() {
		n := near{int32(a), square(s.middle, bank.Row(a))}
		s.all = append(s.all, n)
		s.best = offer(s.best, k, n.index, n.square)
	}
	limit := (root(s.best[len(s.best)-1].square) + 2*root(radius)) * (1 + rounding)
	candidates := slices.DeleteFunc(s.all, func(n near) bool { return n.square > limit*limit })
	slices.SortFunc(candidates, nearer)
	return candidates
}
