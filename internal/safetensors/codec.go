package safetensors

import (
	"encoding/binary"
	"math"
)

// chunkBytes is how much of a tensor a worker converts at a time: a multiple of every
// element size, large enough to make system calls rare, small enough for cache.
const chunkBytes = 256 << 10

// encode writes src into dst little-endian; dst holds len(src) elements.
func encode[T Value](dst []byte, src []T) {
	le := binary.LittleEndian
	switch src := any(src).(type) {
	case []float32:
		for i, v := range src {
			le.PutUint32(dst[4*i:], math.Float32bits(v))
		}
	case []float64:
		for i, v := range src {
			le.PutUint64(dst[8*i:], math.Float64bits(v))
		}
	case []uint8:
		copy(dst, src)
	case []int8:
		for i, v := range src {
			dst[i] = byte(v)
		}
	case []uint16:
		for i, v := range src {
			le.PutUint16(dst[2*i:], v)
		}
	case []int16:
		for i, v := range src {
			le.PutUint16(dst[2*i:], uint16(v))
		}
	case []uint32:
		for i, v := range src {
			le.PutUint32(dst[4*i:], v)
		}
	case []int32:
		for i, v := range src {
			le.PutUint32(dst[4*i:], uint32(v))
		}
	case []uint64:
		for i, v := range src {
			le.PutUint64(dst[8*i:], v)
		}
	case []int64:
		for i, v := range src {
			le.PutUint64(dst[8*i:], uint64(v))
		}
	}
}

// decode fills dst from src, the inverse of encode.
func decode[T Value](dst []T, src []byte) {
	le := binary.LittleEndian
	switch dst := any(dst).(type) {
	case []float32:
		for i := range dst {
			dst[i] = math.Float32frombits(le.Uint32(src[4*i:]))
		}
	case []float64:
		for i := range dst {
			dst[i] = math.Float64frombits(le.Uint64(src[8*i:]))
		}
	case []uint8:
		copy(dst, src)
	case []int8:
		for i := range dst {
			dst[i] = int8(src[i])
		}
	case []uint16:
		for i := range dst {
			dst[i] = le.Uint16(src[2*i:])
		}
	case []int16:
		for i := range dst {
			dst[i] = int16(le.Uint16(src[2*i:]))
		}
	case []uint32:
		for i := range dst {
			dst[i] = le.Uint32(src[4*i:])
		}
	case []int32:
		for i := range dst {
			dst[i] = int32(le.Uint32(src[4*i:]))
		}
	case []uint64:
		for i := range dst {
			dst[i] = le.Uint64(src[8*i:])
		}
	case []int64:
		for i := range dst {
			dst[i] = int64(le.Uint64(src[8*i:]))
		}
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
