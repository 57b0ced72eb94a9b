package linalg

import (
	"fmt"
	"math"
)

// factorBlock is the side of the diagonal blocks that are factored one element at a time.
const factorBlock = 128

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
// operations. The error is a *NotPositiveError.
func Factor(a Matrix) (*Cholesky, error) {
	n := a.Rows
	f := &Cholesky{c: a}
	for k0 := 0; k0 < n; k0 += factorBlock {
		k1 := min(k0+factorBlock, n)
		inv, err := factorDiagonal(a.Block(k0, k1, k0, k1))
		if err != nil {
			err.Row += k0
			return nil, err
		}
		f.inverse = append(f.inverse, inv)
		if k1 == n {
			break
		}
		below := a.Block(k1, n, k0, k1)
		old := clone(below)
		zero(below)
		AddMul(below, 1, old, inv.T())
		AddMulLower(a.Block(k1, n, k1, n), -1, below, below.T())
	}
	return f, nil
}

// factorDiagonal factors a in place in float64 and returns the inverse of the factor.
func factorDiagonal(a Matrix) (Matrix, *NotPositiveError) {
	n := a.Rows
	c := make([]float64, n*n)
	for i := range n {
		for j := 0; j <= i; j++ {
			s := float64(a.At(i, j))
			for k := range j {
				s -= c[i*n+k] * c[j*n+k]
			}
			if i == j {
				if !(s > 0) {
					return Matrix{}, &NotPositiveError{Row: i, Pivot: s}
				}
				c[i*n+i] = math.Sqrt(s)
			} else {
				c[i*n+j] = s / c[j*n+j]
			}
		}
	}
	inv := make([]float64, n*n)
	for j := range n {
		inv[j*n+j] = 1 / c[j*n+j]
		for i := j + 1; i < n; i++ {
			s := 0.0
			for k := j; k < i; k++ {
				s -= c[i*n+k] * inv[k*n+j]
			}
			inv[i*n+j] = s / c[i*n+i]
		}
	}
	out := New(n, n)
	for i := range n {
		row := a.Row(i)
		for j := range n {
			row[j] = float32(c[i*n+j])
			out.Data[i*n+j] = float32(inv[i*n+j])
		}
	}
	return out, nil
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

// SolveT overwrites x, n × m, with C⁻ᵀx, at n²m operations.
func (f *Cholesky) SolveT(x Matrix) {
	n := f.c.Rows
	for b := len(f.inverse) - 1; b >= 0; b-- {
		i0 := b * factorBlock
		i1 := min(i0+factorBlock, n)
		rows := x.Block(i0, i1, 0, x.Cols)
		AddMul(rows, -1, f.c.Block(i1, n, i0, i1).T(), x.Block(i1, n, 0, x.Cols))
		apply(rows, f.inverse[b].T())
	}
}

// Vectors solves with a factor for one vector after the other: as many values as
// the matrix has rows, and zeros up to its row stride, which is a multiple of 32.
// Each solution reads the factor once. For one goroutine.
type Vectors struct {
	f          *Cholesky
	index      []uint16
	sums, tail []float32
}

// Vectors returns the solver for vectors.
func (f *Cholesky) Vectors() *Vectors {
	if f.c.RowStride%32 != 0 || f.c.ColStride != 1 {
		panic("linalg: rows of the factor are not whole blocks of 32 values")
	}
	v := &Vectors{f: f, sums: make([]float32, f.c.RowStride), tail: make([]float32, factorBlock)}
	for i := range factorBlock {
		v.index = append(v.index, uint16(i))
	}
	return v
}

// Solve overwrites x with C⁻¹x.
func (v *Vectors) Solve(x []float32) {
	c := v.f.c
	for b, inv := range v.f.inverse {
		i0 := b * factorBlock
		rows := v.index[:inv.Rows]
		if i0 > 0 {
			DotRows(rows, x[:i0], c.Data[i0*c.RowStride:], c.RowStride, v.tail)
			for i := range rows {
				x[i0+i] -= v.tail[i]
			}
		}
		// The inverse is a lower triangle.
		for i := inv.Rows - 1; i >= 0; i-- {
			var sum float32
			for j, m := range inv.Row(i)[:i+1] {
				sum += m * x[i0+j]
			}
			x[i0+i] = sum
		}
	}
}

// SolveT overwrites x with C⁻ᵀx.
func (v *Vectors) SolveT(x []float32) {
	c := v.f.c
	for b := len(v.f.inverse) - 1; b >= 0; b-- {
		inv := v.f.inverse[b]
		i0 := b * factorBlock
		tail := v.tail[:inv.Rows]
		clear(tail)
		for i := range inv.Rows {
			for j, m := range inv.Row(i)[:i+1] {
				tail[j] += m * x[i0+i]
			}
		}
		copy(x[i0:], tail)
		SubtractRows(v.index[:inv.Rows], tail, c.Data[i0*c.RowStride:], c.RowStride, x[:i0], v.sums[:i0])
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
