// Package half converts between float32 and IEEE 754 binary16, half precision: 11
// bits of a value, two bytes little-endian, as files have it.
package half

import (
	"encoding/binary"
	"math"
	"sync"

	"github.com/sparse-manifold/smt/internal/simd"
)

// Size is the number of bytes of a half.
const Size = 2

// Encode writes x to dst, Size bytes each, rounded to the nearest half, ties to
// even. What is too large becomes an infinity.
func Encode(dst []byte, x []float32) {
	dst = dst[:Size*len(x)]
	for i, v := range x {
		binary.LittleEndian.PutUint16(dst[Size*i:], fromFloat(v))
	}
}

// Decode reads len(x) halves of src.
func Decode(x []float32, src []byte) {
	src = src[:Size*len(x)]
	whole := len(x) &^ (block - 1)
	simd.Halves(src, x[:whole])
	if whole < len(x) {
		var last [Size * block]byte
		var values [block]float32
		copy(last[:], src[Size*whole:])
		simd.Halves(last[:], values[:])
		copy(x[whole:], values[:])
	}
}

// block is the number of values that simd.Halves writes at a time.
const block = 8

const (
	// 2¹⁶, from which on there is no finite half, and 2⁻¹⁴, the least normal one.
	tooLarge = (127 + 16) << 23
	normal   = (127 - 14) << 23
	infinity = 255 << 23
	// Added to a float of less than 2⁻¹⁴, one half leaves its multiples of 2⁻²⁴,
	// the unit of subnormal halves, in the last bits of the sum, rounded by the
	// addition itself.
	shift = (127 - 1) << 23
)

func fromFloat(v float32) uint16 {
	u := math.Float32bits(v)
	sign := uint16(u >> 16 & 0x8000)
	u &= 0x7fffffff
	switch {
	case u > infinity:
		return sign | 0x7e00 // not a number
	case u >= tooLarge:
		return sign | 0x7c00
	case u < normal:
		sum := math.Float32frombits(u) + math.Float32frombits(shift)
		return sign | uint16(math.Float32bits(sum)-shift)
	}
	// 13 bits go. Just below half of their unit is added, and one more if the last
	// bit that stays is odd: ties go to even. A carry ends in the exponent, where
	// it belongs.
	u += 0xfff + u>>13&1
	return sign | uint16(u>>13-(127-15)<<10)
}

// table has the value of every half.
var table = sync.OnceValue(func() *[1 << 16]float32 {
	all := make([]byte, Size<<16)
	for h := range 1 << 16 {
		binary.LittleEndian.PutUint16(all[Size*h:], uint16(h))
	}
	t := new([1 << 16]float32)
	Decode(t[:], all)
	return t
})

// Energy is the sum of the squares of the halves of src, in float64.
func Energy(src []byte) float64 {
	t := table()
	var a, b float64 // two sums that do not wait for each other
	for ; len(src) >= 2*Size; src = src[2*Size:] {
		x, y := float64(t[binary.LittleEndian.Uint16(src)]), float64(t[binary.LittleEndian.Uint16(src[Size:])])
		a += x * x
		b += y * y
	}
	if len(src) >= Size {
		x := float64(t[binary.LittleEndian.Uint16(src)])
		a += x * x
	}
	return a + b
}

// Beyond is the index of the first value of src that is larger than most in size, or no
// number, or -1. It rounds most to a half.
func Beyond(src []byte, most float32) int {
	var b [Size]byte
	Encode(b[:], []float32{most})
	limit := binary.LittleEndian.Uint16(b[:])
	for i := range len(src) / Size {
		// Halves are in order as their bits are, and a NaN is beyond infinity.
		if binary.LittleEndian.Uint16(src[Size*i:])&0x7fff > limit {
			return i
		}
	}
	return -1
}
