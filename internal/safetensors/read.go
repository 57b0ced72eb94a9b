package safetensors

import (
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/sparse-manifold/smt/internal/checksum"
	"github.com/sparse-manifold/smt/internal/parallel"
	"github.com/sparse-manifold/smt/internal/plural"
)

// File is a file whose header has been read and checked; the tensors are read
// when asked for.
type File struct {
	Metadata map[string]string // the header's __metadata__ but for the sums; not nil

	r       io.ReaderAt
	base    int64 // where the data begins
	entries []entry
	byName  map[string]int // index of entries
	sums    []string       // of the entries, nil if the file has none
}

// Info describes a tensor of a file.
type Info struct {
	Name  string
	DType DType
	Shape []int
}

// lengthBytes is the number of bytes that a file begins with, the header's length.
const lengthBytes = 8

var errNotSafetensors = errors.New("not a safetensors file")

// Read reads and checks the header of a file of size bytes. It allocates in
// proportion to the header, never to what the header claims. The tensors must
// cover the rest of the file exactly, with no overlap and no hole; the error
// names the tensor and the numbers that disagree, and tells a truncated file
// from one with bytes to spare.
func Read(r io.ReaderAt, size int64) (*File, error) {
	f, err := read(r, size)
	if errors.Is(err, errNotSafetensors) {
		return nil, err
	}
	if err != nil {
		return nil, fmt.Errorf("safetensors: %w", err)
	}
	return f, nil
}

func read(r io.ReaderAt, size int64) (*File, error) {
	if size < lengthBytes {
		return nil, fmt.Errorf("%w: it has %s", errNotSafetensors, plural.Of(size, "byte"))
	}
	var length [lengthBytes]byte
	if err := readAt(r, length[:], 0); err != nil {
		return nil, fmt.Errorf("reading the header's length: %w", err)
	}
	// Compared before it is converted or added to: a hostile length would wrap.
	n := binary.LittleEndian.Uint64(length[:])
	if n > maxHeader {
		var first [1]byte
		if err := readAt(r, first[:], lengthBytes); err != nil || first[0] != '{' {
			return nil, errNotSafetensors
		}
		return nil, fmt.Errorf("the header is %s: want at most %d", plural.Of(n, "byte"), maxHeader)
	}
	if n > uint64(size-lengthBytes) {
		return nil, fmt.Errorf("truncated: the header is %s, %d follow its length", plural.Of(n, "byte"), size-lengthBytes)
	}
	head := make([]byte, lengthBytes+n)
	if err := readAt(r, head, 0); err != nil {
		return nil, fmt.Errorf("reading the header: %w", err)
	}
	entries, metadata, err := parseHeader(head[lengthBytes:])
	if err != nil {
		return nil, err
	}
	f := &File{Metadata: metadata, r: r, base: int64(len(head)), entries: entries, byName: make(map[string]int, len(entries))}
	if err := checkLayout(entries, size-f.base); err != nil {
		return nil, err
	}
	if text, has := metadata[sumsKey]; has {
		if f.sums, err = checkSums(head, text, len(entries)); err != nil {
			return nil, err
		}
		delete(metadata, sumsKey)
	}
	for i, e := range entries {
		f.byName[e.name] = i
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
		return fmt.Errorf("truncated: the tensors take %s, %d follow the header", plural.Of(end, "byte"), data)
	case end < data:
		return fmt.Errorf("oversized: the tensors take %s, %d follow the header", plural.Of(end, "byte"), data)
	}
	return nil
}

// Summed reports whether the file has checksums.
func (f *File) Summed() bool { return f.sums != nil }

// Has reports whether the file has a tensor of the name.
func (f *File) Has(name string) bool {
	_, has := f.byName[name]
	return has
}

// Tensors describes the tensors in the order of their data.
func (f *File) Tensors() []Info {
	out := make([]Info, len(f.entries))
	for i, e := range f.entries {
		out[i] = Info{e.name, e.dtype, slices.Clone(e.shape)}
	}
	return out
}

// Complete reports a tensor that was not read, or metadata other than of these keys: a file
// in which something is misnamed would pass for one that does not have it.
func (f *File) Complete(keys ...string) error {
	for _, key := range slices.Sorted(maps.Keys(f.Metadata)) {
		if !slices.Contains(keys, key) {
			return fmt.Errorf("safetensors: metadata %q: not known", key)
		}
	}
	for _, e := range f.entries {
		if !e.read {
			return fmt.Errorf("safetensors: tensor %q: not known", e.name)
		}
	}
	return nil
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
	return values[T](f, name, shape, 0, 0)
}

// Rows is Values of rows × cols, cols at least 1, of which each row is followed by zeros: rows
// are stride values apart.
func Rows[T Value](f *File, name string, rows, cols, stride int) ([]T, error) {
	return values[T](f, name, []int{rows, cols}, cols, stride)
}

func values[T Value](f *File, name string, shape []int, cols, stride int) ([]T, error) {
	out, err := placed[T](f, name, shape, cols, stride)
	if err != nil {
		return nil, fmt.Errorf("safetensors: tensor %q: %w", name, err)
	}
	return out, nil
}

// placed reads a tensor whose rows of cols values are placed stride apart. With cols 0 it is
// one row.
func placed[T Value](f *File, name string, shape []int, cols, stride int) ([]T, error) {
	i, has := f.byName[name]
	if !has {
		return nil, fmt.Errorf("not in the file")
	}
	e := &f.entries[i]
	if want := dtypeOf[T](); e.dtype != want {
		return nil, fmt.Errorf("type is %s, expected %s", e.dtype, want)
	}
	if !slices.EqualFunc(e.shape, shape, func(is, want int) bool { return is == want || want == -1 }) {
		return nil, fmt.Errorf("shape is %v, expected %v", e.shape, shape)
	}
	size := e.dtype.size()
	n := int((e.end - e.begin) / int64(size)) // no more than the file has: Read checked
	if cols == 0 {
		cols, stride = max(1, n), max(1, n)
	}
	out := make([]T, n/cols*stride)
	at := func(i int) int { return i/cols*stride + i%cols }
	sum, bad, err := inPieces(n, size, func(buf []byte, from, to int) (bad int, err error) {
		if err := readAt(f.r, buf, f.base+e.begin+int64(from*size)); err != nil {
			return -1, err
		}
		bad = -1
		for i := from; i < to; {
			end := min(to, (i/cols+1)*cols) // of what is left of the row
			part := out[at(i):][:end-i]
			decode(part, buf[(i-from)*size:])
			if k := nonFinite(part); k >= 0 && bad < 0 {
				bad = i - from + k
			}
			i = end
		}
		return bad, nil
	})
	if err != nil {
		return nil, err
	}
	// A sum first: a changed file is that, and not one with a NaN.
	if f.sums != nil && f.sums[i] != checksum.Text(sum) {
		return nil, fmt.Errorf("its values have changed: their checksum is %s, %s was written", checksum.Text(sum), f.sums[i])
	}
	if bad >= 0 {
		return nil, fmt.Errorf("the value at index %d is %v, expected a finite one", bad, out[at(bad)])
	}
	e.read = true
	return out, nil
}

// inPieces goes through n values of size bytes piece by piece, on all workers: piece fills
// buf with the bytes of the values [from, to), and returns the first of them that is not finite,
// or -1. inPieces returns the sum of all bytes, and the first that is not finite of all.
func inPieces(n, size int, piece func(buf []byte, from, to int) (bad int, err error)) (sum uint32, bad int, err error) {
	step := chunkBytes / size
	pieces := (n + step - 1) / step
	sums, bads, bufs := make([]uint32, pieces), make([]int, pieces), make([][]byte, parallel.Workers(pieces))
	err = parallel.ForErr(context.Background(), pieces, func(w, i int) error {
		from, to := i*step, min((i+1)*step, n)
		if bufs[w] == nil {
			bufs[w] = make([]byte, min(chunkBytes, n*size))
		}
		buf := bufs[w][:(to-from)*size]
		bad, err := piece(buf, from, to)
		sums[i], bads[i] = checksum.Append(0, buf), bad
		return err
	})
	bad = -1
	var join checksum.Joiner
	for i, b := range bads {
		if b >= 0 && bad < 0 {
			bad = i*step + b
		}
		sum = join.Join(sum, sums[i], int64(min(step, n-i*step)*size))
	}
	return sum, bad, err
}

// readAt fills b from offset off, with io.ErrUnexpectedEOF for a file that has
// become shorter than it was said to be, or a reader that gives less and no reason.
func readAt(r io.ReaderAt, b []byte, off int64) error {
	n, err := r.ReadAt(b, off)
	if n == len(b) {
		return nil
	}
	if err == io.EOF || err == nil {
		return io.ErrUnexpectedEOF
	}
	return err
}
