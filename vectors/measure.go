package vectors

import (
	"context"
	"fmt"

	"github.com/sparse-manifold/smt/internal/linalg"
	"github.com/sparse-manifold/smt/internal/parallel"
	"github.com/sparse-manifold/smt/internal/plural"
	"github.com/sparse-manifold/smt/internal/reuse"
	"github.com/sparse-manifold/smt/source/vector"
)

// Preserved says how well neighbours are kept, both from 0 to 1 (Venna and Kaski, ICANN 2001):
//
//	trust      = 1 − 2/(nk(2n−3k−1)) Σ_i Σ_j (rank of j among the points, seen from i, less k)
//	continuity = the same with points and embeddings exchanged,
//
// with j going over those of the k nearest embeddings of i that are not among its k nearest points.
type Preserved struct {
	Trust      float64 `json:"trustworthiness"`
	Continuity float64 `json:"continuity"`
}

// Measure compares the k nearest points of each point with its k nearest embeddings. It takes time as the square
// of their number. Distances are computed in float32 about the mean.
func Measure(ctx context.Context, points, embedded *vector.Points, k int) (p Preserved, err error) {
	n := points.N()
	if embedded.N() != n || k < 1 || 2*k >= n {
		return p, fmt.Errorf("vectors: %s, %s, %s: want as many embeddings, and neighbours of less than half the points", plural.Of(n, "point"), plural.Of(embedded.N(), "embedding"), plural.Of(k, "neighbour"))
	}
	return measure(ctx, [2]*space{newSpace(points), newSpace(embedded)}, n, k)
}

// measure is Measure with i going over the first so many points alone, among all.
func measure(ctx context.Context, spaces [2]*space, queries, k int) (Preserved, error) {
	n := spaces[0].x.Rows
	const rows = 64
	pieces := (queries + rows - 1) / rows
	type sums struct{ intruders, missing int64 }
	all := make([]sums, pieces)
	type scratch struct {
		squares [2][]float32
		nearest [2][]int32
	}
	work := make([]scratch, parallel.Workers(pieces))
	err := parallel.ForErr(ctx, pieces, func(w, piece int) error {
		s := &work[w]
		first, last := piece*rows, min((piece+1)*rows, queries)
		var squares [2][]float32
		for side, space := range spaces {
			if squares[side] = space.squares(first, last, s.squares[side]); space.known == nil {
				s.squares[side] = squares[side]
			}
		}
		for i := first; i < last; i++ {
			var rows [2][]float32
			for side := range spaces {
				rows[side] = squares[side][(i-first)*n:][:n]
				s.nearest[side] = nearestOf(rows[side], i, k, s.nearest[side][:0])
			}
			all[piece].intruders += excess(s.nearest[1], s.nearest[0], rows[0], i)
			all[piece].missing += excess(s.nearest[0], s.nearest[1], rows[1], i)
		}
		return nil
	})
	var total sums
	for _, s := range all {
		total.intruders += s.intruders
		total.missing += s.missing
	}
	scale := 2 / (float64(queries) * float64(k) * (2*float64(n) - 3*float64(k) - 1))
	return Preserved{1 - scale*float64(total.intruders), 1 - scale*float64(total.missing)}, err
}

// space is points about their mean.
type space struct {
	x      linalg.Matrix
	halves []float32 // of the squares of their lengths
	known  []float32 // squares of the first points, if they are kept
}

func newSpace(p *vector.Points) *space {
	n, d := p.N(), p.Dim
	mean := make([]float64, d)
	for i, v := range p.X {
		mean[i%d] += float64(v)
	}
	for j := range mean {
		mean[j] /= float64(n)
	}
	s := &space{x: linalg.New(n, d), halves: make([]float32, n)}
	for i, v := range p.X {
		s.x.Data[i] = float32(float64(v) - mean[i%d])
	}
	for i := range n {
		s.halves[i] = float32(linalg.Dot(s.x.Row(i), s.x.Row(i)) / 2)
	}
	return s
}

// squares are half the squares of the distances of points first to last-1 to all points, less half the
// square of the length of the former.
func (s *space) squares(first, last int, into []float32) []float32 {
	n := s.x.Rows
	if last*n <= len(s.known) {
		return s.known[first*n : last*n]
	}
	into = reuse.Zeros(into, (last-first)*n)
	linalg.AddMulSerial(linalg.Wrap(last-first, n, into), s.x.Block(first, last, 0, s.x.Cols), s.x.T())
	for i := range into {
		into[i] = s.halves[i%n] - into[i]
	}
	return into
}

// keep keeps the squares of the first so many points, which are then computed once.
func (s *space) keep(points int) {
	known := make([]float32, points*s.x.Rows)
	const some = 64
	parallel.For((points+some-1)/some, func(_, piece int) {
		first, last := piece*some, min((piece+1)*some, points)
		into := known[first*s.x.Rows : last*s.x.Rows]
		s.squares(first, last, into)
	})
	s.known = known
}

// before reports whether point a, rather than b, is the nearer: of equal distances the first.
func before(squares []float32, a, b int) bool {
	return squares[a] < squares[b] || squares[a] == squares[b] && a < b
}

// nearestOf appends the k nearest points to i, given the distances, to near, nearest first.
func nearestOf(squares []float32, i, k int, near []int32) []int32 {
	for j := range squares {
		if j == i || len(near) == k && !before(squares, j, int(near[k-1])) {
			continue
		}
		if len(near) < k {
			near = append(near, int32(j))
		}
		at := len(near) - 1
		for ; at > 0 && before(squares, j, int(near[at-1])); at-- {
			near[at] = near[at-1]
		}
		near[at] = int32(j)
	}
	return near
}

// excess sums how far the ranks of points near i, by other distances, are beyond those of the nearest by these.
func excess(near, nearest []int32, squares []float32, i int) (sum int64) {
	k := len(nearest)
	for _, j := range near {
		if !before(squares, int(nearest[k-1]), int(j)) { // it is one of them
			continue
		}
		rank := 1
		for other, square := range squares {
			if other != i && (square < squares[j] || square == squares[j] && other < int(j)) {
				rank++
			}
		}
		sum += int64(rank - k)
	}
	return sum
}
