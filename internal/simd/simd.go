package simd

import (
	"encoding/binary"
	"fmt"
	"os"
	"strings"
	"unsafe"
)

// Rows is the number of rows of A in a tile.
const Rows = 6

// Bound is what a mask kernel compares one row's products with.
type Bound[T float32 | int32] struct {
	Lower, Upper T // a product not below a bound sets the bit of its mask
	// 8-bit kernels only: added to every product of the row, to every odd one.
	Offset, Odd T
}

// MaxGap is the largest distance of the two bounds of an 8-bit kernel.
const MaxGap = 1<<15 - 1

// maskKernel is the assembly of a mask kernel; strides are in bytes.
type maskKernel func(groups, steps int, a *byte, astride int, b, bounds, masks *byte, mstride int)

type tier struct {
	name    string
	columns int
	bytes   bool // has an 8-bit kernel

	gemm32, gemm16, gemm8         func(steps int, a *byte, astride int, b, c *byte, cstride int)
	mask32, mask8                 maskKernel
	mask32Mirrored, mask8Mirrored maskKernel

	gather     func(n int, index *uint16, w *float32, table *byte, stride int, dst *byte, blocks int)
	sumWords   func(n int, starts *int32, numbers *uint16, table *byte, scales *float32, dst *byte, stride int)
	count      func(spans *uint32, n int, numbers, counts *uint16)
	weigh      func(spans *uint32, n int, numbers, weights, counts *uint16)
	bits       func(words *uint64, n int, dst *uint16) int
	maxAbs     func(x *float32, chunks int) float32
	quantize   func(x *float32, chunks int, scale, inverse float32, q *int8, energy *float32, sums *int32)
	dither     func(x *float32, chunks int, scale, inverse float32, q *int8, energy *float32, sums *int32, state *uint32)
	dotBytes   func(n int, index *uint16, x *float32, table *int8, chunks int, out *float32)
	dotNibbles func(n int, x *int8, table *uint8, chunks int, out *int32)
	fetch      func(p *byte, lines int)
	dotRows    func(n int, index *uint16, x, table *byte, stride, chunks int, out *float32)

	dotDoubles      func(n int, index *uint16, x, table *byte, stride, chunks int, out *float64)
	subtractDoubles func(n int, index *uint16, w *float64, table *byte, stride int, x *byte, chunks int, dst *byte)

	dotBundle      func(n int, table *byte, stride int, x *float32, chunks int, out *float32)
	subtractBundle func(n int, table *byte, stride int, w, x *float32, blocks int)
	foldBytes      func(n int, src *uint8, sign int32, dst *float32)
	halves         func(n int, src *byte, dst *float32)
	gatherPlaces   func(n int, index *uint32, w *float32, table *byte, dst *float32)
}

var use = choose()

// choose returns the fastest tier the processor has, or the one SMT_SIMD names.
func choose() tier {
	if binary.NativeEndian.Uint16([]byte{1, 0}) != 1 {
		panic("simd: masks are read as words of little-endian bytes: big-endian processors are not supported")
	}
	all := tiers()
	want := os.Getenv("SMT_SIMD")
	if want == "" {
		return all[0]
	}
	for _, t := range all {
		if t.name == want {
			return t
		}
	}
	fmt.Fprintf(os.Stderr, "smt: SMT_SIMD=%s: this machine and build have: %s\n", want, strings.Join(Tiers(), " "))
	os.Exit(2)
	panic("unreachable")
}

// Tiers names the tiers that this machine and build have, fastest first.
func Tiers() (names []string) {
	for _, t := range tiers() {
		names = append(names, t.name)
	}
	return names
}

// Tier names the tier in use.
func Tier() string { return use.name }

// Columns is the width of a panel, 16 or 64.
func Columns() int { return use.columns }

// HasBytes reports whether the tier multiplies 8-bit integers faster than float32.
func HasBytes() bool { return use.bytes }

func ptr[T any](s []T) *byte { return (*byte)(unsafe.Pointer(unsafe.SliceData(s))) }

// Gemm32 adds the product of a, Rows × k, and a panel, k × Columns, to c, Rows × Columns.
func Gemm32(k int, a []float32, astride int, panel, c []float32, cstride int) {
	need(a, (Rows-1)*astride+k)
	need(panel, k*use.columns)
	need(c, (Rows-1)*cstride+use.columns)
	use.gemm32(k, ptr(a), 4*astride, ptr(panel), ptr(c), 4*cstride)
}

// Gemm16 is Gemm32 for int16 values in pairs: a is Rows × 2·pairs. Sums wrap at 32 bits.
func Gemm16(pairs int, a []int16, astride int, panel []int16, c []int32, cstride int) {
	need(a, (Rows-1)*astride+2*pairs)
	need(panel, 2*pairs*use.columns)
	need(c, (Rows-1)*cstride+use.columns)
	use.gemm16(pairs, ptr(a), 2*astride, ptr(panel), ptr(c), 4*cstride)
}

// Gemm8 is Gemm32 for signed bytes of a and unsigned bytes of the panel, in fours.
func Gemm8(fours int, a []int8, astride int, panel []uint8, c []int32, cstride int) {
	need(a, (Rows-1)*astride+4*fours)
	need(panel, 4*fours*use.columns)
	need(c, (Rows-1)*cstride+use.columns)
	use.gemm8(fours, ptr(a), astride, ptr(panel), ptr(c), 4*cstride)
}

// Operand is what a mask kernel multiplies with panels: Groups·Rows rows of values, Stride
// apart, of so many Steps each, and the bounds that the products of each row are compared with.
type Operand[A float32 | int8, S float32 | int32] struct {
	Groups, Steps int
	Values        []A
	Stride        int
	Bounds        []Bound[S]
}

// Mask32 compares the products of x, Steps values a row, and a panel with the
// bounds of each row. Row r's masks are Columns()/8 bytes at masks[r·mstride]
// for the lower bound and at masks[r·mstride + mstride/2] for the upper.
func Mask32(x Operand[float32, float32], panel []float32, masks []byte, mstride int) {
	need(panel, x.Steps*use.columns)
	x.run(use.mask32, 1, ptr(panel), masks, mstride)
}

// Mask8 is Mask32 for signed bytes of x and unsigned bytes of the panel, four a step.
func Mask8(x Operand[int8, int32], panel []uint8, masks []byte, mstride int) {
	need(panel, 4*x.Steps*use.columns)
	x.run(use.mask8, 4, ptr(panel), masks, mstride)
}

// Mask32Mirrored is Mask32 for columns that come in pairs, one the mirror image
// of the other: (e + o) and (e − o), where e is even under mirroring and o odd.
// Half the products suffice. In x, two values a step, and in the panel, even and
// odd values take turns: value 2i of a row is multiplied by step i of the first
// half of the panel's columns, the even parts, value 2i+1 by that of the second.
// Column j of either half is pair j, at bit 16(j/8) + j%8 of the mask with the
// sum of its two products, and 8 bits on with the difference.
func Mask32Mirrored(x Operand[float32, float32], panel []float32, masks []byte, mstride int) {
	need(panel, x.Steps*use.columns)
	x.run(use.mask32Mirrored, 2, ptr(panel), masks, mstride)
}

// Mask8Mirrored is Mask32Mirrored for bytes: fours of even values and fours of odd ones take turns.
func Mask8Mirrored(x Operand[int8, int32], panel []uint8, masks []byte, mstride int) {
	need(panel, 4*x.Steps*use.columns)
	x.run(use.mask8Mirrored, 8, ptr(panel), masks, mstride)
}

// run calls a kernel that takes `each` values of a row a step.
func (x Operand[A, S]) run(kernel maskKernel, each int, panel *byte, masks []byte, mstride int) {
	if x.Groups == 0 {
		return
	}
	n := x.Groups * Rows
	size := int(unsafe.Sizeof(x.Values[0]))
	need(x.Values, (n-1)*x.Stride+each*x.Steps)
	need(x.Bounds, n)
	need(masks, (n-1)*mstride+mstride/2+use.columns/8)
	kernel(x.Groups, x.Steps, ptr(x.Values), size*x.Stride, panel, ptr(x.Bounds), ptr(masks), mstride)
}

// Gather writes to dst the sum of the rows of table that index names, in increasing
// order, each times its weight. len(dst) is a multiple of 32 and at most stride.
func Gather(index []uint16, weights, table []float32, stride int, dst []float32) {
	if len(dst)%32 != 0 || len(dst) > stride {
		panic("simd: Gather writes whole blocks of 32 columns within the stride")
	}
	need(weights, len(index))
	needRows(index, table, stride, len(dst))
	use.gather(len(index), unsafe.SliceData(index), unsafe.SliceData(weights), ptr(table), 4*stride, ptr(dst), len(dst)/32)
}

// WordColumns is the number of columns of a table of words.
const WordColumns = 32

// PlaceWord is where a row of a table of words has a column, and what is added to
// its value, as SumWords wants it.
func PlaceWord(column int) (place, offset int) {
	if column < WordColumns/2 {
		return 2 * column, 1 << 15
	}
	return 2*column - WordColumns + 1, 0
}

// SumWords adds to row i of dst, WordColumns floats every stride, the sum of the
// rows of table that numbers[starts[i]:starts[i+1]] name, column by column times
// scales. Before that, sums are exact. table has rows of WordColumns values in the order and
// with the offsets that PlaceWord gives; a span has at most 65,535 numbers, in
// increasing order.
func SumWords(starts []int32, numbers []uint16, table []uint16, scales, dst []float32, stride int) {
	n := len(starts) - 1
	if n < 1 {
		return
	}
	need(scales, WordColumns)
	need(dst, (n-1)*stride+WordColumns)
	needWords(starts, numbers, table)
	use.sumWords(n, unsafe.SliceData(starts), unsafe.SliceData(numbers), ptr(table), unsafe.SliceData(scales), ptr(dst), 4*stride)
}

// DotRows writes to out the dot products of x and the rows of table that index
// names, in increasing order. len(x) is a multiple of 16, not zero and at most stride.
func DotRows(index []uint16, x, table []float32, stride int, out []float32) {
	if len(x) == 0 || len(x)%16 != 0 || len(x) > stride {
		panic("simd: DotRows reads whole chunks of 16 values within the stride")
	}
	need(out, len(index))
	needRows(index, table, stride, len(x))
	use.dotRows(len(index), unsafe.SliceData(index), ptr(x), ptr(table), 4*stride, len(x)/16, unsafe.SliceData(out))
}

// FoldBytes writes to dst, of each block of 16 bytes of src, the first eight, each plus sign,
// 1 or −1, times the one eight further on. len(src) is a multiple of 16.
func FoldBytes(src []uint8, sign int, dst []float32) {
	if len(src)%16 != 0 {
		panic("simd: FoldBytes reads whole blocks of 16 values")
	}
	need(dst, len(src)/2)
	use.foldBytes(len(src)/16, unsafe.SliceData(src), int32(sign), unsafe.SliceData(dst))
}

// DotBytes writes to out the dot products of x and the rows of table that index
// names, in increasing order, len(x) bytes each. len(x) is a multiple of 16, not zero.
func DotBytes(index []uint16, x []float32, table []int8, out []float32) {
	if len(x) == 0 || len(x)%16 != 0 {
		panic("simd: DotBytes reads whole chunks of 16 values")
	}
	need(out, len(index))
	needRows(index, table, len(x), len(x))
	use.dotBytes(len(index), unsafe.SliceData(index), unsafe.SliceData(x), unsafe.SliceData(table), len(x)/16, unsafe.SliceData(out))
}

// NibbleChunk is the number of values that lie together in a table of numbers of four bits, in half as many bytes: the
// first half of them in the low halves of the bytes, the second half in the high ones.
const NibbleChunk = 64

// DotNibbles writes to out the dot products of x and the rows of table, one after the other, of len(x) numbers from 0
// to 15. len(x) is a multiple of NibbleChunk, not zero.
func DotNibbles(x []int8, table []uint8, out []int32) {
	if len(x) == 0 || len(x)%NibbleChunk != 0 {
		panic("simd: DotNibbles reads whole chunks of 64 values")
	}
	need(table, len(out)*len(x)/2)
	use.dotNibbles(len(out), unsafe.SliceData(x), unsafe.SliceData(table), len(x)/NibbleChunk, unsafe.SliceData(out))
}

// FetchBytes is the size of a table that Fetch is good for: it stays in the
// second-level cache, with room for what else is read.
const FetchBytes = 1 << 19

// Fetch brings a table that will be read in no order to the second-level cache:
// in order that is much faster.
func Fetch(table []uint16) { use.fetch(ptr(table), 2*len(table)/64) }

// Span is a part of a list of numbers, [Start, End).
type Span struct{ Start, End uint32 }

// CountAhead is the number of spans that must follow those Count is given, in
// their slice's capacity; they are fetched ahead but not counted.
const CountAhead = 10

// Count adds 1 to counts[numbers[i]] for every i of every span, each of which ends
// among the numbers. No number may occur more than 65,535 times.
func Count(spans []Span, numbers []uint16, counts *[1 << 16]uint16) {
	if len(spans) == 0 {
		return
	}
	_ = spans[:len(spans)+CountAhead]
	needSpans(spans, len(numbers))
	use.count((*uint32)(unsafe.Pointer(unsafe.SliceData(spans))), len(spans), unsafe.SliceData(numbers), &counts[0])
}

// Weigh is Count with weights: it adds weights[i] to counts[numbers[i]]. No sum
// may exceed 65,535.
func Weigh(spans []Span, numbers, weights []uint16, counts *[1 << 16]uint16) {
	if len(spans) == 0 {
		return
	}
	_ = spans[:len(spans)+CountAhead]
	need(weights, len(numbers))
	needSpans(spans, len(numbers))
	use.weigh((*uint32)(unsafe.Pointer(unsafe.SliceData(spans))), len(spans), unsafe.SliceData(numbers), unsafe.SliceData(weights), &counts[0])
}

// BitsRoom is how many places Bits may write beyond the numbers it returns.
const BitsRoom = 32

// Bits writes to dst the numbers of the bits that are set in words, at most 1,024, in
// order, and returns how many there are. dst has room for all bits of words, set or
// not, and BitsRoom more; what it holds beyond the result is undefined.
func Bits(words []uint64, dst []uint16) int {
	if len(words) == 0 {
		return 0
	}
	if len(words) > 1<<16/64 {
		panic("simd: Bits numbers bits by 16 bits")
	}
	need(dst, 64*len(words)+BitsRoom)
	return use.bits(unsafe.SliceData(words), len(words), unsafe.SliceData(dst))
}

// MaxAbs is the largest absolute value in x, whose length is a multiple of 16, not zero.
func MaxAbs(x []float32) float32 {
	if len(x) == 0 || len(x)%16 != 0 {
		panic("simd: MaxAbs reads whole chunks of 16 values")
	}
	return use.maxAbs(unsafe.SliceData(x), len(x)/16)
}

// Quantize writes round(scale·x), ties to even, clipped to ±127, to q and returns
// what that took: Σ(x − q/scale)², summed in float32. sums are the sums of q by
// place modulo 8. len(x) is a multiple of 16, not zero; |scale·x| is below 2³¹.
func Quantize(x []float32, scale float32, q []int8) (energy float32, sums [8]int32) {
	if len(x) == 0 || len(x)%16 != 0 {
		panic("simd: Quantize reads whole chunks of 16 values")
	}
	need(q, len(x))
	var parts [16]float32
	use.quantize(unsafe.SliceData(x), len(x)/16, scale, 1/scale, unsafe.SliceData(q), &parts[0], &sums[0])
	for _, e := range parts {
		energy += e
	}
	return energy, sums
}

// Dither is Quantize with values rounded at random, up with the probability of
// their fraction: errors are independent and zero on average, unless clipped. The
// same seed leads to the same integers.
func Dither(x []float32, scale float32, seed uint32, q []int8) (energy float32, sums [8]int32) {
	if len(x) == 0 || len(x)%16 != 0 {
		panic("simd: Dither reads whole chunks of 16 values")
	}
	need(q, len(x))
	var state [16]uint32
	for i := range state {
		// Spread over all bits, and odd: a generator must not start from 0.
		h := (seed*16 + uint32(i)) * 0x9e3779b1
		h ^= h >> 15
		h *= 0x85ebca77
		h ^= h >> 13
		state[i] = h | 1
	}
	var parts [16]float32
	use.dither(unsafe.SliceData(x), len(x)/16, scale, 1/scale, unsafe.SliceData(q), &parts[0], &sums[0], &state[0])
	for _, e := range parts {
		energy += e
	}
	return energy, sums
}
