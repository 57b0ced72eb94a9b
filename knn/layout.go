package knn

import (
	"math"

	"github.com/sparse-manifold/smt/internal/simd"
)

// layout is how vectors lie in memory for the kernels.
type layout struct {
	dim, split int
	stride     int // the even values, filled up to whole chunks, then the odd ones, filled up too
}

// chunk is the number of values that kernels take at a time.
const chunk = 16

func wholeChunks(n int) int { return (n + chunk - 1) / chunk * chunk }

func newLayout(dim, split int) layout {
	return layout{dim, split, wholeChunks(split) + wholeChunks(dim-split)}
}

// rounded reports whether cosines are computed in 8 bits first.
func (l layout) rounded() bool {
	// Sums of products of bytes fit 32 bits up to this size.
	return simd.HasBytes() && max(l.split, l.dim-l.split) <= math.MaxInt32/(127*255)
}

// place writes x to y, the even values and the odd ones each in whole chunks.
func (l layout) place(y, x []float32) {
	copy(y, x[:l.split])
	copy(y[wholeChunks(l.split):], x[l.split:l.dim])
}

// kBlock is the number of bytes of a vector that are multiplied with at a time.
const kBlock = 3072

// halves calls f for pieces of the even values, half 0, then of the odd ones, half 1: which half, where the piece
// starts, and its length, which is at most `most`.
func (l layout) halves(most int, f func(half, at, n int)) {
	even := wholeChunks(l.split)
	for half, span := range [][2]int{{0, even}, {even, l.stride}} {
		for at := span[0]; at < span[1]; at += most {
			f(half, at, min(most, span[1]-at))
		}
	}
}

// block is successive vectors of a bank as a search reads them. It depends on the vectors and their indices alone,
// not on the search, and does not change.
type block struct {
	first, rows int
	floats      []float32 // panels of simd.Columns vectors, the last filled up with zeros; nil where there are bytes
	vectors     []float32 // the vectors, rows × stride; nil where there are floats
	bytes       *packed
}

// block lays out unit vectors, rows × dim, that have the indices first, first+1, …. It keeps the given slice where
// the layout is the same.
func (l layout) block(vectors []float32, first int) *block {
	rows := len(vectors) / l.dim
	if l.stride != l.dim {
		spread := make([]float32, rows*l.stride)
		for i := range rows {
			l.place(spread[i*l.stride:], vectors[i*l.dim:])
		}
		vectors = spread
	}
	if l.rounded() {
		return &block{first: first, rows: rows, vectors: vectors, bytes: l.pack(vectors, rows, first)}
	}
	return &block{first: first, rows: rows, floats: l.panels(vectors, rows)}
}
