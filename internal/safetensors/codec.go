package safetensors

import (
	"encoding/binary"
	"slices"
	"unsafe"
)

// chunkBytes is how much of a tensor a worker converts at a time: a multiple of every
// element size, large enough to make system calls rare, small enough for cache.
const chunkBytes = 256 << 10

// bigEndian is whether this machine has the first byte of a number last in files.
var bigEndian = binary.NativeEndian.Uint16([]byte{0, 1}) == 1

// encode writes src into dst little-endian; dst holds len(src) elements.
func encode[T Value](dst []byte, src []T) {
	b := bytesOf(src)
	copy(dst[:len(b)], b)
	if bigEndian {
		swap(dst[:len(b)], int(unsafe.Sizeof(*new(T))))
	}
}

// decode fills dst from src, the inverse of encode.
func decode[T Value](dst []T, src []byte) {
	b := bytesOf(dst)
	copy(b, src[:len(b)])
	if bigEndian {
		swap(b, int(unsafe.Sizeof(*new(T))))
	}
}

// bytesOf is the memory of v: to copy it is several times as fast as to convert numbers.
func bytesOf[T Value](v []T) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(v))), len(v)*int(unsafe.Sizeof(*new(T))))
}

// swap reverses the bytes of numbers of so many.
func swap(b []byte, size int) {
	for ; len(b) >= size; b = b[size:] {
		slices.Reverse(b[:size])
	}
}

// nonFinite is the index of the first NaN or infinity of v, or -1.
func nonFinite[T Value](v []T) int {
	switch v := any(v).(type) {
	case []float32:
		return firstNonFinite(v)
	case []float64:
		return firstNonFinite(v)
	}
	return -1
}

func firstNonFinite[T float32 | float64](v []T) int {
	for i, x := range v {
		if x-x != 0 { // NaN for NaN and for both infinities, zero for the rest
			return i
		}
	}
	return -1
}
