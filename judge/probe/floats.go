package probe

import (
	"github.com/sparse-manifold/smt/internal/linalg"
	"github.com/sparse-manifold/smt/internal/parallel"
	"github.com/sparse-manifold/smt/internal/simd"
)

// Without a kernel for bytes, rows are turned into float32, a tile at a time.

const (
	tileRows    = 40 * simd.Rows // rows of a tile
	tileColumns = 4 * chunk      // columns of it
)

// tile writes q of rows [i, i+n) and columns [j, j+m) to x, n × m.
func (r *rows) tile(i, n, j, m int, x []float32) linalg.Matrix {
	for a := range n {
		row := x[a*m : (a+1)*m]
		for b, v := range r.q[(i+a)*r.stride+j:][:m] {
			row[b] = float32(v)
		}
	}
	return linalg.Wrap(n, m, x)
}

func (r *rows) productsFloats(w []float32, k int, out []float32) {
	pieces := (r.n + tileRows - 1) / tileRows
	scratch := make([][]float32, parallel.Workers(pieces))
	ws := linalg.Wrap(k, r.stride, w)
	parallel.For(pieces, func(worker, piece int) {
		if scratch[worker] == nil {
			scratch[worker] = make([]float32, tileRows*tileColumns)
		}
		i := piece * tileRows
		n := min(tileRows, r.n-i)
		block := linalg.Wrap(n, k, out[i*k:])
		clear(block.Data)
		for j := 0; j < r.stride; j += tileColumns {
			m := min(tileColumns, r.stride-j)
			linalg.AddMulSerial(block, r.tile(i, n, j, m, scratch[worker]), ws.Block(0, k, j, j+m).T())
		}
		for a := range n {
			for c, v := range block.Row(a) {
				block.Row(a)[c] = v * r.unit[i+a]
			}
		}
	})
}

func (r *rows) sumsFloats(weights []float32, k int, out []float32) {
	scaled := linalg.New(r.n, k)
	for i, u := range r.unit {
		for c, v := range weights[i*k : (i+1)*k] {
			scaled.Row(i)[c] = u * v
		}
	}
	pieces := (r.stride + tileColumns - 1) / tileColumns
	type buffers struct {
		x, part []float32
		sum     []float64
	}
	scratch := make([]buffers, parallel.Workers(pieces))
	parallel.For(pieces, func(worker, piece int) {
		b := &scratch[worker]
		if b.x == nil {
			*b = buffers{make([]float32, tileRows*tileColumns), make([]float32, k*tileColumns), make([]float64, k*tileColumns)}
		}
		j := piece * tileColumns
		m := min(tileColumns, r.stride-j)
		clear(b.sum)
		for i := 0; i < r.n; i += tileRows {
			n := min(tileRows, r.n-i)
			clear(b.part)
			linalg.AddMulSerial(linalg.Wrap(k, m, b.part), scaled.Block(i, i+n, 0, k).T(), r.tile(i, n, j, m, b.x))
			for e, v := range b.part[:k*m] {
				b.sum[e] += float64(v)
			}
		}
		for c := range k {
			for e, v := range b.sum[c*m : (c+1)*m] {
				out[c*r.stride+j+e] = float32(v)
			}
		}
	})
}
