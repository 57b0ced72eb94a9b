package safetensors

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"io"
	"slices"
)

// File is a file whose header has been read and checked; the tensors are read
// when asked for. It is safe for concurrent use if its ReaderAt is.
type File struct {
	Metadata map[string]string // the header's __metadata__; empty, not nil, if it has none

	r       io.ReaderAt
	base    int64 // where the data begins
	entries []entry
	byName  map[string]entry
}

// Info describes a tensor of a file.
type Info struct {
	Name  string
	DType DType
	Shape []int
}

// Read reads and checks the header of a file of size bytes. It allocates in
// proportion to the header, never to what the header claims. The tensors must
// cover the rest of the file exactly, with no overlap and no hole; the error
// names the tensor and the numbers that disagree, and tells a truncated file
// from one with bytes to spare.
func Read(r io.ReaderAt, size int64) (*File, error) {
	f, err := read(r, size)
	if err != nil {
		return nil, fmt.Errorf("safetensors: %w", err)
	}
	return f, nil
}

func read(r io.ReaderAt, size int64) (*File, error) {
	if size < 8 {
		return nil, fmt.Errorf("truncated: %d bytes, the header's length alone takes 8: not a safetensors file", size)
	}
	var length [8]byte
	if err := readAt(r, length[:], 0); err != nil {
		return nil, fmt.Errorf("reading the header's length: %w", err)
	}
	// Compared before it is converted or added to: a hostile length would wrap.
	n := binary.LittleEndian.Uint64(length[:])
	if n > maxHeader {
		return nil, fmt.Errorf("not a safetensors file: it would begin with a header of %d bytes, at most %d are accepted", n, maxHeader)
	}
	if n > uint64(size-8) {
		return nil, fmt.Errorf("truncated: the header is %d bytes, %d follow its length", n, size-8)
	}
	header := make([]byte, n)
	if err := readAt(r, header, 8); err != nil {
		return nil, fmt.Errorf("reading the header: %w", err)
	}
	if n == 0 || header[0] != '{' {
		return nil, fmt.Errorf("not a safetensors file: its header of %d bytes does not begin with {", n)
	}
	entries, metadata, err := parseHeader(header)
	if err != nil {
		return nil, err
	}
	base := 8 + int64(n)
	if err := checkLayout(entries, size-base); err != nil {
		return nil, err
	}
	f := &File{Metadata: metadata, r: r, base: base, entries: entries, byName: make(map[string]entry, len(entries))}
	for _, e := range entries {
		f.byName[e.name] = e
	}
	return f, nil
}

// checkLayout sorts the entries by place and checks that they tile data bytes.
// A hole could hide bytes of another format, an overlap two meanings of one.
func checkLayout(entries []entry, data int64) error {
	slices.SortStableFunc(entries, func(a, b entry) int {
		return cmp.Or(cmp.Compare(a.begin, b.begin), cmp.Compare(a.end, b.end))
	})
	var end int64
	for i, e := range entries {
		switch {
		case e.begin > end:
			return fmt.Errorf("tensor %q: begins at %d, a hole after byte %d", e.name, e.begin, end)
		case e.begin < end:
			return fmt.Errorf("tensor %q: begins at %d, inside tensor %q which ends at %d",
				e.name, e.begin, entries[i-1].name, end)
		}
		end = e.end
	}
	switch {
	case end > data:
		return fmt.Errorf("truncated: the tensors take %d bytes, %d follow the header", end, data)
	case end < data:
		return fmt.Errorf("oversized: the tensors take %d bytes, %d follow the header", end, data)
	}
	return nil
}

// Tensors describes the tensors in the order of their data.
func (f *File) Tensors() []Info {
	out := make([]Info, len(f.entries))
	for i, e := range f.entries {
		out[i] = Info{e.name, e.dtype, slices.Clone(e.shape)}
	}
	return out
}

// Float32 is Values for F32.
func (f *File) Float32(name string, shape ...int) ([]float32, error) {
	return Values[float32](f, name, shape...)
}

// Float64 is Values for F64.
func (f *File) Float64(name string, shape ...int) ([]float64, error) {
	return Values[float64](f, name, shape...)
}

// Values reads the named tensor in row-major order. Its type must be T's and its
// shape the one given, of the same number of dimensions, where -1 stands for any
// size; no shape is the shape of a scalar. The error names the tensor, what was
// found and what was expected, and, for a NaN or an infinity, its index.
func Values[T Value](f *File, name string, shape ...int) ([]T, error) {
	e, ok := f.byName[name]
	if !ok {
		return nil, fmt.Errorf("safetensors: tensor %q: not in the file", name)
	}
	if want := dtypeOf[T](); e.dtype != want {
		return nil, fmt.Errorf("safetensors: tensor %q: type is %s, expected %s", name, e.dtype, want)
	}
	if !slices.EqualFunc(e.shape, shape, func(is, want int) bool { return is == want || want == -1 }) {
		return nil, fmt.Errorf("safetensors: tensor %q: shape is %v, expected %v", name, e.shape, shape)
	}
	size := int64(e.dtype.size())
	out := make([]T, (e.end-e.begin)/size) // no larger than the file: Read checked
	buf := make([]byte, min(chunkBytes, e.end-e.begin))
	for rest, at := out, f.base+e.begin; len(rest) > 0; {
		chunk := buf[:min(int64(len(buf)), int64(len(rest))*size)]
		if err := readAt(f.r, chunk, at); err != nil {
			return nil, fmt.Errorf("safetensors: tensor %q: %w", name, err)
		}
		n := len(chunk) / int(size)
		decode(rest[:n], chunk)
		rest, at = rest[n:], at+int64(len(chunk))
	}
	if i := nonFinite(out); i >= 0 {
		return nil, fmt.Errorf("safetensors: tensor %q: the value at index %d is %v, expected a finite one", name, i, out[i])
	}
	return out, nil
}

// readAt fills b from offset off, with io.ErrUnexpectedEOF for a file that has
// become shorter than it was said to be.
func readAt(r io.ReaderAt, b []byte, off int64) error {
	n, err := r.ReadAt(b, off)
	if n == len(b) {
		return nil
	}
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}
