package knn

import (
	"encoding/binary"
	"math"
	"slices"
	"unsafe"
)

// Rounded is how unit vectors in 8 bits lie in a file: one after the other, not in the panels of a processor, so
// that every machine reads what another one wrote. Of n vectors there are
//
//	n × even   int8     even values, in whole chunks of 16
//	n × odd    int8     odd values, too
//	n          float32  the value of a unit of each vector
//	n          float32  ‖x − x̂‖ of each vector
//
// little-endian. They are searched by a Scan.
type Rounded struct{ layout }

// NewRounded is the layout of vectors of dim values, of which the first split are even: see New.
func NewRounded(dim, split int) (Rounded, error) {
	if err := check(dim, split); err != nil {
		return Rounded{}, err
	}
	return Rounded{newLayout(dim, split)}, nil
}

// besides is the bytes of a vector that are none of its values.
const besides = 8

// MostRounded is how many vectors lie together at most.
const MostRounded = 1 << 12

// Bytes is the size of n vectors.
func (r Rounded) Bytes(n int) int { return n * (r.stride + besides) }

// Round writes unit vectors, rows × dim, in 8 bits to b. They have the indices first, first+1, …, which the
// rounding depends on.
func (r Rounded) Round(b []byte, vectors []float32, first int) {
	n := len(vectors) / r.dim
	p := r.parts(b, n)
	x, q := make([]float32, r.stride), newBytes(1, r.stride)
	even := wholeChunks(r.split)
	for i := range n {
		clear(x)
		r.place(x, vectors[i*r.dim:(i+1)*r.dim])
		clear(q.q)
		q.unit[0], q.residual[0] = 0, 0
		q.set(0, x, even, 2*uint32(first+i)+1)
		copy(p.even[i*even:], q.q[:even])
		copy(p.odd[i*(r.stride-even):], q.q[even:])
		putFloat(p.units[4*i:], q.unit[0])
		putFloat(p.residuals[4*i:], q.residual[0])
	}
}

// parts are vectors in 8 bits, by what there is of them.
type parts struct {
	even, odd        []int8
	units, residuals []byte // four bytes a vector
}

// parts of the n vectors in b.
func (r Rounded) parts(b []byte, n int) parts {
	b = b[:r.Bytes(n)]
	values, rest := b[:n*r.stride], b[n*r.stride:]
	signed := unsafe.Slice((*int8)(unsafe.Pointer(unsafe.SliceData(values))), len(values))
	even := n * wholeChunks(r.split)
	return parts{signed[:even], signed[even:], rest[:4*n], rest[4*n:]}
}

func (p parts) unit(i int) float32     { return float(p.units[4*i:]) }
func (p parts) residual(i int) float32 { return float(p.residuals[4*i:]) }

func putFloat(b []byte, x float32) { binary.LittleEndian.PutUint32(b, math.Float32bits(x)) }

func float(b []byte) float32 { return math.Float32frombits(binary.LittleEndian.Uint32(b)) }

// Fault is the first of the n vectors in b whose units or length of what rounding took no Round has written, or -1.
func (r Rounded) Fault(b []byte, n int) int {
	p := r.parts(b, n)
	for i := range n {
		if u, e := p.unit(i), p.residual(i); !(u >= 0 && u <= 1 && e >= 0 && e <= 2) {
			return i
		}
	}
	return -1
}

// Of reports whether vector i of the n in b is x rounded: no value is a unit or more off, and all together are as far
// off as b has it.
func (r Rounded) Of(b []byte, n, i int, x []float32) bool {
	p := r.parts(b, n)
	even, unit := wholeChunks(r.split), p.unit(i)
	y := make([]float32, r.stride)
	r.place(y, x)
	q := slices.Concat(p.even[i*even:(i+1)*even], p.odd[i*(r.stride-even):(i+1)*(r.stride-even)])
	var energy float64
	for k, v := range y {
		d := math.Abs(float64(v) - float64(unit)*float64(q[k]))
		if d > float64(unit)*(1+slack) {
			return false
		}
		energy += d * d
	}
	return math.Sqrt(energy) <= float64(p.residual(i))*(1+slack)+slack
}
