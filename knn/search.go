// Package knn finds exact nearest neighbours under the cosine and classifies by
// their weighted votes (paper, section 4).
//
// The bank is streamed past the queries in blocks and only the best k
// neighbours of each query are kept, so a bank of any size fits in memory.
package knn

import (
	"fmt"
	"math"

	"github.com/sparse-manifold/smt/internal/parallel"
	"github.com/sparse-manifold/smt/internal/simd"
)

// Neighbour is a bank vector near a query.
type Neighbour struct {
	Index    int     // of the vector in the bank
	Mirrored bool    // the neighbour is the vector's mirror image
	Cosine   float32 // similarity to the query
}

// Searcher holds the queries and their nearest neighbours so far.
type Searcher struct {
	n, dim, split, k int
	// queries are unit vectors in panels as the tile kernel reads them.
	queries []float32
	best    [][]Neighbour // nearest first, at most k
}

// kBlock is the number of dimensions a panel is worked through at a time: a
// panel's share, kBlock × 64 floats, stays in the second-level cache.
const kBlock = 768

// New returns a searcher for the k nearest neighbours of n queries of dim values.
//
// split says how many leading values of a vector are even under mirroring, the
// others being odd: the mirror image of (e, o) is (e, −o). With split < dim the
// bank holds the mirror image of each of its vectors too, and both cosines cost
// as much as one. split = dim is the plain bank.
func New(n, dim, split, k int) (*Searcher, error) {
	if n < 1 || dim < 1 || split < 0 || split > dim || k < 1 {
		return nil, fmt.Errorf("knn: %d queries of %d values (%d even), %d neighbours: want positive numbers", n, dim, split, k)
	}
	width := simd.Columns()
	panels := (n + width - 1) / width
	return &Searcher{n: n, dim: dim, split: split, k: k,
		queries: make([]float32, panels*width*dim), best: make([][]Neighbour, n)}, nil
}

// SetQuery makes x, scaled to unit length, query i. Calls for different
// queries may run at once, before any search.
func (s *Searcher) SetQuery(i int, x []float32) {
	width := simd.Columns()
	panel := s.queries[i/width*width*s.dim:]
	inv := inverseLength(x)
	for k, v := range x[:s.dim] {
		panel[k*width+i%width] = float32(float64(v) * inv)
	}
}

// inverseLength is 1/‖x‖, or 0 for x = 0, which is as far from everything.
func inverseLength(x []float32) float64 {
	var sum float64
	for _, v := range x {
		sum += float64(v) * float64(v)
	}
	if sum == 0 {
		return 0
	}
	return 1 / math.Sqrt(sum)
}

// Scale makes x a unit vector, as Search wants them.
func Scale(x []float32) {
	inv := inverseLength(x)
	for i, v := range x {
		x[i] = float32(float64(v) * inv)
	}
}

// Search compares the queries with a block of the bank: unit vectors, rows ×
// dim, that have the indices first, first+1, …. Of equal cosines the lower
// index counts as nearer, and a vector as nearer than its mirror image.
func (s *Searcher) Search(block []float32, first int) {
	rows := len(block) / s.dim
	groups := (rows + simd.Rows - 1) / simd.Rows
	if padded := groups * simd.Rows * s.dim; len(block) < padded {
		block = append(block[:len(block):len(block)], make([]float32, padded-len(block))...)
	}
	width := simd.Columns()
	panels := (s.n + width - 1) / width
	scores := make([][]float32, parallel.Workers(panels))
	parallel.For(panels, func(w, p int) {
		size := groups * simd.Rows * width
		if scores[w] == nil {
			scores[w] = make([]float32, 2*size)
		}
		even, odd := scores[w][:size], scores[w][size:]
		clear(scores[w])
		panel := s.queries[p*width*s.dim : (p+1)*width*s.dim]
		s.multiply(even, block, panel, 0, s.split, groups)
		s.multiply(odd, block, panel, s.split, s.dim, groups)
		for q := p * width; q < min((p+1)*width, s.n); q++ {
			for r := range rows {
				e, o := even[r*width+q%width], odd[r*width+q%width]
				s.offer(q, Neighbour{first + r, false, e + o})
				if s.split < s.dim {
					s.offer(q, Neighbour{first + r, true, e - o})
				}
			}
		}
	})
}

// multiply adds to scores, rows × Columns, the products over dimensions [from, to).
func (s *Searcher) multiply(scores, block, panel []float32, from, to, groups int) {
	width := simd.Columns()
	for k0 := from; k0 < to; k0 += kBlock {
		k := min(kBlock, to-k0)
		for g := range groups {
			simd.Gemm32(k, block[g*simd.Rows*s.dim+k0:], s.dim, panel[k0*width:], scores[g*simd.Rows*width:], width)
		}
	}
}

func (s *Searcher) offer(q int, n Neighbour) {
	best := s.best[q]
	if len(best) == s.k && !nearer(n, best[s.k-1]) {
		return
	}
	if len(best) < s.k {
		best = append(best, n)
	}
	i := len(best) - 1
	for ; i > 0 && nearer(n, best[i-1]); i-- {
		best[i] = best[i-1]
	}
	best[i] = n
	s.best[q] = best
}

func nearer(a, b Neighbour) bool {
	switch {
	case a.Cosine != b.Cosine:
		return a.Cosine > b.Cosine
	case a.Index != b.Index:
		return a.Index < b.Index
	default:
		return !a.Mirrored && b.Mirrored
	}
}

// Neighbours are the nearest neighbours of query i, nearest first: k of them,
// or fewer if the bank was smaller.
func (s *Searcher) Neighbours(i int) []Neighbour { return s.best[i] }
