package groups

import (
	"context"
	"math"
	"math/rand/v2"

	"github.com/sparse-manifold/smt/internal/linalg"
	"github.com/sparse-manifold/smt/internal/parallel"
	"github.com/sparse-manifold/smt/internal/shuffle"
)

const (
	// restarts is how often k-means begins anew. The best result counts.
	restarts = 20
	// rounds bounds the rounds of one beginning.
	rounds = 100
	// pieceRows is the number of points that a worker takes at a time. Sums are added piece by piece, so that
	// they depend on no worker.
	pieceRows = 512
	// sampled is the number of points that have centers looked for where many numbers of groups are tried.
	sampled = 4096
)

// kmeans divides points, n × m, among k centers: the sum of squared distances to them is the least of all
// beginnings'. Beginnings are drawn by k-means++ (Arthur and Vassilvitskii, SODA 2007), rounds are Lloyd's. It
// returns the center of each point.
func kmeans(ctx context.Context, points linalg.Matrix, k int, seed uint64, report func(done, total int)) ([]int, error) {
	best, err := cluster(ctx, points, k, seed, report)
	if err != nil {
		return nil, err
	}
	return best.of, nil
}

// sampledKmeans is kmeans whose centers are those of at most `sampled` of the points.
func sampledKmeans(ctx context.Context, points linalg.Matrix, k int, seed uint64) ([]int, error) {
	if points.Rows <= sampled {
		return kmeans(ctx, points, k, seed, func(int, int) {})
	}
	sample := linalg.New(sampled, points.Cols)
	for to, from := range shuffle.Sample(points.Rows, sampled, seed) {
		copy(sample.Row(to), points.Row(from))
	}
	best, err := cluster(ctx, sample, k, seed, func(int, int) {})
	if err != nil {
		return nil, err
	}
	all := newLloyd(points, k)
	all.centers = best.centers
	all.assign()
	return all.of, nil
}

// cluster is kmeans, with the centers.
func cluster(ctx context.Context, points linalg.Matrix, k int, seed uint64, report func(done, total int)) (best *lloyd, err error) {
	least := math.Inf(1)
	for r := range restarts {
		l := newLloyd(points, k)
		l.begin(rand.New(rand.NewPCG(seed, uint64(r))))
		old := math.Inf(1)
		for range rounds {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			sum := l.assign()
			if !(sum < old) {
				break
			}
			old = sum
			l.center()
		}
		if old < least {
			least, best = old, l
		}
		report(r+1, restarts)
	}
	return best, nil
}

// lloyd is the state of k-means.
type lloyd struct {
	points, centers linalg.Matrix
	squares         []float64 // ‖center‖²
	of              []int     // the center of each point
	apart           []float64 // its squared distance to it
	size            []float64 // ‖point‖²
	pieces          int
}

func newLloyd(points linalg.Matrix, k int) *lloyd {
	n := points.Rows
	l := &lloyd{points: points, centers: linalg.New(k, points.Cols), squares: make([]float64, k),
		of: make([]int, n), apart: make([]float64, n), size: make([]float64, n), pieces: (n + pieceRows - 1) / pieceRows}
	for i := range n {
		l.size[i] = linalg.Dot(points.Row(i), points.Row(i))
	}
	return l
}

// begin draws centers among the points: the first one anyhow, each of the others with the probability of its
// squared distance to the nearest of those before.
func (l *lloyd) begin(rng *rand.Rand) {
	n := l.points.Rows
	for i := range l.apart {
		l.apart[i] = math.Inf(1)
	}
	next := rng.IntN(n)
	for c := range l.centers.Rows {
		copy(l.centers.Row(c), l.points.Row(next))
		center := l.centers.Row(c)
		square := linalg.Dot(center, center)
		parallel.For(l.pieces, func(_, p int) {
			for i := p * pieceRows; i < min(n, (p+1)*pieceRows); i++ {
				l.apart[i] = min(l.apart[i], max(0, l.size[i]+square-2*linalg.Dot(l.points.Row(i), center)))
			}
		})
		var sum float64
		for _, d := range l.apart {
			sum += d
		}
		if sum == 0 { // fewer points differ than centers are wanted
			next = rng.IntN(n)
			continue
		}
		next = drawn(l.apart, rng.Float64()*sum)
	}
}

// drawn is where the sum of the weights first goes beyond at. Its weight is not 0.
func drawn(weights []float64, at float64) int {
	last := 0
	for i, w := range weights {
		if w == 0 {
			continue
		}
		if last = i; at < w {
			break
		}
		at -= w
	}
	return last
}

// assign gives every point to its nearest center, of equal ones the first, and returns the sum of squared
// distances.
func (l *lloyd) assign() float64 {
	for c := range l.squares {
		l.squares[c] = linalg.Dot(l.centers.Row(c), l.centers.Row(c))
	}
	n, k := l.points.Rows, l.centers.Rows
	sums := make([]float64, l.pieces)
	parallel.For(l.pieces, func(_, p int) {
		first, last := p*pieceRows, min(n, (p+1)*pieceRows)
		dots := linalg.New(last-first, k)
		linalg.AddMul(dots, 1, l.points.Block(first, last, 0, l.points.Cols), l.centers.T())
		for i := first; i < last; i++ {
			near, least := 0, math.Inf(1)
			for c, dot := range dots.Row(i - first) {
				if d := l.squares[c] - 2*float64(dot); d < least {
					near, least = c, d
				}
			}
			l.of[i], l.apart[i] = near, max(0, least+l.size[i])
			sums[p] += l.apart[i]
		}
	})
	var sum float64
	for _, s := range sums {
		sum += s
	}
	return sum
}

// center brings each center to the mean of its points. One that has lost all takes the point that is furthest
// from its own.
func (l *lloyd) center() {
	n, k, m := l.points.Rows, l.centers.Rows, l.points.Cols
	sums, counts := make([]float64, k*m), make([]int, k)
	for i := range n {
		c := l.of[i]
		counts[c]++
		for j, v := range l.points.Row(i) {
			sums[c*m+j] += float64(v)
		}
	}
	for c := range k {
		to := l.centers.Row(c)
		if counts[c] == 0 {
			far := 0
			for i, d := range l.apart {
				if d > l.apart[far] {
					far = i
				}
			}
			copy(to, l.points.Row(far))
			l.apart[far] = 0
			continue
		}
		for j := range to {
			to[j] = float32(sums[c*m+j] / float64(counts[c]))
		}
	}
}
