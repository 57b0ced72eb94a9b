package knn

import (
	"math"

	"github.com/sparse-manifold/smt/internal/simd"
)

// layout is how vectors lie in memory for the kernels.
type layout struct {
	dim, split int
	stride     int // even values, filled up to whole chunks, then odd ones
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

// place writes x to y, even and odd values in whole chunks.
func (l layout) place(y, x []float32) {
	copy(y, x[:l.split])
	copy(y[wholeChunks(l.split):], x[l.split:l.dim])
}

// kBlock is the number of bytes of a vector that are multiplied at a time.
const kBlock = 3072

// parts calls f for pieces of the even, then of the odd values: which part, where
// it starts, and its length, at most most.
func (l layout) parts(most int, f func(part, at, n int)) {
	even := wholeChunks(l.split)
	for part, span := range [][2]int{{0, even}, {even, l.stride}} {
		for at := span[0]; at < span[1]; at += most {
			f(part, at, min(most, span[1]-at))
		}
	}
}

// block is successive vectors of a bank as a search reads them. It depends on the
// vectors and their indices alone, not on the search, and does not change.
type block struct {
	first, rows int
	// Panels are of simd.Columns vectors, the last one filled up with zeros.
	floats  []float32 // panels, nil where there are bytes
	vectors []float32 // rows × stride, beside bytes
	bytes   *packed
}

// block lays out unit vectors, rows × dim, that have the indices first, first+1, ….
// It keeps them where they need not be copied.
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
