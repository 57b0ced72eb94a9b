package simd

import (
	"encoding/binary"
	"math"
	"sync"
	"unsafe"
)

// Halves writes to dst the values of the halves of src, IEEE 754 binary16, little-endian. What is no number stays none.
// len(dst) is a multiple of 8.
func Halves(src []byte, dst []float32) {
	if len(dst)%8 != 0 {
		panic("simd: Halves writes whole blocks of 8 values")
	}
	need(src, 2*len(dst))
	use.halves(len(dst)/8, unsafe.SliceData(src), unsafe.SliceData(dst))
}

func halvesGeneric(n int, src *byte, dst *float32) {
	table := halfTable()
	from, to := unsafe.Slice(src, 16*n), unsafe.Slice(dst, 8*n)
	for i := range to {
		to[i] = table[binary.LittleEndian.Uint16(from[2*i:])]
	}
}

// halfTable has the value of every half.
var halfTable = sync.OnceValue(func() *[1 << 16]float32 {
	t := new([1 << 16]float32)
	for h := range t {
		t[h] = halfToFloat(uint16(h))
	}
	return t
})

func halfToFloat(h uint16) float32 {
	exponent, fraction := int(h>>10&31), float64(h&0x3ff)
	var v float64
	switch exponent {
	case 0:
		v = math.Ldexp(fraction, -24)
	case 31:
		v = math.Inf(1)
		if fraction != 0 {
			v = math.NaN()
		}
	default:
		v = math.Ldexp(1024+fraction, exponent-25)
	}
	if h&0x8000 != 0 {
		v = math.Copysign(v, -1)
	}
	return float32(v)
}
