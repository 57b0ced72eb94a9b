package simd

import "unsafe"

// Bundle is the number of vectors that DotBundle and SubtractBundle take at a time: a
// row of a table is read once for all of them. A bundle of vectors is stored 16
// values of the first, 16 of the second and so on, then the next 16 values of each.
const Bundle = 8

// DotBundle writes to out, Bundle values a row, the dot products of rows of table,
// stride values apart, and the vectors of the bundle x. There are len(out)/Bundle rows; the
// vectors have a multiple of 16 values, not zero and at most stride.
func DotBundle(table []float32, stride int, x, out []float32) {
	n, length := len(out)/Bundle, len(x)/Bundle
	if n == 0 {
		return
	}
	if len(x)%(16*Bundle) != 0 || length == 0 || length > stride {
		panic("simd: DotBundle reads whole chunks of 16 values within the stride")
	}
	need(table, (n-1)*stride+length)
	use.dotBundle(n, ptr(table), 4*stride, unsafe.SliceData(x), length/16, unsafe.SliceData(out))
}

// SubtractBundle subtracts from each vector of the bundle x the rows of table, stride
// values apart, each times its weight, of which there are Bundle a row. The vectors have a
// multiple of 32 values, at most stride.
func SubtractBundle(table []float32, stride int, weights, x []float32) {
	n, length := len(weights)/Bundle, len(x)/Bundle
	if n == 0 || length == 0 {
		return
	}
	if len(x)%(32*Bundle) != 0 || length > stride {
		panic("simd: SubtractBundle reads whole blocks of 32 values within the stride")
	}
	need(table, (n-1)*stride+length)
	use.subtractBundle(n, ptr(table), 4*stride, unsafe.SliceData(weights), unsafe.SliceData(x), length/32)
}

// GatherPlaces writes to dst, Bundle values, the sum of the rows of table that index names, in
// increasing order, each times its weight. A row is Bundle values: a place of each vector.
func GatherPlaces(index []uint32, weights, table, dst []float32) {
	need(weights, len(index))
	need(dst, Bundle)
	needRows(index, table, Bundle, Bundle)
	use.gatherPlaces(len(index), unsafe.SliceData(index), unsafe.SliceData(weights), ptr(table), unsafe.SliceData(dst))
}
