// Package checksum has the sums that files carry: CRC-32C, which notices every error
// of up to 32 bits in a row and which processors compute faster than memory is read.
//
// A sum is against faults, not against malice: who changes a file on purpose can
// change its sums too.
package checksum

import (
	"fmt"
	"hash/crc32"
)

var table = crc32.MakeTable(crc32.Castagnoli)

// Digits is the length of a sum as text.
const Digits = 8

// Append is the sum of what sum is of, followed by b. The sum of nothing is 0.
func Append(sum uint32, b []byte) uint32 { return crc32.Update(sum, table, b) }

// Text is a sum as Digits hexadecimal digits, in lower case.
func Text(sum uint32) string { return fmt.Sprintf("%08x", sum) }

// Seal writes to b[at:at+Digits] the sum of b with zeros, as digits, in that place.
func Seal(b []byte, at int) {
	copy(b[at:], Text(sealOf(b, at)))
}

// Sealed reports whether b is as Seal left it. The text is compared, not its value: a
// digit in the other case is a changed byte too.
func Sealed(b []byte, at int) bool {
	return string(b[at:at+Digits]) == Text(sealOf(b, at))
}

func sealOf(b []byte, at int) uint32 {
	sum := Append(0, b[:at])
	sum = Append(sum, []byte("00000000"))
	return Append(sum, b[at+Digits:])
}

// A Joiner makes the sum of a sequence from those of its pieces, which can then be made
// at the same time.
type Joiner struct {
	size  int64 // of the piece that power is of
	power uint32
}

// Join is the sum of what sum is of, followed by size bytes whose sum is next. Sizes that
// are often the same cost least.
func (j *Joiner) Join(sum, next uint32, size int64) uint32 {
	if j.power == 0 || j.size != size {
		j.size, j.power = size, power(size)
	}
	return times(j.power, sum) ^ next
}

// A sum is a polynomial over the field of two elements, modulo the one of degree 32
// below; bit 31 is the coefficient of x⁰. n bytes that follow multiply it by x⁸ⁿ.

// power is x⁸ⁿ.
func power(n int64) uint32 {
	p, square := uint32(1)<<31, uint32(1)<<23 // x⁰ and x⁸
	for ; n > 0; n >>= 1 {
		if n&1 == 1 {
			p = times(p, square)
		}
		square = times(square, square)
	}
	return p
}

// times is the product of two polynomials.
func times(a, b uint32) (p uint32) {
	for ; a != 0; a <<= 1 {
		if a>>31 == 1 {
			p ^= b
		}
		odd := b & 1
		b >>= 1
		if odd == 1 {
			b ^= crc32.Castagnoli
		}
	}
	return p
}
