// Package linalg is the dense float32 algebra of the solver and of the patch
// statistics: products, Cholesky factors and triangular solves, all of them on
// the tile kernel of internal/simd.
//
// Every element of a result is summed in an order that depends on the shapes
// alone, so results do not depend on the number of workers.
package linalg

import (
	"context"
	"math"
	"sync"

	"github.com/sparse-manifold/smt/internal/parallel"
	"github.com/sparse-manifold/smt/internal/simd"
)

// Matrix is a view of Rows × Cols values; element (i, j) is
// Data[i·RowStride + j·ColStride].
type Matrix struct {
	Rows, Cols           int
	RowStride, ColStride int
	Data                 []float32
}

// New returns a Rows × Cols matrix of zeros.
func New(rows, cols int) Matrix { return Wrap(rows, cols, make([]float32, rows*cols)) }

// NewPadded is New with rows that are whole blocks of 32 values apart, as bundles want
// them.
func NewPadded(rows, cols int) Matrix { return New(rows, padTo(cols)).Block(0, rows, 0, cols) }

// Wrap views data as a row-major matrix.
func Wrap(rows, cols int, data []float32) Matrix {
	return Matrix{rows, cols, cols, 1, data[:rows*cols]}
}

// T is the transposed view.
func (m Matrix) T() Matrix {
	return Matrix{m.Cols, m.Rows, m.ColStride, m.RowStride, m.Data}
}

// Block is the view of rows [i0, i1) and columns [j0, j1).
func (m Matrix) Block(i0, i1, j0, j1 int) Matrix {
	v := Matrix{Rows: i1 - i0, Cols: j1 - j0, RowStride: m.RowStride, ColStride: m.ColStride}
	if v.Rows > 0 && v.Cols > 0 {
		v.Data = m.Data[i0*m.RowStride+j0*m.ColStride:]
	}
	return v
}

// Row is row i of a row-major matrix.
func (m Matrix) Row(i int) []float32 {
	return m.Data[i*m.RowStride : i*m.RowStride+m.Cols]
}

// At is element (i, j).
func (m Matrix) At(i, j int) float32 { return m.Data[i*m.RowStride+j*m.ColStride] }

// MirrorLower copies what is below the diagonal of a, row-major, to above it.
func MirrorLower(a Matrix) {
	const side = 64 // rows and columns of a tile both stay in cache
	tiles := (a.Rows + side - 1) / side
	parallel.For(tiles, func(_, t int) {
		for i0 := t * side; i0 < a.Rows; i0 += side {
			for j := t * side; j < min((t+1)*side, a.Rows); j++ {
				row := a.Data[j*a.RowStride:]
				for i := max(i0, j+1); i < min(i0+side, a.Rows); i++ {
					row[i] = a.Data[i*a.RowStride+j]
				}
			}
		}
	})
}

// Dot is the product of x and as many values of y, in float64 and in order.
func Dot(x, y []float32) (sum float64) {
	for i, v := range x {
		sum += float64(v) * float64(y[i])
	}
	return sum
}

// Unit scales x to length 1; zero stays zero.
func Unit(x []float32) {
	sum := Dot(x, x)
	if sum == 0 {
		return
	}
	inv := 1 / math.Sqrt(sum)
	for i, v := range x {
		x[i] = float32(float64(v) * inv)
	}
}

// Block sizes of the product: a packed panel of B, blockK × 64 floats, stays in
// the second-level cache; the rows of A, blockM × blockK, beside it.
const (
	blockK = 384
	blockM = 20 * simd.Rows
	blockN = 4096
)

var buffers = sync.Pool{New: func() any { return new([]float32) }}

func buffer(n int) *[]float32 {
	b := buffers.Get().(*[]float32)
	if cap(*b) < n {
		*b = make([]float32, n)
	}
	*b = (*b)[:n]
	return b
}

// AddMul adds alpha·a·b to c, which is row-major: c += alpha·a·b.
// It costs 2·Rows·Cols·a.Cols operations.
func AddMul(c Matrix, alpha float32, a, b Matrix) {
	_ = addMul(context.Background(), c, alpha, a, b, false)
}

// AddMulUntil is AddMul until ctx is done, whose error it then returns: c is of no use
// after one.
func AddMulUntil(ctx context.Context, c Matrix, alpha float32, a, b Matrix) error {
	return addMul(ctx, c, alpha, a, b, false)
}

// AddMulLower is AddMulUntil for the elements of c on and below its diagonal; tiles that
// straddle the diagonal also change elements above it.
func AddMulLower(ctx context.Context, c Matrix, alpha float32, a, b Matrix) error {
	return addMul(ctx, c, alpha, a, b, true)
}

// SumRows is the number of products that are summed before they join a sum: a
// product cut into parts of so many columns of a, added one after the other, is the
// same to the last bit.
const SumRows = blockK

// AddMulSerial is c += a·b on the calling goroutine, for workers that share
// out whole images.
func AddMulSerial(c, a, b Matrix) {
	if a.Cols != b.Rows || c.Rows != a.Rows || c.Cols != b.Cols || c.ColStride != 1 {
		panic("linalg: shapes of a product do not fit")
	}
	width := simd.Columns()
	panels := (c.Cols + width - 1) / width
	for k0 := 0; k0 < a.Cols; k0 += blockK {
		k := min(blockK, a.Cols-k0)
		packed := buffer(panels * k * width)
		for p := range panels {
			packPanel((*packed)[p*k*width:(p+1)*k*width], 1, b, k0, k, p*width)
		}
		for i0 := 0; i0 < c.Rows; i0 += blockM {
			slab{*packed, k0, k, 0}.addMul(c, a, i0, 0, panels)
		}
		buffers.Put(packed)
	}
}

func addMul(ctx context.Context, c Matrix, alpha float32, a, b Matrix, lower bool) error {
	if a.Cols != b.Rows || c.Rows != a.Rows || c.Cols != b.Cols || c.ColStride != 1 {
		panic("linalg: shapes of a product do not fit")
	}
	if c.Rows == 0 || c.Cols == 0 || a.Cols == 0 {
		return nil
	}
	width := simd.Columns()
	for j0 := 0; j0 < c.Cols; j0 += blockN {
		j1 := min(j0+blockN, c.Cols)
		panels := (j1 - j0 + width - 1) / width
		for k0 := 0; k0 < a.Cols; k0 += blockK {
			k := min(blockK, a.Cols-k0)
			packed := buffer(panels * k * width)
			parallel.For(panels, func(_, p int) {
				packPanel((*packed)[p*k*width:(p+1)*k*width], alpha, b, k0, k, j0+p*width)
			})
			// Workers share the columns as well when there are few rows.
			rows := (c.Rows + blockM - 1) / blockM
			strips := 1
			if w := parallel.Workers(1 << 20); rows < 4*w {
				strips = min(panels, (4*w+rows-1)/rows)
			}
			err := parallel.ForErr(ctx, rows*strips, func(_, piece int) error {
				i0 := piece / strips * blockM
				i1 := min(i0+blockM, c.Rows)
				s := piece % strips
				p0, p1 := s*panels/strips, (s+1)*panels/strips
				if lower {
					p1 = min(p1, max(0, (i1-1-j0)/width+1))
				}
				if p0 < p1 {
					slab{*packed, k0, k, j0}.addMul(c, a, i0, p0, p1)
				}
				return nil
			})
			buffers.Put(packed)
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// packPanel lays alpha times the columns of b from j0 on, rows [k0, k0+k), out as
// the tile kernel reads them: row by row, zero beyond the last column.
func packPanel(dst []float32, alpha float32, b Matrix, k0, k, j0 int) {
	width := simd.Columns()
	n := min(width, b.Cols-j0)
	if b.ColStride == 1 {
		for s := range k {
			row := b.Data[(k0+s)*b.RowStride+j0:]
			d := dst[s*width : (s+1)*width]
			for j, x := range row[:n] {
				d[j] = alpha * x
			}
			clear(d[n:])
		}
		return
	}
	if n < width {
		clear(dst)
	}
	// A few rows at a time, so that those written to stay in the first-level cache.
	const few = 16
	for s0 := 0; s0 < k; s0 += few {
		rows := min(few, k-s0)
		for j := range n {
			col := b.Data[(j0+j)*b.ColStride+(k0+s0)*b.RowStride:]
			for s := range rows {
				dst[(s0+s)*width+j] = alpha * col[s*b.RowStride]
			}
		}
	}
}

// slab is rows [k0, k0+k) of the right factor of a product, in packed panels from column j0 on.
type slab struct {
	packed    []float32
	k0, k, j0 int
}

// addMul adds to rows of c, blockM of them from i0 on, those of a times panels [p0, p1).
func (s slab) addMul(c, a Matrix, i0, p0, p1 int) {
	width, k, k0 := simd.Columns(), s.k, s.k0
	i1 := min(i0+blockM, c.Rows)
	groups := (i1 - i0 + simd.Rows - 1) / simd.Rows
	// Rows that are not side by side in memory, or too few for a group, are copied.
	whole := groups
	if a.ColStride != 1 {
		whole = 0
	} else if (i1-i0)%simd.Rows != 0 {
		whole--
	}
	rows := buffer((groups-whole)*simd.Rows*k + simd.Rows*width)
	defer buffers.Put(rows)
	copied, edge := (*rows)[:(groups-whole)*simd.Rows*k], (*rows)[(groups-whole)*simd.Rows*k:]
	clear(copied)
	for i := i0 + whole*simd.Rows; i < i1; i++ {
		d := copied[(i-i0-whole*simd.Rows)*k:][:k]
		src := a.Data[i*a.RowStride+k0*a.ColStride:]
		for n := range d {
			d[n] = src[n*a.ColStride]
		}
	}
	for p := p0; p < p1; p++ {
		panel := s.packed[p*k*width : (p+1)*k*width]
		j := s.j0 + p*width
		n := min(width, c.Cols-j)
		for g := range groups {
			i := i0 + g*simd.Rows
			m := min(simd.Rows, i1-i)
			var x []float32
			stride := k
			if g < whole {
				x, stride = a.Data[i*a.RowStride+k0:], a.RowStride
			} else {
				x = copied[(g-whole)*simd.Rows*k:]
			}
			if m == simd.Rows && n == width {
				simd.Gemm32(k, x, stride, panel, c.Data[i*c.RowStride+j:], c.RowStride)
				continue
			}
			clear(edge)
			simd.Gemm32(k, x, stride, panel, edge, width)
			for r := range m {
				row := c.Data[(i+r)*c.RowStride+j:]
				for q, x := range edge[r*width : r*width+n] {
					row[q] += x
				}
			}
		}
	}
}
