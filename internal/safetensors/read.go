package safetensors

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"

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
