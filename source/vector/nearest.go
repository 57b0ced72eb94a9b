package vector

import (
	"cmp"
	"context"
	"math"
	"slices"

	"github.com/sparse-manifold/smt/internal/linalg"
	"github.com/sparse-manifold/smt/internal/parallel"
	"github.com/sparse-manifold/smt/internal/reuse"
)

// near is a point near another one, and the square of their distance.
type near struct {
	index  int32
	square float64
}

// nearer is the order of neighbours: of equal distances the lower index is nearer.
func nearer(a, b near) int {
	return cmp.Or(cmp.Compare(a.square, b.square), cmp.Compare(a.index, b.index))
}

// spare is how many more neighbours are kept than wanted until distances are computed in
// float64: who is among the last is open by the rounding of float32.
const spare = 3

// nearest finds the k points of a bank nearest to each of the queries, nearest first, n × k.
func nearest(ctx context.Context, queries, bank *Points, k int) ([]near, error) {
	n, dim := queries.N(), queries.Dim
	k = min(k, bank.N())
	if dim <= treeValues {
		return newTree(queries).nearestOf(ctx, bank, k)
	}
	centre := bank.mean()
	moved := bank.from(centre)
	halves := moved.halfSquares()
	columns := linalg.Wrap(bank.N(), dim, moved.X).T()
	rows := max(1, min(256, (1<<24)/bank.N())) // of a piece, whose products are to be some megabytes
	type scratch struct {
		queries, scores []float32
		best            []near
	}
	work := make([]scratch, parallel.Workers(n))
	found := make([]near, n*k)
	err := parallel.ForErr(ctx, (n+rows-1)/rows, func(w, piece int) error {
		s := &work[w]
		first, last := piece*rows, min((piece+1)*rows, n)
		s.queries = s.queries[:0]
		for i := first; i < last; i++ {
			for j, v := range queries.Row(i) {
				s.queries = append(s.queries, v-centre[j])
			}
		}
		s.scores = reuse.Zeros(s.scores, (last-first)*bank.N())
		scores := linalg.Wrap(last-first, bank.N(), s.scores)
		linalg.AddMulSerial(scores, linalg.Wrap(last-first, dim, s.queries), columns)
		for i := first; i < last; i++ {
			s.best = s.best[:0]
			last := float32(math.Inf(1))
			for j, product := range scores.Row(i - first) {
				if x := halves[j] - product; x <= last {
					if s.best = offer(s.best, k+spare, int32(j), float64(x)); len(s.best) == k+spare {
						last = float32(s.best[k+spare-1].square)
					}
				}
			}
			settle(s.best, queries.Row(i), bank)
			copy(found[i*k:(i+1)*k], s.best)
		}
		return nil
	})
	return found, err
}

// offer adds a point to the k nearest, nearest first, if it is one of them.
func offer(best []near, k int, index int32, square float64) []near {
	i := len(best) - 1
	if len(best) < k {
		best = append(best, near{})
		i++
	} else if last := best[i]; square > last.square || square == last.square && index > last.index {
		return best
	}
	for ; i > 0; i-- {
		if b := best[i-1]; b.square < square || b.square == square && b.index < index {
			break
		}
		best[i] = best[i-1]
	}
	best[i] = near{index, square}
	return best
}

// settle computes distances from x in float64, and sorts by them.
func settle(best []near, x []float32, bank *Points) {
	for i := range best {
		best[i].square = square(x, bank.Row(int(best[i].index)))
	}
	slices.SortFunc(best, nearer)
}

// square is that of the distance of two points.
func square(x, y []float32) (sum float64) {
	y = y[:len(x)]
	for i, v := range x {
		d := float64(v) - float64(y[i])
		sum += float64(d * d) // not fused: see tree.away
	}
	return sum
}

// mean is that of all points.
func (p *Points) mean() []float32 {
	sums := make([]float64, p.Dim)
	for i := range p.N() {
		for j, v := range p.Row(i) {
			sums[j] += float64(v)
		}
	}
	mean := make([]float32, p.Dim)
	for j, sum := range sums {
		mean[j] = float32(sum / float64(p.N()))
	}
	return mean
}

// from is the points less an origin.
func (p *Points) from(origin []float32) *Points {
	moved := &Points{Dim: p.Dim, X: slices.Clone(p.X)}
	for i := range moved.N() {
		for j, v := range origin {
			moved.X[i*p.Dim+j] -= v
		}
	}
	return moved
}

// halfSquares are half the squares of the lengths of the points.
func (p *Points) halfSquares() []float32 {
	halves := make([]float32, p.N())
	for i := range halves {
		halves[i] = float32(linalg.Dot(p.Row(i), p.Row(i)) / 2)
	}
	return halves
}

func root(square float64) float64 { return math.Sqrt(max(0, square)) }
