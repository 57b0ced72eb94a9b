package probe

import (
	"encoding/binary"
	"math"
	"unsafe"

	"github.com/sparse-manifold/smt/internal/parallel"
	"github.com/sparse-manifold/smt/internal/simd"
)

// Both products with the rows run in 8 bits. The rows are multiplied by whole numbers of 24 bits times a scale,
// which are as precise as float32. The three digits of 8 bits of such a number are multiplied one by one, so that
// the sums are exact integers.

const (
	digits = 3
	// half is added to weights of up to ±(half−1), so that they have no sign.
	half = 1 << 23
	// largestSigned is the largest number with three digits from -128 to 127.
	largestSigned = 127<<16 + 127<<8 + 127
)

// A product with the rows takes a tile of rows and columns at a time.
const (
	productColumns = 3072           // of which rows stay in the second-level cache, beside a panel
	productRows    = 16 * simd.Rows // enough to make up for reading the panel
)

// productsBytes multiplies the rows as they are by panels of the digits of w.
func (r *rows) productsBytes(w []float32, k int, out []float32) {
	panels, scales := r.digitPanels(w, k)
	cols := simd.Columns()
	width := whole(digits*k, cols)
	pieces := (r.n + productRows - 1) / productRows
	type buffers struct {
		tile []int32
		sum  []int64
	}
	scratch := make([]buffers, parallel.Workers(pieces))
	parallel.For(pieces, func(worker, piece int) {
		b := &scratch[worker]
		if b.tile == nil {
			*b = buffers{make([]int32, productRows*width), make([]int64, productRows*k)}
		}
		first := piece * productRows
		n := min(productRows, r.n-first)
		clear(b.sum)
		for at := 0; at < r.stride; at += productColumns {
			m := min(productColumns, r.stride-at)
			clear(b.tile)
			for p := range width / cols {
				for i := 0; i < n; i += simd.Rows {
					simd.Gemm8(m/4, r.q[(first+i)*r.stride+at:], r.stride, panels[(p*r.stride+at)*cols:], b.tile[i*width+p*cols:], width)
				}
			}
			for i := range n {
				row := b.tile[i*width:][:digits*k]
				for c := range b.sum[i*k : (i+1)*k] {
					d := row[digits*c:][:digits]
					b.sum[i*k+c] += int64(d[0]) + int64(d[1])<<8 + int64(d[2])<<16
				}
			}
		}
		for i := range n {
			u, excess := float64(r.unit[first+i]), half*int64(r.sum[first+i])
			for c, s := range b.sum[i*k : (i+1)*k] {
				out[(first+i)*k+c] = float32(u * scales[c] * float64(s-excess))
			}
		}
	})
}

// digitPanels lays out the digits of w, k × stride, as columns of panels. Those of row c are columns 3c to 3c+2, the
// lowest first. A value of w is the number of its digits, less half, times the scale of its row.
func (r *rows) digitPanels(w []float32, k int) (panels []uint8, scales []float64) {
	cols := simd.Columns()
	panels = make([]uint8, whole(digits*k, cols)*r.stride)
	scales = make([]float64, k)
	parallel.For(k, func(_, c int) {
		row := w[c*r.stride : (c+1)*r.stride]
		scale := float64(simd.MaxAbs(row)) / (half - 1)
		scales[c] = scale
		if scale == 0 {
			scale = 1
		}
		var to [digits][]uint8
		for d := range to {
			j := digits*c + d
			to[d] = panels[j/cols*cols*r.stride+4*(j%cols):]
		}
		for at, v := range row {
			u := uint32(half + int(math.RoundToEven(float64(v)/scale)))
			place := at/4*4*cols + at%4
			to[0][place], to[1][place], to[2][place] = uint8(u), uint8(u>>8), uint8(u>>16)
		}
	})
	return panels, scales
}

// A sum of the rows takes a tile of so many rows and columns at a time, whose panels stay in the second-level cache.
const (
	sumRows    = 1024
	sumColumns = 4 * chunk
)

// sumsBytes multiplies the digits of the weights by panels of the rows.
func (r *rows) sumsBytes(weights []float32, k int, out []float32) {
	blocks := (r.n + sumRows - 1) / sumRows
	terms := make([]terms, blocks)
	parallel.For(blocks, func(_, b int) {
		terms[b] = r.terms(weights, k, b*sumRows, min(sumRows, r.n-b*sumRows))
	})
	cols := simd.Columns()
	high := whole(digits*k, simd.Rows)
	pieces := (r.stride + sumColumns - 1) / sumColumns
	type buffers struct {
		panels []uint8
		tile   []int32
		sum    []float64
	}
	scratch := make([]buffers, parallel.Workers(pieces))
	parallel.For(pieces, func(worker, piece int) {
		buf := &scratch[worker]
		if buf.tile == nil {
			*buf = buffers{make([]uint8, sumRows*cols), make([]int32, high*sumColumns), make([]float64, k*sumColumns)}
		}
		at := piece * sumColumns
		m := min(sumColumns, r.stride-at)
		clear(buf.sum)
		for b, t := range terms {
			n := whole(min(sumRows, r.n-b*sumRows), 4)
			clear(buf.tile)
			for p := range m / cols {
				r.panel(b*sumRows, n, at+p*cols, buf.panels)
				for g := 0; g < high; g += simd.Rows {
					simd.Gemm8(n/4, t.digits[g*sumRows:], sumRows, buf.panels, buf.tile[g*m+p*cols:], m)
				}
			}
			for c := range k {
				low, mid, top := buf.tile[digits*c*m:][:m], buf.tile[(digits*c+1)*m:][:m], buf.tile[(digits*c+2)*m:][:m]
				excess, scale := 128*t.sum[c], t.scale[c]
				sum := buf.sum[c*m : (c+1)*m]
				for j := range sum {
					sum[j] += scale * float64(int64(low[j])+int64(mid[j])<<8+int64(top[j])<<16-excess)
				}
			}
		}
		for c := range k {
			for j, v := range buf.sum[c*m : (c+1)*m] {
				out[c*r.stride+at+j] = float32(v)
			}
		}
	})
}

// terms are the weights of a block of rows times the rows' units, for each class: whole numbers times a scale.
type terms struct {
	digits []int8    // signed; those of class c are rows 3c to 3c+2, of sumRows digits each, the lowest first
	scale  []float64 // of each class
	sum    []int64   // of the numbers of each class
}

func (r *rows) terms(weights []float32, k, first, n int) terms {
	t := terms{make([]int8, whole(digits*k, simd.Rows)*sumRows), make([]float64, k), make([]int64, k)}
	for c := range k {
		var largest float64
		for i := range n {
			largest = max(largest, math.Abs(float64(weights[(first+i)*k+c])*float64(r.unit[first+i])))
		}
		if largest == 0 {
			continue
		}
		scale := largest / largestSigned
		t.scale[c] = scale
		low := t.digits[digits*c*sumRows:]
		for i := range n {
			v := int64(math.RoundToEven(float64(weights[(first+i)*k+c]) * float64(r.unit[first+i]) / scale))
			t.sum[c] += v
			for d := range digits {
				digit := int8(v)
				low[d*sumRows+i] = digit
				v = (v - int64(digit)) >> 8
			}
		}
	}
	return t
}

// panel lays out a panel of rows [i, i+n) and the columns from j on. n is a multiple of four. Of each column four
// rows are side by side, and 128 is added to each byte.
func (r *rows) panel(i, n, j int, to []uint8) {
	const (
		even, pairs = 0x00ff00ff00ff00ff, 0x0000ffff0000ffff
		sign        = 0x8080808080808080
	)
	le := binary.LittleEndian
	cols := simd.Columns()
	for range n / 4 {
		var from [4][]uint8
		for t := range from {
			q := r.q[(i+t)*r.stride+j:][:cols]
			from[t] = unsafe.Slice((*uint8)(unsafe.Pointer(unsafe.SliceData(q))), cols)
		}
		for at := 0; at < cols; at += 8 {
			// Eight columns of four rows, transposed: bytes, then pairs of them.
			a, b := le.Uint64(from[0][at:])^sign, le.Uint64(from[1][at:])^sign
			c, d := le.Uint64(from[2][at:])^sign, le.Uint64(from[3][at:])^sign
			ab0, ab1 := a&even|b&even<<8, a>>8&even|b&^even
			cd0, cd1 := c&even|d&even<<8, c>>8&even|d&^even
			w0, w2 := ab0&pairs|cd0&pairs<<16, ab0>>16&pairs|cd0&^pairs
			w1, w3 := ab1&pairs|cd1&pairs<<16, ab1>>16&pairs|cd1&^pairs
			// Columns 0 to 3 are in the lower halves, 4 to 7 in the upper ones.
			const lower = 1<<32 - 1
			le.PutUint64(to[4*at:], w0&lower|w1<<32)
			le.PutUint64(to[4*at+8:], w2&lower|w3<<32)
			le.PutUint64(to[4*at+16:], w0>>32|w1&^lower)
			le.PutUint64(to[4*at+24:], w2>>32|w3&^lower)
		}
		to = to[4*cols:]
		i += 4
	}
}
