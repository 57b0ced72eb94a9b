package linalg

import (
	"context"
	"fmt"
	"math"

	"github.com/sparse-manifold/smt/internal/simd"
)

const (
	// factorBlock is the side of the diagonal blocks that are factored one element at a time.
	factorBlock = 128
	// factorPanel is the number of columns whose products are subtracted from what
	// stands to the right of them all at once.
	factorPanel = 3 * factorBlock
)

// Cholesky is a lower triangular factor C of a symmetric positive definite
// matrix A = CCᵀ, with the inverses of its diagonal blocks.
type Cholesky struct {
	c       Matrix
	inverse []Matrix // of diagonal blocks of side factorBlock
}

// NotPositiveError tells where a factorization met a pivot that is not positive.
type NotPositiveError struct {
	Row   int
	Pivot float64
}

func (e *NotPositiveError) Error() string {
	return fmt.Sprintf("linalg: matrix is not positive definite: pivot %g in row %d", e.Pivot, e.Row)
}

// Factor overwrites the lower triangle of a, n × n and row-major, with its
// Cholesky factor; what is above the diagonal is destroyed. It costs n³/3
// operations. The error is a *NotPositiveError, or that of ctx.
func Factor(ctx context.Context, a Matrix) (*Cholesky, error) {
	n := a.Rows
	f := &Cholesky{c: a}
	for p0 := 0; p0 < n; p0 += factorPanel {
		p1 := min(p0+factorPanel, n)
		for k0 := p0; k0 < p1; k0 += factorBlock {
			k1 := min(k0+factorBlock, n)
			inv, err := factorDiagonal(a.Block(k0, k1, k0, k1))
			if err != nil {
				err.Row += k0
				return nil, err
			}
			f.inverse = append(f.inverse, inv)
			below := a.Block(k1, n, k0, k1)
			old := clone(below)
			zero(below)
			if err := AddMulUntil(ctx, below, 1, old, inv.T()); err != nil {
				return nil, err
			}
			if err := AddMulUntil(ctx, a.Block(k1, n, k1, p1), -1, below, a.Block(k1, p1, k0, k1).T()); err != nil {
				return nil, err
			}
		}
		panel := a.Block(p1, n, p0, p1)
		if err := AddMulLower(ctx, a.Block(p1, n, p1, n), -1, panel, panel.T()); err != nil {
			return nil, err
		}
	}
	return f, nil
}

// factorDiagonal factors a in place in float64 and returns the inverse of the factor.
func factorDiagonal(a Matrix) (Matrix, *NotPositiveError) {
	n := a.Rows
	c := make([]float64, n*n)
	for i := range n {
		ci := c[i*n : (i+1)*n]
		for j := range i {
			ci[j] = (float64(a.At(i, j)) - dot64(ci[:j], c[j*n:])) / c[j*n+j]
		}
		s := float64(a.At(i, i)) - dot64(ci[:i], ci)
		if !(s > 0) {
			return Matrix{}, &NotPositiveError{Row: i, Pivot: s}
		}
		ci[i] = math.Sqrt(s)
	}
	// Row i of the inverse is that of I, less the rows before it, c[i, k] times each.
	inv := make([]float64, n*n)
	for i := range n {
		row := inv[i*n : i*n+i+1]
		for k, x := range c[i*n : i*n+i] {
			for j, y := range inv[k*n : k*n+k+1] {
				row[j] -= x * y
			}
		}
		row[i] = 1
		for j := range row {
			row[j] /= c[i*n+i]
		}
	}
	out := New(n, padTo(n)).Block(0, n, 0, n)
	for i := range n {
		row, to := a.Row(i), out.Row(i)
		for j := range n {
			row[j] = float32(c[i*n+j])
			to[j] = float32(inv[i*n+j])
		}
	}
	return out, nil
}

// dot64 is the product of x and as many values of y, in four sums that do not wait for
// each other.
func dot64(x, y []float64) float64 {
	var a, b, c, d float64
	y = y[:len(x)]
	i := 0
	for ; i+4 <= len(x); i += 4 {
		a += x[i] * y[i]
		b += x[i+1] * y[i+1]
		c += x[i+2] * y[i+2]
		d += x[i+3] * y[i+3]
	}
	for ; i < len(x); i++ {
		a += x[i] * y[i]
	}
	return (a + b) + (c + d)
}

// Solve overwrites x, n × m, with C⁻¹x, at n²m operations.
func (f *Cholesky) Solve(x Matrix) {
	n := f.c.Rows
	for b, inv := range f.inverse {
		i0 := b * factorBlock
		i1 := min(i0+factorBlock, n)
		rows := x.Block(i0, i1, 0, x.Cols)
		AddMul(rows, -1, f.c.Block(i0, i1, 0, i0), x.Block(0, i0, 0, x.Cols))
		apply(rows, inv)
	}
}

// SolveRows overwrites the rows of x, m × n, with those of x·C⁻¹, at n²m operations,
// until ctx is done, whose error it then returns.
func (f *Cholesky) SolveRows(ctx context.Context, x Matrix) error {
	n := f.c.Rows
	for b := len(f.inverse) - 1; b >= 0; b-- {
		i0 := b * factorBlock
		i1 := min(i0+factorBlock, n)
		cols := x.Block(0, x.Rows, i0, i1)
		if err := AddMulUntil(ctx, cols, -1, x.Block(0, x.Rows, i1, n), f.c.Block(i1, n, i0, i1)); err != nil {
			return err
		}
		old := clone(cols)
		zero(cols)
		AddMul(cols, 1, old, f.inverse[b])
	}
	return nil
}

// SolveBundle overwrites the vectors of x with C⁻¹x. Rows of the factor must be whole
// blocks of 32 values apart. The factor is read once.
func (f *Cholesky) SolveBundle(x Bundle) {
	f.checkBundle(x)
	values := buffer(factorBlock * simd.Bundle)
	defer buffers.Put(values)
	for b, inv := range f.inverse {
		i0 := b * factorBlock
		tail := x.Slice(i0, i0+inv.Rows)
		rows := (*values)[:inv.Rows*simd.Bundle]
		if i0 > 0 {
			DotBundle(f.c.Block(i0, i0+inv.Rows, 0, i0), x.Slice(0, i0), rows)
			tail.subtractRows(rows)
		}
		simd.DotBundle(inv.Data, inv.RowStride, tail.Data, rows)
		tail.setRows(rows)
	}
}

// SolveBundleT overwrites the vectors of x with C⁻ᵀx, as SolveBundle does with C⁻¹x.
func (f *Cholesky) SolveBundleT(x Bundle) {
	f.checkBundle(x)
	values := buffer(factorBlock * simd.Bundle)
	defer buffers.Put(values)
	for b := len(f.inverse) - 1; b >= 0; b-- {
		inv := f.inverse[b]
		i0 := b * factorBlock
		tail := x.Slice(i0, i0+inv.Rows)
		rows := (*values)[:inv.Rows*simd.Bundle]
		tail.rows(rows)
		for i := range rows {
			rows[i] = -rows[i]
		}
		clear(tail.Data)
		simd.SubtractBundle(inv.Data, inv.RowStride, rows, tail.Data)
		if i0 > 0 {
			tail.rows(rows)
			SubtractBundle(f.c.Block(i0, i0+inv.Rows, 0, i0), rows, x.Slice(0, i0))
		}
	}
}

func (f *Cholesky) checkBundle(x Bundle) {
	if f.c.RowStride%32 != 0 || f.c.ColStride != 1 || x.N != f.c.Rows {
		panic("linalg: rows of the factor are not whole blocks of 32 values, or a bundle's vectors are not as long")
	}
}

// apply overwrites x with m·x.
func apply(x, m Matrix) {
	old := clone(x)
	zero(x)
	AddMul(x, 1, m, old)
}

func clone(m Matrix) Matrix {
	c := New(m.Rows, m.Cols)
	for i := range m.Rows {
		copy(c.Row(i), m.Row(i))
	}
	return c
}

func zero(m Matrix) {
	for i := range m.Rows {
		clear(m.Row(i))
	}
}
