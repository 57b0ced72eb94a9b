package safetensors

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// raw builds a file from a header and data as they are, right or wrong.
func raw(header string, data int) []byte {
	b := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	return append(append(b, header...), make([]byte, data)...)
}

func readBytes(b []byte) (*File, error) { return Read(bytes.NewReader(b), int64(len(b))) }

// typed is a tensor of one element type and how to check that it came back.
type typed struct {
	tensor Tensor
	check  func(*File) error
}

func drawTyped[T Value](rt *rapid.T, name string, values *rapid.Generator[T]) typed {
	shape := rapid.SliceOfN(rapid.IntRange(0, 5), 0, 4).Draw(rt, "shape of "+name)
	n := 1
	for _, dim := range shape {
		n *= dim
	}
	data := rapid.SliceOfN(values, n, n).Draw(rt, name)
	return typed{NewTensor(name, data, shape...), func(f *File) error {
		got, err := Values[T](f, name, shape...)
		if err != nil {
			return err
		}
		// Bytes, so that -0 is told from 0.
		a, b := make([]byte, 8*n), make([]byte, 8*n)
		encode(a, got)
		encode(b, data)
		if len(got) != n || !bytes.Equal(a, b) {
			return fmt.Errorf("%s: read %v, wrote %v", name, got, data)
		}
		return nil
	}}
}

func drawAny(rt *rapid.T, name string) typed {
	switch rapid.IntRange(0, 9).Draw(rt, "type of "+name) {
	case 0:
		return drawTyped(rt, name, rapid.Float32())
	case 1:
		return drawTyped(rt, name, rapid.Float64())
	case 2:
		return drawTyped(rt, name, rapid.Uint8())
	case 3:
		return drawTyped(rt, name, rapid.Int8())
	case 4:
		return drawTyped(rt, name, rapid.Uint16())
	case 5:
		return drawTyped(rt, name, rapid.Int16())
	case 6:
		return drawTyped(rt, name, rapid.Uint32())
	case 7:
		return drawTyped(rt, name, rapid.Int32())
	case 8:
		return drawTyped(rt, name, rapid.Uint64())
	default:
		return drawTyped(rt, name, rapid.Int64())
	}
}

func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		names := rapid.SliceOfNDistinct(rapid.StringN(1, 12, -1), 0, 6, rapid.ID[string]).Draw(rt, "names")
		metadata := rapid.MapOf(rapid.String(), rapid.String()).Draw(rt, "metadata")
		var tensors []Tensor
		var all []typed
		for _, name := range names {
			v := drawAny(rt, name)
			all, tensors = append(all, v), append(tensors, v.tensor)
		}
		var buf, again bytes.Buffer
		if err := Write(&buf, metadata, tensors); err != nil {
			rt.Fatal(err)
		}
		if err := Write(&again, metadata, tensors); err != nil {
			rt.Fatal(err)
		}
		if !bytes.Equal(buf.Bytes(), again.Bytes()) {
			rt.Fatal("two writes of the same differ")
		}
		if n := binary.LittleEndian.Uint64(buf.Bytes()); n%8 != 0 {
			rt.Fatalf("a header of %d bytes leaves the data unaligned", n)
		}
		f, err := readBytes(buf.Bytes())
		if err != nil {
			rt.Fatal(err)
		}
		if !reflect.DeepEqual(f.Metadata, metadata) {
			rt.Fatalf("metadata: read %q, wrote %q", f.Metadata, metadata)
		}
		for i, v := range all {
			if err := v.check(f); err != nil {
				rt.Fatal(err)
			}
			// Equal offsets (empty tensors) are kept in the header's order.
			if got := f.Tensors()[i].Name; got != names[i] {
				rt.Fatalf("tensor %d is %q, wrote %q", i, got, names[i])
			}
		}
		// The length of the file is part of what is checked, to the byte.
		cut := rapid.IntRange(0, buf.Len()-1).Draw(rt, "cut")
		if _, err := readBytes(buf.Bytes()[:cut]); err == nil {
			rt.Fatalf("cut to %d of %d bytes and read without error", cut, buf.Len())
		}
		if _, err := readBytes(append(buf.Bytes(), 0)); err == nil {
			rt.Fatal("a byte too many and read without error")
		}
	})
}

// A tensor of several chunks and a part of one.
func TestChunks(t *testing.T) {
	data := make([]float64, 3*chunkBytes/8+5)
	for i := range data {
		data[i] = float64(i)
	}
	var buf bytes.Buffer
	if err := Write(&buf, nil, []Tensor{NewTensor("pad", []uint8{7}, 1), NewTensor("x", data, len(data))}); err != nil {
		t.Fatal(err)
	}
	f, err := readBytes(buf.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	got, err := f.Float64("x", -1)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, data) {
		t.Error("a tensor of several chunks comes back different")
	}
}

func TestReadErrors(t *testing.T) {
	const a = `"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}`
	tests := []struct {
		name string
		file []byte
		want string
	}{
		{"empty", nil, "it has 0 bytes"},
		{"a text", []byte("root:x:0:0:root:/root:/bin/bash\n"), "not a safetensors file"},
		{"a picture", []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"), "not a safetensors file"},
		{"zeros", make([]byte, 4096), "not a safetensors file"},
		{"no object", raw("[1,2,3]", 0), "not a safetensors file"},
		{"header without an end", raw(`{"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}`, 0), "unexpected EOF"},
		{"half a length", []byte{1, 0, 0}, "it has 3 bytes"},
		{"length beyond the limit", binary.LittleEndian.AppendUint64(nil, maxHeader+1), "not a safetensors file"},
		{"length that wraps", binary.LittleEndian.AppendUint64(nil, math.MaxUint64-7), "not a safetensors file"},
		{"length of a large header", append(binary.LittleEndian.AppendUint64(nil, maxHeader+1), '{'), "the header is 4194305 bytes: want at most 4194304"},
		{"header cut", raw("{"+a+"}", 0)[:20], "truncated: the header is 53 bytes, 12 follow"},
		{"no header", raw("", 0), "not a safetensors file"},
		{"an array", raw("[]", 0), "not a safetensors file"},
		{"leading space", raw(" {}", 0), "not a safetensors file"},
		{"not UTF-8", raw("{\"\xff\":1}", 0), "invalid UTF-8"},
		{"two objects", raw("{}{}", 0), "not one JSON object"},
		{"padded with a newline", raw("{}\n", 0), "not one JSON object"},
		{"bad JSON", raw(`{"a":}`, 0), "missing value"},
		{"data cut", raw("{"+a+"}", 3), "truncated: the tensors take 4 bytes, 3 follow"},
		{"data too long", raw("{"+a+"}", 5), "oversized: the tensors take 4 bytes, 5 follow"},
		{"data without tensors", raw("{}", 1), "oversized: the tensors take 0 bytes, 1 follow"},
		{"name twice", raw("{"+a+","+a+"}", 4), `"a" comes twice`},
		{"name twice, escaped", raw("{"+a+`,"\u0061":{"dtype":"U8","shape":[0],"data_offsets":[4,4]}}`, 4), `"a" comes twice`},
		{"metadata twice", raw(`{"__metadata__":{},"__metadata__":{}}`, 0), `"__metadata__" comes twice`},
		{"metadata key twice", raw(`{"__metadata__":{"k":"1","k":"1"}}`, 0), `"__metadata__.k" comes twice`},
		{"metadata not strings", raw(`{"__metadata__":{"k":1}}`, 0), `"k": not a string`},
		{"metadata not an object", raw(`{"__metadata__":[]}`, 0), "not a JSON object"},
		{"tensor not an object", raw(`{"a":1}`, 0), `"a" is a number: want an object`},
		{"field twice", raw(`{"a":{"dtype":"U8","dtype":"U8","shape":[0],"data_offsets":[0,0]}}`, 0), `"a.dtype" comes twice`},
		{"field unknown", raw(`{"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0],"x":1}}`, 0), `unknown field "a.x"`},
		{"field missing", raw(`{"a":{"dtype":"U8","shape":[0]}}`, 0), "missing"},
		{"type unknown", raw(`{"a":{"dtype":"F8","shape":[0],"data_offsets":[0,0]}}`, 0), `dtype "F8" is not one of`},
		{"type not a string", raw(`{"a":{"dtype":8,"shape":[0],"data_offsets":[0,0]}}`, 0), `"a.dtype" is a number: want text`},
		{"shape not an array", raw(`{"a":{"dtype":"U8","shape":4,"data_offsets":[0,4]}}`, 4), `"a.shape" is a number: want a list`},
		{"shape of strings", raw(`{"a":{"dtype":"U8","shape":["4"],"data_offsets":[0,4]}}`, 4), `"a.shape.0" is text: want a whole number of 64 bits`},
		{"shape negative", raw(`{"a":{"dtype":"U8","shape":[-4],"data_offsets":[0,4]}}`, 4), "shape [-4] has a negative dimension"},
		{"shape fractional", raw(`{"a":{"dtype":"U8","shape":[4.0],"data_offsets":[0,4]}}`, 4), `"a.shape.0" is 4.0: want a whole number of 64 bits`},
		{"shape beyond 63 bits", raw(`{"a":{"dtype":"U8","shape":[9223372036854775808],"data_offsets":[0,4]}}`, 4), `"a.shape.0" is 9223372036854775808: want`},
		// 2³² × 2³² wraps to 0, 2⁶² of four bytes as well.
		{"shape overflows", raw(`{"a":{"dtype":"U8","shape":[4294967296,4294967296],"data_offsets":[0,0]}}`, 0), "overflows"},
		{"bytes overflow", raw(`{"a":{"dtype":"F32","shape":[4611686018427387904],"data_offsets":[0,0]}}`, 0), "overflows"},
		{"length is not the shape's", raw(`{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}`, 4), "shape [2] of F32 is 8 bytes, data_offsets [0,4] are 4"},
		{"one offset", raw(`{"a":{"dtype":"U8","shape":[0],"data_offsets":[0]}}`, 0), "not a begin and an end"},
		{"offsets reversed", raw(`{"a":{"dtype":"U8","shape":[4],"data_offsets":[4,0]}}`, 4), "not a begin and an end"},
		{"hole at the front", raw(`{"a":{"dtype":"U8","shape":[4],"data_offsets":[1,5]}}`, 5), `tensor "a": begins at 1, a hole after byte 0`},
		{"hole between", raw("{"+a+`,"b":{"dtype":"U8","shape":[1],"data_offsets":[5,6]}}`, 6), `tensor "b": begins at 5, a hole after byte 4`},
		{"overlap", raw("{"+a+`,"b":{"dtype":"U8","shape":[4],"data_offsets":[3,7]}}`, 7), `tensor "b": begins at 3, inside tensor "a"`},
		{"the same bytes twice", raw("{"+a+`,"b":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}`, 4), `tensor "b": begins at 0, inside tensor "a"`},
		{"an empty one inside", raw("{"+a+`,"b":{"dtype":"U8","shape":[0],"data_offsets":[2,2]}}`, 4), `tensor "b": begins at 2, inside tensor "a"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := readBytes(tt.file)
			if err == nil {
				t.Fatal("read without error")
			}
			if !strings.HasPrefix(err.Error(), "safetensors: ") && !errors.Is(err, errNotSafetensors) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %q, want %q in it", err, tt.want)
			}
		})
	}
}

// What the reader must not refuse: data in another order than the header's,
// padding, an empty file.
func TestReadAccepts(t *testing.T) {
	b := raw(`{"b":{"data_offsets":[4,6],"shape":[2],"dtype":"U8"},"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}   `, 6)
	b[len(b)-1] = 9
	f, err := readBytes(b)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := Values[uint8](f, "b", 2); err != nil || !bytes.Equal(got, []byte{0, 9}) {
		t.Errorf("b is %v, %v", got, err)
	}
	want := []Info{{"a", "F32", []int{1}}, {"b", "U8", []int{2}}}
	if got := f.Tensors(); !reflect.DeepEqual(got, want) {
		t.Errorf("tensors are %v, want %v", got, want)
	}
	// An empty tensor lies before the one that begins where it does.
	if _, err := readBytes(raw(`{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"e":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}`, 4)); err != nil {
		t.Error(err)
	}
	f, err = readBytes(raw("{}", 0))
	if err != nil || f.Metadata == nil || len(f.Tensors()) != 0 {
		t.Errorf("an empty file: %+v, %v", f, err)
	}
}

func TestValuesErrors(t *testing.T) {
	nan := raw(`{"w":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},"v":{"dtype":"F64","shape":[2],"data_offsets":[24,40]}}`, 40)
	data := nan[len(nan)-40:]
	binary.LittleEndian.PutUint32(data[4*4:], math.Float32bits(float32(math.NaN())))
	binary.LittleEndian.PutUint64(data[24+8:], math.Float64bits(math.Inf(-1)))
	f, err := readBytes(nan)
	if err != nil {
		t.Fatal(err)
	}
	short, err := Read(io.NewSectionReader(bytes.NewReader(nan[:len(nan)-20]), 0, int64(len(nan))), int64(len(nan)))
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name string
		get  func() error
		want string
	}{
		{"missing", func() error { _, err := f.Float32("x"); return err }, `tensor "x": not in the file`},
		{"type", func() error { _, err := f.Float64("w", 2, 3); return err }, `tensor "w": type is F32, expected F64`},
		{"shape", func() error { _, err := f.Float32("w", 3, 2); return err }, `tensor "w": shape is [2 3], expected [3 2]`},
		{"rank", func() error { _, err := f.Float32("w", 6); return err }, `tensor "w": shape is [2 3], expected [6]`},
		{"a scalar", func() error { _, err := f.Float32("w"); return err }, `tensor "w": shape is [2 3], expected []`},
		{"any size, wrong other", func() error { _, err := f.Float32("w", -1, 4); return err }, `expected [-1 4]`},
		{"NaN", func() error { _, err := f.Float32("w", 2, 3); return err }, `tensor "w": the value at index 4 is NaN`},
		{"infinity", func() error { _, err := f.Float64("v", 2); return err }, `tensor "v": the value at index 1 is -Inf`},
		{"shrunk since", func() error { _, err := short.Float64("v", 2); return err }, `tensor "v": unexpected EOF`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if err := tt.get(); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want %q in it", err, tt.want)
			}
		})
	}
}

// Numbers are written with their lowest byte first, whatever the machine's order is.
func TestByteOrder(t *testing.T) {
	b := make([]byte, 8)
	for _, c := range []struct {
		got, want []byte
	}{
		{encoded(b, []uint16{0x0102, 0x0304}), []byte{2, 1, 4, 3}},
		{encoded(b, []int32{-2, 1}), []byte{0xfe, 0xff, 0xff, 0xff, 1, 0, 0, 0}},
		{encoded(b, []float64{1}), []byte{0, 0, 0, 0, 0, 0, 0xf0, 0x3f}},
		{encoded(b, []int8{-1, 2}), []byte{0xff, 2}},
		{encoded(b, []float32{}), []byte{}},
	} {
		if !bytes.Equal(c.got, c.want) {
			t.Errorf("% x, want % x", c.got, c.want)
		}
	}
	for size, want := range map[int]string{1: "abcdefgh", 2: "badcfehg", 4: "dcbahgfe", 8: "hgfedcba"} {
		b := []byte("abcdefgh")
		if swap(b, size); string(b) != want {
			t.Errorf("numbers of %d bytes: %q, want %q", size, b, want)
		}
	}
}

func encoded[T Value](b []byte, v []T) []byte {
	encode(b, v)
	return bytes.Clone(b[:len(v)*dtypeOf[T]().size()])
}
