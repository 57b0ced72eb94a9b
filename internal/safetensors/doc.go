// Package safetensors reads and writes the safetensors format: the length of a
// header, the header in JSON, and the tensors' raw little-endian bytes.
//
//	8 bytes   n, the header's length, little-endian
//	n bytes   {"__metadata__":{…},"NAME":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},…}
//	the rest  the tensors, side by side, offsets counted from here
//
// The format is public and runs no code on load, so a file may come from
// anywhere: the reader believes none of its numbers before they agree with one
// another and with the size of the file.
//
// Files that are written here have sums, CRC-32C (internal/checksum), which other readers
// take for one more text of the metadata. It is the first one:
//
//	{"__metadata__":{"crc32c":"HHHHHHHH TTTTTTTT …",…
//
// H is the sum of the header, with the 8 bytes of its length before it and zeros in the
// place of H, and T that of each tensor in the order of the data. They are checked when
// header and tensors are read. A file without them is read all the same.
package safetensors

import (
	"fmt"
	"math"
)

// metadataKey is the header's one key that names no tensor.
const metadataKey = "__metadata__"

// maxHeader is the largest header accepted, in bytes. Reading one takes up to 25 times its
// size of memory, so it is no larger than ours become: packed statistics, of two tensors
// a batch of 768 images, have less than 256 bytes a batch, so that there is room for 12
// million images, whose code sums are 800 GB at 65,536 atoms.
const maxHeader = 4 << 20

// Value is an element type the package handles.
type Value interface {
	float32 | float64 | uint8 | int8 | uint16 | int16 | uint32 | int32 | uint64 | int64
}

// DType is an element type by its name in the format, such as "F32".
type DType string

// size is the number of bytes of one element, or 0 for an unknown type.
func (d DType) size() int {
	switch d {
	case "U8", "I8":
		return 1
	case "U16", "I16":
		return 2
	case "F32", "U32", "I32":
		return 4
	case "F64", "U64", "I64":
		return 8
	}
	return 0
}

// dtypeOf is the name of the element type T.
func dtypeOf[T Value]() DType {
	switch any(*new(T)).(type) {
	case float32:
		return "F32"
	case float64:
		return "F64"
	case uint8:
		return "U8"
	case int8:
		return "I8"
	case uint16:
		return "U16"
	case int16:
		return "I16"
	case uint32:
		return "U32"
	case int32:
		return "I32"
	case uint64:
		return "U64"
	default:
		return "I64"
	}
}

// byteLen is the number of bytes of a tensor of the given type and shape. The
// product is checked at each step: a wrapped one would pass for a small tensor.
func byteLen(d DType, shape []int) (int64, error) {
	n := int64(d.size())
	for _, dim := range shape {
		if dim < 0 {
			return 0, fmt.Errorf("shape %v has a negative dimension", shape)
		}
		if dim > 0 && n > math.MaxInt64/int64(dim) {
			return 0, fmt.Errorf("shape %v of %s overflows", shape, d)
		}
		n *= int64(dim)
	}
	return n, nil
}
