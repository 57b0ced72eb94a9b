package dataset

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"fmt"
	"io"

	"github.com/sparse-manifold/smt/internal/memory"
	"github.com/sparse-manifold/smt/internal/plural"
)

// A blob is the content of a file, to be named in errors. begin sets what is below.
type blob struct {
	name string
	r    io.Reader
	size int64
	data []byte // what r reads, where that is in memory

	dims  []int
	total int64 // values that are declared
	head  int64 // bytes before them
	gzip  bool
}

// begin reads the header of an IDX file of bytes, and compares the length of the file with
// it where that is known.
func (b *blob) begin() error {
	in := bufio.NewReader(b.r)
	b.r = in
	start, _ := in.Peek(2) // an error comes again
	if b.gzip = isGzip(start); b.gzip {
		z, err := gzip.NewReader(in)
		if err != nil {
			return err
		}
		b.r = z
	}
	var magic [4]byte
	if _, err := io.ReadFull(b.r, magic[:]); err != nil {
		return fmt.Errorf("header: %w", noEOF(err))
	}
	switch {
	case magic[0] != 0 || magic[1] != 0:
		return fmt.Errorf("magic % x, want 00 00 08 and the number of dimensions", magic)
	case magic[2] != 0x08:
		return fmt.Errorf("element type %#02x, want 0x08 (unsigned byte)", magic[2])
	case magic[3] == 0 || magic[3] > 4:
		return fmt.Errorf("%s, want 1 to 4", plural.Of(magic[3], "dimension"))
	}
	sizes := make([]uint32, magic[3])
	if err := binary.Read(b.r, binary.BigEndian, sizes); err != nil {
		return fmt.Errorf("header: %w", noEOF(err))
	}
	// The bounds keep the product from overflowing; no file in memory reaches them.
	b.total, b.head = 1, int64(4+4*len(sizes))
	for _, n := range sizes {
		if n > 1<<30 || b.total*int64(n) > 1<<32 {
			return fmt.Errorf("header declares %v values, want at most 2^32", sizes)
		}
		b.total *= int64(n)
		b.dims = append(b.dims, int(n))
	}
	if b.gzip {
		return nil
	}
	return b.compare(b.size-b.head, b.size-b.head > b.total)
}

// compare is an error if the file has another number of values than declared.
func (b *blob) compare(have int64, more bool) error {
	switch {
	case more:
		return fmt.Errorf("more values than the %d the header declares (%v)", b.total, b.dims)
	case have < b.total:
		return fmt.Errorf("%s, want %d as the header declares (%v)", plural.Of(have, "value"), b.total, b.dims)
	}
	return nil
}

// values reads the values after the header. It believes no size in that: what it allocates
// is bounded by what the file expands to.
func (b *blob) values() ([]byte, error) {
	if b.data != nil && !b.gzip {
		return b.data[b.head:], nil
	}
	most := b.size
	if b.gzip {
		most *= deflated
	}
	values, err := readValues(b.r, b.total, most, memory.Left)
	if err != nil && err != errSurplus {
		return nil, fmt.Errorf("values: %w", err)
	}
	return values, b.compare(int64(len(values)), err == errSurplus)
}

// readValues reads total bytes, or fewer if the file, which holds no more than most, ends:
// that there are more is errSurplus. They have one place from the beginning, unless a few
// are all: a copy, or places that grow, would take as much again. They are not begun if there is less memory left.
func readValues(r io.Reader, total, most int64, left func() memory.Room) ([]byte, error) {
	values := make([]byte, min(total, 1<<16))
	n, err := readAll(r, values)
	if err != nil {
		return nil, err
	}
	if rest := min(total, most); n == 1<<16 && rest > 1<<16 {
		if room := left(); room.Bytes > 0 && rest > room.Bytes {
			return nil, fmt.Errorf("%s, which are held in memory: %s leaves %d", plural.Of(rest, "byte"), room.By, max(0, room.Bytes))
		}
		begin := values
		values = make([]byte, rest)
		copy(values, begin)
		m, err := readAll(r, values[n:])
		if err != nil {
			return nil, err
		}
		n += m
	}
	// One byte more than wanted shows a surplus, and reaching the end checks the checksum.
	var more [1]byte
	if m, err := readAll(r, more[:]); err != nil || m > 0 {
		if err == nil {
			err = errSurplus
		}
		return nil, err
	}
	return values[:n], nil
}

// readAll is io.ReadFull for which a good end is no error.
func readAll(r io.Reader, b []byte) (n int, err error) {
	for n < len(b) && err == nil {
		var m int
		m, err = r.Read(b[n:])
		n += m
	}
	if err == io.EOF {
		err = nil
	}
	return n, err
}

func isGzip(data []byte) bool { return bytes.HasPrefix(data, []byte{0x1f, 0x8b}) }
