package knn

import (
	"cmp"
	"fmt"
	"math"

	"github.com/sparse-manifold/smt/internal/linalg"
	"github.com/sparse-manifold/smt/internal/parallel"
	"github.com/sparse-manifold/smt/internal/plural"
	"github.com/sparse-manifold/smt/internal/simd"
)

// Neighbour is a bank vector near a query.
type Neighbour struct {
	Index  int     // of the vector in the bank
	Flip   bool    // whether the neighbour is the vector's flip
	Cosine float32 // to the query, less the vector's bias if there is one
}

// Searcher holds the queries and their nearest neighbours so far.
type Searcher struct {
	layout
	n, k    int
	queries []float32     // unit vectors, n × stride, and rows that complete a group of a kernel
	bytes   *bytes        // the queries in 8 bits; nil where cosines are computed in float32
	best    [][]Neighbour // of each query, nearest first
}

// New returns a searcher for the k nearest neighbours of n queries of dim values.
//
// split is the number of leading values of a vector that are even; the others are odd. The flip of (e, o) is
// (e, −o). With split < dim the bank holds the flip of each of its vectors too, and both cosines cost as much as
// one. With split = dim it holds the vectors alone.
func New(n, dim, split, k int) (*Searcher, error) {
	if n < 1 || k < 1 {
		return nil, fmt.Errorf("knn: %s, %s: want positive numbers", plural.Of(n, "query"), plural.Of(k, "neighbour"))
	}
	if err := check(dim, split); err != nil {
		return nil, err
	}
	s := &Searcher{layout: newLayout(dim, split), n: n, k: k, best: make([][]Neighbour, n)}
	rows := (n + simd.Rows - 1) / simd.Rows * simd.Rows
	s.queries = make([]float32, rows*s.stride)
	if s.rounded() {
		s.bytes = newBytes(rows, s.stride)
	}
	return s, nil
}

func check(dim, split int) error {
	if dim < 1 || split < 0 || split > dim {
		return fmt.Errorf("knn: vectors of %s, %d even: want a positive number, and no more even ones", plural.Of(dim, "value"), split)
	}
	return nil
}

// SetQuery makes x, scaled to unit length, query i. Calls for different queries may run at once. They come before
// any search.
func (s *Searcher) SetQuery(i int, x []float32) {
	q := s.queries[i*s.stride : (i+1)*s.stride]
	s.place(q, x)
	linalg.Unit(q)
	if s.bytes != nil {
		s.bytes.set(i, q, wholeChunks(s.split), 2*uint32(i))
	}
}

// Search compares the queries with a block of the bank: unit vectors, rows × dim, that have the indices first,
// first+1, …. Of equal cosines that of the lower index is nearer, and a vector is nearer than its flip.
func (s *Searcher) Search(block []float32, first int) {
	s.SearchBiased(block, make([]float32, len(block)/s.dim), first)
}

// SearchBiased is Search with a bias for each vector of the block and its flip. The bias is subtracted from their
// cosines.
func (s *Searcher) SearchBiased(block, bias []float32, first int) {
	s.searchBlock(s.block(block, first), bias)
}

func (s *Searcher) searchBlock(b *block, bias []float32) {
	bias = bias[:b.rows]
	if b.bytes != nil {
		s.searchBytes(b, bias)
	} else {
		s.searchFloats(b, bias)
	}
}

// Rows is how many rows of dim values a Search of so many queries takes a second or so for, in which nothing can be
// interrupted.
func Rows(queries, dim int) int {
	products := 1 << 35
	switch {
	case simd.HasBytes():
		products <<= 1
	case simd.Tier() == "generic":
		products >>= 3
	}
	const panel = 64 // rows that kernels take at a time
	return max(panel, products/(queries*dim))
}

// groups is the number of kernel groups of queries that a worker takes at a time. Their values of one kBlock stay
// in the second-level cache, beside those of a panel.
const groups = 16

// pieces calls f for all queries, groups·simd.Rows at a time: with the worker, the first query, and the number of
// kernel groups.
func (s *Searcher) pieces(f func(worker, query, groups int)) {
	all := (s.n + simd.Rows - 1) / simd.Rows
	parallel.For((all+groups-1)/groups, func(w, i int) {
		f(w, i*groups*simd.Rows, min(groups, all-i*groups))
	})
}

// offer adds n to the nearest of query q, if it is one of them.
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

// least is the cosine that a neighbour of query q must reach.
func (s *Searcher) least(q int) float32 {
	if len(s.best[q]) < s.k {
		return float32(math.Inf(-1))
	}
	return s.best[q][s.k-1].Cosine
}

// nearer is the order of neighbours.
func nearer(a, b Neighbour) bool {
	switch {
	case a.Cosine != b.Cosine:
		return a.Cosine > b.Cosine
	case a.Index != b.Index:
		return a.Index < b.Index
	default:
		return !a.Flip && b.Flip
	}
}

// byCosine sorts nearest first.
func byCosine(a, b Neighbour) int { return cmp.Compare(b.Cosine, a.Cosine) }

// Neighbours are the nearest neighbours of query i, nearest first. They are k, or fewer if the bank was smaller.
func (s *Searcher) Neighbours(i int) []Neighbour { return s.best[i] }

// Forget drops what was found. The queries stay.
func (s *Searcher) Forget() {
	for i := range s.best {
		s.best[i] = s.best[i][:0]
	}
}
