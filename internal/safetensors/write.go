package safetensors

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"unicode/utf8"

	"github.com/sparse-manifold/smt/internal/output"
)

// Tensor is a named array to be written; NewTensor makes one.
type Tensor struct {
	name      string
	dtype     DType
	shape     []int
	len       int // elements
	encode    func(dst []byte, from, to int)
	nonFinite func() int
}

// NewTensor names data as a tensor of the given shape in row-major order;
// without a shape it is a scalar, one value. The data is not copied: it must
// stay unchanged until it is written.
func NewTensor[T Value](name string, data []T, shape ...int) Tensor {
	return Tensor{
		name:      name,
		dtype:     dtypeOf[T](),
		shape:     slices.Clone(shape),
		len:       len(data),
		encode:    func(dst []byte, from, to int) { encode(dst, data[from:to]) },
		nonFinite: func() int { return nonFinite(data) },
	}
}

// Write writes a file of the tensors, in the order given, and the metadata,
// which may be nil, to w. The same arguments give the same bytes.
//
// Nothing is written when an argument is at fault: a name that is empty, taken
// twice, reserved or not UTF-8; a shape that is not the size of its data; a NaN
// or an infinity, which the reader would refuse. Otherwise the error is w's.
func Write(w io.Writer, metadata map[string]string, tensors []Tensor) error {
	header, err := appendHeader(nil, metadata, tensors)
	if err != nil {
		return fmt.Errorf("safetensors: %w", err)
	}
	var length [8]byte
	binary.LittleEndian.PutUint64(length[:], uint64(len(header)))
	if _, err := w.Write(length[:]); err != nil {
		return fmt.Errorf("safetensors: writing the header: %w", err)
	}
	if _, err := w.Write(header); err != nil {
		return fmt.Errorf("safetensors: writing the header: %w", err)
	}
	buf := make([]byte, chunkBytes)
	for _, t := range tensors {
		size := t.dtype.size()
		step := chunkBytes / size
		for from := 0; from < t.len; from += step {
			to := min(from+step, t.len)
			chunk := buf[:(to-from)*size]
			t.encode(chunk, from, to)
			if _, err := w.Write(chunk); err != nil {
				return fmt.Errorf("safetensors: writing tensor %q: %w", t.name, err)
			}
		}
	}
	return nil
}

// WriteFile writes the file at path as Write does, whole or not at all.
func WriteFile(path string, metadata map[string]string, tensors []Tensor) error {
	f, err := output.Create(context.Background(), path)
	if err != nil {
		return fmt.Errorf("safetensors: %w", err)
	}
	defer func() { _ = f.Abort() }() // does nothing after the commit below
	if err := Write(f, metadata, tensors); err != nil {
		return fmt.Errorf("%w (file %s)", err, path)
	}
	if err := f.Commit(); err != nil {
		return fmt.Errorf("safetensors: %w", err)
	}
	return nil
}

// appendHeader checks the arguments and appends the header's JSON to b, padded
// with spaces to a multiple of 8 so that the data begins aligned.
func appendHeader(b []byte, metadata map[string]string, tensors []Tensor) ([]byte, error) {
	b = append(b, '{')
	if len(metadata) > 0 {
		b = append(appendString(b, metadataKey), ":{"...)
		for i, k := range slices.Sorted(maps.Keys(metadata)) {
			if !utf8.ValidString(k) || !utf8.ValidString(metadata[k]) {
				return nil, fmt.Errorf("metadata %q: not UTF-8", k)
			}
			if i > 0 {
				b = append(b, ',')
			}
			b = append(appendString(b, k), ':')
			b = appendString(b, metadata[k])
		}
		b = append(b, '}')
	}
	seen := make(map[string]bool, len(tensors))
	var offset int64
	for _, t := range tensors {
		n, err := t.check()
		if err != nil {
			return nil, fmt.Errorf("tensor %q: %w", t.name, err)
		}
		if seen[t.name] {
			return nil, fmt.Errorf("tensor %q: the name is taken twice", t.name)
		}
		if offset > math.MaxInt64-n {
			return nil, fmt.Errorf("tensor %q: the tensors overflow the file", t.name)
		}
		seen[t.name] = true
		if len(b) > 1 {
			b = append(b, ',')
		}
		b = append(appendString(b, t.name), `:{"dtype":`...)
		b = append(appendString(b, string(t.dtype)), `,"shape":[`...)
		for i, dim := range t.shape {
			if i > 0 {
				b = append(b, ',')
			}
			b = fmt.Append(b, dim)
		}
		b = fmt.Appendf(b, `],"data_offsets":[%d,%d]}`, offset, offset+n)
		offset += n
	}
	b = append(b, '}')
	for len(b)%8 != 0 {
		b = append(b, ' ')
	}
	if len(b) > maxHeader {
		return nil, fmt.Errorf("the header is %d bytes, at most %d can be read back", len(b), maxHeader)
	}
	return b, nil
}

// check returns the tensor's size in bytes.
func (t Tensor) check() (int64, error) {
	switch {
	case t.encode == nil:
		return 0, fmt.Errorf("not made by NewTensor")
	case t.name == "":
		return 0, fmt.Errorf("the name is empty")
	case t.name == metadataKey:
		return 0, fmt.Errorf("the name is reserved")
	case !utf8.ValidString(t.name):
		return 0, fmt.Errorf("the name is not UTF-8")
	}
	n, err := byteLen(t.dtype, t.shape)
	if err != nil {
		return 0, err
	}
	if have := int64(t.len) * int64(t.dtype.size()); n != have {
		return 0, fmt.Errorf("shape %v is %d values, the data %d", t.shape, n/int64(t.dtype.size()), t.len)
	}
	if i := t.nonFinite(); i >= 0 {
		return 0, fmt.Errorf("the value at index %d is not finite", i)
	}
	return n, nil
}

// appendString appends s as a JSON string. HTML is left as it is: the header is
// read by people too, and never by a browser.
func appendString(b []byte, s string) []byte {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(s); err != nil {
		panic(err) // a string always encodes
	}
	return append(b, bytes.TrimSuffix(buf.Bytes(), []byte("\n"))...)
}
