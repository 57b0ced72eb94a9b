package safetensors

import (
	"bytes"
	"encoding/binary"
	"math"
	"strings"
	"testing"

	"github.com/sparse-manifold/smt/internal/memory/memorytest"
)

func FuzzRead(f *testing.F) {
	var buf bytes.Buffer
	err := Write(&buf, map[string]string{"k": "v"}, []Tensor{
		NewTensor("a", []float32{1, 2}, 2), NewTensor("b", []uint8{3}), NewTensor("c", []int64{}, 0),
	})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(buf.Bytes())
	f.Add(raw("{}", 0))
	f.Add(raw(`{"a":{"dtype":"U8","shape":[1000000000],"data_offsets":[0,1000000000]}}`, 0))
	f.Add(binary.LittleEndian.AppendUint64(nil, math.MaxUint64))
	f.Fuzz(func(t *testing.T, b []byte) {
		n := memorytest.Allocated(func() {
			file, err := readBytes(b)
			if err != nil {
				return
			}
			// What was accepted tiles the file, and each tensor is within it.
			var total int
			for _, info := range file.Tensors() {
				n, err := byteLen(info.DType, info.Shape)
				if err != nil {
					t.Fatal(err)
				}
				total += int(n)
				readAny(t, file, info)
			}
			if header := int(binary.LittleEndian.Uint64(b)); 8+header+total != len(b) {
				t.Fatalf("header of %d and tensors of %d bytes in a file of %d", header, total, len(b))
			}
		})
		// A token of the header costs some hundred bytes; the fuzzer itself, in
		// the same process, some more.
		if limit := uint64(4<<20 + 1000*len(b)); n > limit {
			t.Errorf("%d bytes of memory for a file of %d", n, len(b))
		}
	})
}

// readAny reads a tensor by its own description, which can fail only for a
// value that is not finite, or a wrong sum.
func readAny(t *testing.T, f *File, info Info) {
	err := readOne(f, info)
	if err != nil && !strings.Contains(err.Error(), "expected a finite one") && !strings.Contains(err.Error(), "values have changed") {
		t.Fatal(err)
	}
}

func readOne(f *File, info Info) (err error) {
	switch info.DType {
	case "F32":
		_, err = f.Float32(info.Name, info.Shape...)
	case "F64":
		_, err = f.Float64(info.Name, info.Shape...)
	case "U8":
		_, err = Values[uint8](f, info.Name, info.Shape...)
	case "I8":
		_, err = Values[int8](f, info.Name, info.Shape...)
	case "U16":
		_, err = Values[uint16](f, info.Name, info.Shape...)
	case "I16":
		_, err = Values[int16](f, info.Name, info.Shape...)
	case "U32":
		_, err = Values[uint32](f, info.Name, info.Shape...)
	case "I32":
		_, err = Values[int32](f, info.Name, info.Shape...)
	case "U64":
		_, err = Values[uint64](f, info.Name, info.Shape...)
	case "I64":
		_, err = Values[int64](f, info.Name, info.Shape...)
	}
	return err
}
