package linalg

import (
	"github.com/sparse-manifold/smt/internal/parallel"
	"github.com/sparse-manifold/smt/internal/simd"
)

// Sparse is a matrix of which a fraction is not 0. Row i has Value[k] in column Column[k], for k
// from Start[i] to Start[i+1]−1. Columns of a row increase.
type Sparse struct {
	Start  []int // of each row, and one more
	Column []uint32
	Value  []float32
}

// Rows is the number of rows.
func (m Sparse) Rows() int { return len(m.Start) - 1 }

// Times writes m·x to y, on all workers. The sum of a row is in the order of its values.
func (m Sparse) Times(x, y Bundle) {
	places := buffer(simd.Bundle * x.N)
	defer buffers.Put(places)
	x.rows(*places)
	const few = 32 // rows of a piece
	parallel.For((m.Rows()+few-1)/few, func(_, p int) {
		from, to := p*few, min((p+1)*few, m.Rows())
		var sums [few * simd.Bundle]float32
		for i := from; i < to; i++ {
			first, last := m.Start[i], m.Start[i+1]
			simd.GatherPlaces(m.Column[first:last], m.Value[first:last], *places, sums[(i-from)*simd.Bundle:])
		}
		y.Slice(from, to).setRows(sums[:])
	})
}
