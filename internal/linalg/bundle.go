package linalg

import (
	"context"

	"github.com/sparse-manifold/smt/internal/parallel"
	"github.com/sparse-manifold/smt/internal/simd"
)

// Bundle is simd.Bundle vectors of N values, and zeros up to whole blocks of 32, in
// the order in which the kernels read them. What is as large as a matrix is read
// once for all of them.
type Bundle struct {
	N    int
	Data []float32
}

// NewBundle returns vectors of n zeros.
func NewBundle(n int) Bundle { return Bundle{n, make([]float32, padTo(n)*simd.Bundle)} }

// padTo is n, or the next larger multiple of 32.
func padTo(n int) int { return (n + 31) / 32 * 32 }

// Set makes vector v a copy of x, N values.
func (b Bundle) Set(v int, x []float32) {
	for i := 0; i < b.N; i += 16 {
		copy(b.Data[simd.Bundle*i+16*v:][:16], x[i:min(i+16, b.N)])
	}
}

// Get copies vector v to x, N values.
func (b Bundle) Get(v int, x []float32) {
	for i := 0; i < b.N; i += 16 {
		copy(x[i:min(i+16, b.N)], b.Data[simd.Bundle*i+16*v:])
	}
}

// Slice is values [i0, i1) of each vector. Both are multiples of 32, or i1 is N.
func (b Bundle) Slice(i0, i1 int) Bundle {
	return Bundle{i1 - i0, b.Data[simd.Bundle*i0 : simd.Bundle*padTo(i1)]}
}

// lane is 16 values of each vector.
type lane = [16 * simd.Bundle]float32

// rows writes the values to x, simd.Bundle side by side for each place.
func (b Bundle) rows(x []float32) {
	for i := 0; i < b.N; i += 16 {
		from, to := (*lane)(b.Data[simd.Bundle*i:]), x[simd.Bundle*i:simd.Bundle*min(i+16, b.N)]
		for k := range to {
			to[k] = from[k%simd.Bundle*16+k/simd.Bundle%16]
		}
	}
}

// setRows is the inverse of rows.
func (b Bundle) setRows(x []float32) {
	for i := 0; i < b.N; i += 16 {
		from, to := x[simd.Bundle*i:simd.Bundle*min(i+16, b.N)], (*lane)(b.Data[simd.Bundle*i:])
		for k, v := range from {
			to[k%simd.Bundle*16+k/simd.Bundle%16] = v
		}
	}
}

// subtractRows subtracts from each place simd.Bundle values side by side.
func (b Bundle) subtractRows(x []float32) {
	for i := 0; i < b.N; i += 16 {
		from, to := x[simd.Bundle*i:simd.Bundle*min(i+16, b.N)], (*lane)(b.Data[simd.Bundle*i:])
		for k, v := range from {
			to[k%simd.Bundle*16+k/simd.Bundle%16] -= v
		}
	}
}

// Times writes m·x to y, for m that is row-major, on all workers. What stands between rows of m must be
// finite; x has as many values as it has columns.
func (m Matrix) Times(x, y Bundle) {
	const few = 96 // rows of a piece, whole blocks and threes
	parallel.For((m.Rows+few-1)/few, func(_, p int) {
		from, to := p*few, min((p+1)*few, m.Rows)
		var dots [few * simd.Bundle]float32
		dotPiece(m, from, to, x, dots[:(to-from)*simd.Bundle])
		y.Slice(from, to).setRows(dots[:])
	})
}

// DotBundle writes to out, simd.Bundle values a row, the products of the rows of m
// and the vectors of x, on all workers.
func DotBundle(m Matrix, x Bundle, out []float32) {
	const few = 33 // rows of a piece
	parallel.For((m.Rows+few-1)/few, func(_, p int) {
		from, to := p*few, min((p+1)*few, m.Rows)
		dotPiece(m, from, to, x, out[from*simd.Bundle:to*simd.Bundle])
	})
}

// dotPiece is DotBundle of rows [from, to), on the calling goroutine. Of long rows it takes so many columns at a
// time that this part of x stays in the first-level cache.
func dotPiece(m Matrix, from, to int, x Bundle, out []float32) {
	const columns = 512
	rows := m.Data[from*m.RowStride:]
	simd.DotBundle(rows, m.RowStride, x.Data[:min(columns*simd.Bundle, len(x.Data))], out)
	if len(x.Data) <= columns*simd.Bundle {
		return
	}
	more := buffer(len(out))
	defer buffers.Put(more)
	for at := columns; at < len(x.Data)/simd.Bundle; at += columns {
		simd.DotBundle(rows[at:], m.RowStride, x.Data[at*simd.Bundle:min((at+columns)*simd.Bundle, len(x.Data))], *more)
		for i, v := range *more {
			out[i] += v
		}
	}
}

// SubtractBundle subtracts from the vectors of x the rows of m, each times its
// weights, simd.Bundle a row, on all workers.
func SubtractBundle(m Matrix, weights []float32, x Bundle) {
	const (
		columns = 256 // of a piece
		few     = 256 // rows at a time, whose next columns are fetched to the second-level cache
	)
	width := len(x.Data) / simd.Bundle
	parallel.For((width+columns-1)/columns, func(_, p int) {
		from, to := p*columns, min((p+1)*columns, width)
		for i := 0; i < m.Rows; i += few {
			last := min(i+few, m.Rows)
			simd.SubtractBundle(m.Data[i*m.RowStride+from:], m.RowStride, weights[i*simd.Bundle:last*simd.Bundle], x.Data[from*simd.Bundle:to*simd.Bundle])
		}
	})
}

// Difference makes b the vectors of x, each value times that of d at its place, less what b has been.
func (b Bundle) Difference(d []float64, x Bundle) {
	for i := 0; i < b.N; i += 16 {
		from, to := (*lane)(x.Data[simd.Bundle*i:]), (*lane)(b.Data[simd.Bundle*i:])
		part := d[i:min(i+16, b.N)]
		for v := range simd.Bundle {
			for k, s := range part {
				to[16*v+k] = float32(s*float64(from[16*v+k]) - float64(to[16*v+k]))
			}
		}
	}
}

// TimesRows writes to each row of y the product of a matrix, known by its products with bundles, and
// that row of x, until ctx is done.
func TimesRows(ctx context.Context, times func(x, y Bundle), x, y Matrix) error {
	from, to := NewBundle(x.Cols), NewBundle(y.Cols)
	for i := 0; i < x.Rows; i += simd.Bundle {
		if err := ctx.Err(); err != nil {
			return err
		}
		clear(from.Data)
		for k := i; k < min(i+simd.Bundle, x.Rows); k++ {
			from.Set(k-i, x.Row(k))
		}
		times(from, to)
		for k := i; k < min(i+simd.Bundle, x.Rows); k++ {
			to.Get(k-i, y.Row(k))
		}
	}
	return nil
}
