package knn

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"unsafe"

	"github.com/sparse-manifold/smt/internal/plural"
)

// Rounded is how unit vectors in 8 bits lie in a file: one after the other, not in the panels of a processor, so
// that every machine reads what another one wrote. Of n vectors there are
//
//	n × even   int8     even values, in whole chunks of 16
//	n × odd    int8     odd values, too
//	n          float32  the value of a unit of each vector
//	n          float32  ‖x − x̂‖ of each vector
//
// little-endian. In 4 bits they lie the same way, in whole chunks of 64 values: of each 32 bytes the low halves are 32
// values, from −7 to 7 and 7 more, and the high halves the 32 that follow. They are searched by a Scan.
type Rounded struct{ layout }

// NewRounded is the layout of vectors of dim values, of which the first split are even: see New.
func NewRounded(dim, split int) (Rounded, error) {
	if err := check(dim, split); err != nil {
		return Rounded{}, err
	}
	if dim > mostRounded {
		return Rounded{}, fmt.Errorf("knn: rounded vectors of %s: want at most %d", plural.Of(dim, "value"), mostRounded)
	}
	return Rounded{newLayout(dim, split)}, nil
}

// mostRounded is the most values of a vector: sums of products of 4 and 8 bits fit 32 bits.
const mostRounded = 1 << 20

// besides is the bytes of a vector that are none of its values.
const besides = 8

// MostRounded is how many vectors lie together at most.
const MostRounded = 1 << 12

// Bytes is the size of n vectors in 8 bits.
func (r Rounded) Bytes(n int) int { return n * (r.stride + besides) }

// Round writes unit vectors, rows × dim, in 8 bits to b. They have the indices first, first+1, …, which the
// rounding depends on.
func (r Rounded) Round(b []byte, vectors []float32, first int) {
	n := len(vectors) / r.dim
	evens, odds, s := r.parts(b, n)
	r.round(vectors, first, 127, func(i int, q *bytes) {
		even := wholeChunks(r.split)
		copy(evens[i*even:], q.q[:even])
		copy(odds[i*(r.stride-even):], q.q[even:])
		s.set(i, q)
	})
}

// round calls keep with each of the vectors, rounded to numbers of at most ±most.
func (r Rounded) round(vectors []float32, first int, most float32, keep func(i int, q *bytes)) {
	x, q := make([]float32, r.stride), newBytes(1, r.stride)
	for i := range len(vectors) / r.dim {
		clear(x)
		r.place(x, vectors[i*r.dim:(i+1)*r.dim])
		*q = *newBytes(1, r.stride)
		q.setTo(most, 0, x, wholeChunks(r.split), 2*uint32(first+i)+1)
		keep(i, q)
	}
}

// parts of the n vectors in b.
func (r Rounded) parts(b []byte, n int) (even, odd []int8, s scales) {
	b = b[:r.Bytes(n)]
	values, rest := b[:n*r.stride], b[n*r.stride:]
	signed := unsafe.Slice((*int8)(unsafe.Pointer(unsafe.SliceData(values))), len(values))
	split := n * wholeChunks(r.split)
	return signed[:split], signed[split:], scales{rest[:4*n], rest[4*n:]}
}

// scales are, of each vector, the value of a unit and ‖x − x̂‖, four bytes each.
type scales struct{ units, residuals []byte }

func (s scales) set(i int, q *bytes) {
	putFloat(s.units[4*i:], q.unit[0])
	putFloat(s.residuals[4*i:], q.residual[0])
}

func (s scales) unit(i int) float32     { return float(s.units[4*i:]) }
func (s scales) residual(i int) float32 { return float(s.residuals[4*i:]) }

// off bounds the error of a product with vector i that its rounding makes.
func (s scales) off(i int) float32 { return min(s.residual(i), hoeffding*s.unit(i)) }

func putFloat(b []byte, x float32) { binary.LittleEndian.PutUint32(b, math.Float32bits(x)) }

func float(b []byte) float32 { return math.Float32frombits(binary.LittleEndian.Uint32(b)) }

// fault is the first vector whose numbers are of no vector that was rounded, or -1.
func (s scales) fault() int {
	for i := range len(s.units) / 4 {
		if u, e := s.unit(i), s.residual(i); !(u >= 0 && u <= 1 && e >= 0 && e <= 2) {
			return i
		}
	}
	return -1
}

// Fault is the first of the n vectors in b, in 8 bits, whose units or length of what rounding took no Round has
// written, or -1.
func (r Rounded) Fault(b []byte, n int) int {
	_, _, s := r.parts(b, n)
	return s.fault()
}

// CoarseFault is Fault of vectors in 4 bits.
func (r Rounded) CoarseFault(b []byte, n int) int {
	_, _, s := r.coarseParts(b, n)
	return s.fault()
}

// Of reports whether vector i of the n in b, in 8 bits, is x rounded: no value is more than a unit off, and all
// together are as far off as b has it.
func (r Rounded) Of(b []byte, n, i int, x []float32) bool {
	evens, odds, s := r.parts(b, n)
	even := wholeChunks(r.split)
	odd := r.stride - even
	return r.of(slices.Concat(evens[i*even:(i+1)*even], odds[i*odd:(i+1)*odd]), s, i, x)
}

// CoarseOf is Of of vectors in 4 bits.
func (r Rounded) CoarseOf(b []byte, n, i int, x []float32) bool {
	evens, odds, s := r.coarseParts(b, n)
	q, even := make([]int8, r.stride), wholeChunks(r.split)
	e, o := r.coarse()
	for k := range q {
		if k < even {
			q[k] = nibble(evens[i*e/2:], k)
		} else {
			q[k] = nibble(odds[i*o/2:], k-even)
		}
	}
	return r.of(q, s, i, x)
}

func (r Rounded) of(q []int8, s scales, i int, x []float32) bool {
	y, unit := make([]float32, r.stride), float64(s.unit(i))
	r.place(y, x)
	var energy float64
	for k, v := range y {
		d := math.Abs(float64(v) - unit*float64(q[k]))
		if d > unit*(1+slack) {
			return false
		}
		energy += d * d
	}
	return math.Sqrt(energy) <= float64(s.residual(i))*(1+slack)+slack
}
