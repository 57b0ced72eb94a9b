package simd

import (
	"slices"
	"unsafe"
)

// DotDoubles writes to out the dot products of x and the rows of table that index names, in any
// order. They are in float64 and the same on every tier: products of two float32 values are exact,
// value k of a row is added to sum k%8, and of the eight sums those four apart are added up, then
// those two apart, then the two. len(x) is a multiple of 16, not zero and at most stride.
func DotDoubles(index []uint16, x, table []float32, stride int, out []float64) {
	if len(index) == 0 {
		return
	}
	if len(x) == 0 || len(x)%16 != 0 || len(x) > stride {
		panic("simd: DotDoubles reads whole chunks of 16 values within the stride")
	}
	need(out, len(index))
	need(table, int(slices.Max(index))*stride+len(x))
	use.dotDoubles(len(index), unsafe.SliceData(index), ptr(x), ptr(table), 4*stride, len(x)/16, unsafe.SliceData(out))
}

// SubtractDoubles writes to dst x less the rows of table that index names, in any order, each times
// its weight. Sums are in float64 and the same on every tier: a product is rounded, then taken off,
// row by row, and what is left is rounded to float32. dst, which may be x, is as long as x, a
// multiple of 16 and at most stride.
func SubtractDoubles(index []uint16, weights []float64, table []float32, stride int, x, dst []float32) {
	if len(x)%16 != 0 || len(x) > stride {
		panic("simd: SubtractDoubles reads whole chunks of 16 values within the stride")
	}
	need(dst, len(x))
	need(weights, len(index))
	if len(index) > 0 {
		need(table, int(slices.Max(index))*stride+len(x))
	}
	use.subtractDoubles(len(index), unsafe.SliceData(index), unsafe.SliceData(weights), ptr(table), 4*stride, ptr(x), len(x)/16, ptr(dst))
}

func dotDoublesGeneric(n int, index *uint16, x, table *byte, stride, chunks int, out *float64) {
	xs := view[float32](x, 0, 16*chunks)
	dots := unsafe.Slice(out, n)
	for i, a := range unsafe.Slice(index, n) {
		row := view[float32](table, int(a)*stride, len(xs))
		var s [8]float64
		for k := 0; k < len(xs); k += 8 {
			for l, y := range row[k : k+8] {
				s[l] += float64(xs[k+l]) * float64(y)
			}
		}
		dots[i] = ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7]))
	}
}

func subtractDoublesGeneric(n int, index *uint16, w *float64, table *byte, stride int, x *byte, chunks int, dst *byte) {
	xs, to := view[float32](x, 0, 16*chunks), view[float32](dst, 0, 16*chunks)
	var left [16]float64
	for k := 0; k < len(xs); k += len(left) {
		for l, v := range xs[k : k+len(left)] {
			left[l] = float64(v)
		}
		for i, a := range unsafe.Slice(index, n) {
			weight := unsafe.Slice(w, n)[i]
			for l, y := range view[float32](table, int(a)*stride, len(xs))[k : k+len(left)] {
				left[l] -= float64(weight * float64(y))
			}
		}
		for l, v := range left {
			to[k+l] = float32(v)
		}
	}
}
