package linalg

import (
	"github.com/sparse-manifold/smt/internal/parallel"
	"github.com/sparse-manifold/smt/internal/simd"
)

// DotRows writes to out the products of x and the rows of table that index names,
// as simd.DotRows, on all workers.
func DotRows(index []uint16, x, table []float32, stride int, out []float32) {
	workers := parallel.Workers(len(index))
	parallel.For(workers, func(_, p int) {
		from, to := p*len(index)/workers, (p+1)*len(index)/workers
		simd.DotRows(index[from:to], x, table, stride, out[from:to])
	})
}

// SubtractRows subtracts from x the rows of table that index names, each times its
// weight, on all workers. len(x) is a multiple of 32 and at most stride; sums is
// as long, and overwritten.
func SubtractRows(index []uint16, weights, table []float32, stride int, x, sums []float32) {
	const block = 32 // columns
	blocks := len(x) / block
	workers := parallel.Workers(blocks)
	parallel.For(workers, func(_, p int) {
		from, to := p*blocks/workers*block, (p+1)*blocks/workers*block
		if len(index) == 0 || from == to {
			return
		}
		simd.Gather(index, weights, table[from:], stride, sums[from:to])
		for i, v := range sums[from:to] {
			x[from+i] -= v
		}
	})
}
