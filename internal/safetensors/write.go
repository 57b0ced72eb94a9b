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

	"github.com/sparse-manifold/smt/internal/checksum"
	"github.com/sparse-manifold/smt/internal/output"
	"github.com/sparse-manifold/smt/internal/plural"
)

// Tensor is a named array to be written; NewTensor makes one.
type Tensor struct {
	name  string
	dtype DType
	shape []int
	len   int // elements
	// Both are of the elements [from, to).
	encode    func(dst []byte, from, to int)
	nonFinite func(from, to int) int // index of the first, from `from` on, or -1
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
		nonFinite: func(from, to int) int { return nonFinite(data[from:to]) },
	}
}

// Write writes a file of the tensors, in the order given, and the metadata,
// which may be nil, to w. The same arguments give the same bytes. Sums come first, so
// that all values are gone through twice.
//
// Nothing is written when an argument is at fault: a name that is empty, taken
// twice, reserved or not UTF-8; a shape that is not the size of its data; a NaN
// or an infinity, which the reader would refuse. Otherwise the error is w's.
func Write(w io.Writer, metadata map[string]string, tensors []Tensor) error {
	head, err := headOf(metadata, tensors)
	if err != nil {
		return fmt.Errorf("safetensors: %w", err)
	}
	if err := write(w, head); err != nil {
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
			if err := write(w, chunk); err != nil {
				return fmt.Errorf("safetensors: writing tensor %q: %w", t.name, err)
			}
		}
	}
	return nil
}

// write writes all of b: less without an error is one.
func write(w io.Writer, b []byte) error {
	n, err := w.Write(b)
	if err == nil && n < len(b) {
		err = io.ErrShortWrite
	}
	return err
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

// headOf checks the arguments and returns what a file begins with: the header's length and
// the header, padded with spaces to a multiple of 8 so that the data begins aligned.
func headOf(metadata map[string]string, tensors []Tensor) ([]byte, error) {
	var described []byte
	var sums []uint32
	seen := make(map[string]bool, len(tensors))
	var offset int64
	for _, t := range tensors {
		n, sum, err := t.check()
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
		described = append(appendString(append(described, ','), t.name), `:{"dtype":`...)
		described = append(appendString(described, string(t.dtype)), `,"shape":[`...)
		for i, dim := range t.shape {
			if i > 0 {
				described = append(described, ',')
			}
			described = fmt.Append(described, dim)
		}
		described = fmt.Appendf(described, `],"data_offsets":[%d,%d]}`, offset, offset+n)
		sums, offset = append(sums, sum), offset+n
	}
	b := append(make([]byte, lengthBytes), sumsPrefix...)
	b = append(append(b, sumsText(sums)...), '"')
	for _, k := range slices.Sorted(maps.Keys(metadata)) {
		if k == sumsKey {
			return nil, fmt.Errorf("metadata %q: the name is reserved", k)
		}
		if !utf8.ValidString(k) || !utf8.ValidString(metadata[k]) {
			return nil, fmt.Errorf("metadata %q: not UTF-8", k)
		}
		b = append(appendString(append(b, ','), k), ':')
		b = appendString(b, metadata[k])
	}
	b = append(append(append(b, '}'), described...), '}')
	for len(b)%8 != 0 {
		b = append(b, ' ')
	}
	n := len(b) - lengthBytes
	if n > maxHeader {
		return nil, fmt.Errorf("the header is %s, at most %d can be read back", plural.Of(n, "byte"), maxHeader)
	}
	binary.LittleEndian.PutUint64(b, uint64(n))
	checksum.Seal(b, sumsAt)
	return b, nil
}

// check returns the tensor's size in bytes and their sum.
func (t Tensor) check() (n int64, sum uint32, err error) {
	switch {
	case t.encode == nil:
		return 0, 0, fmt.Errorf("not made by NewTensor")
	case t.name == "":
		return 0, 0, fmt.Errorf("the name is empty")
	case t.name == metadataKey:
		return 0, 0, fmt.Errorf("the name is reserved")
	case !utf8.ValidString(t.name):
		return 0, 0, fmt.Errorf("the name is not UTF-8")
	}
	if n, err = byteLen(t.dtype, t.shape); err != nil {
		return 0, 0, err
	}
	if have := int64(t.len) * int64(t.dtype.size()); n != have {
		return 0, 0, fmt.Errorf("shape %v is %s, the data %d", t.shape, plural.Of(n/int64(t.dtype.size()), "value"), t.len)
	}
	sum, bad, _ := inPieces(t.len, t.dtype.size(), func(buf []byte, from, to int) (int, error) {
		t.encode(buf, from, to)
		return t.nonFinite(from, to), nil // never an error
	})
	if bad >= 0 {
		return 0, 0, fmt.Errorf("the value at index %d is not finite", bad)
	}
	return n, sum, nil
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
