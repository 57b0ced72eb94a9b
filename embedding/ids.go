package embedding

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"strconv"

	"github.com/sparse-manifold/smt/internal/checksum"
	"github.com/sparse-manifold/smt/internal/plural"
)

// The ids of a file come after its rows, so that neither their number nor their length
// moves a row: where the id of each row ends in the text, in idEnd bytes little-endian, and
// the text, which is the ids one after the other. They are written last. What is known of
// them from the beginning is their size and their checksum, so that rows are gone on with for the
// same ids alone. One id is found by reading its two ends, so that a file of any number of
// rows is read without holding its ids.
const (
	idEnd = 8
	// maxID bounds the bytes of an id, and so what reading one takes. Paths have 4,096
	// at the most on Linux, and 32,767 characters on Windows.
	maxID = 1<<16 - 1
)

// tally sums up what is written to it.
type tally struct {
	bytes int64
	sum   uint32
}

func (t *tally) Write(b []byte) (int, error) {
	t.bytes += int64(len(b))
	t.sum = checksum.Append(t.sum, b)
	return len(b), nil
}

// writeIDs writes the ids of a set, and returns the size and the sum of what it wrote.
func writeIDs(w io.Writer, of Set) (t tally, err error) {
	buf := bufio.NewWriterSize(io.MultiWriter(w, &t), 1<<16)
	var end uint64
	for _, write := range []func(id string) error{
		func(id string) error {
			end += uint64(len(id))
			_, err := buf.Write(binary.LittleEndian.AppendUint64(buf.AvailableBuffer(), end))
			return err
		},
		func(id string) error {
			_, err := buf.WriteString(id)
			return err
		},
	} {
		for i := range of.Len() {
			id, err := of.ID(i)
			if err != nil {
				return t, err
			}
			if len(id) > maxID {
				return t, fmt.Errorf("row %d: its id has %s: want at most %d", i, plural.Of(len(id), "byte"), maxID)
			}
			if err := write(id); err != nil {
				return t, err
			}
		}
	}
	return t, buf.Flush()
}

// checkIDs reads the ids of a file: they must have the checksum that the header has, and
// each an end that is not before the one before it.
func checkIDs(f io.ReaderAt, h header) error {
	const piece = 256 << 10 // bytes, a multiple of idEnd
	var t tally
	var last uint64
	buf := make([]byte, min(piece, h.IDsBytes))
	// read calls each with one piece after the other of n bytes of the section.
	read := func(at, n int64, each func(b []byte) error) error {
		for ; n > 0; n -= int64(len(buf)) {
			b := buf[:min(n, int64(len(buf)))]
			if err := readAt(f, b, h.offset(h.Rows)+at); err != nil {
				return fmt.Errorf("ids: %w", err)
			}
			_, _ = t.Write(b) // cannot fail
			if err := each(b); err != nil {
				return err
			}
			at += int64(len(b))
		}
		return nil
	}
	var wrong error // said after the sum, which says that the file has changed
	row := 0
	ends := int64(h.Rows) * idEnd
	err := read(0, ends, func(b []byte) error {
		for ; len(b) > 0; b = b[idEnd:] {
			end := binary.LittleEndian.Uint64(b)
			if wrong == nil && (end < last || end-last > maxID) {
				wrong = fmt.Errorf("row %d: its id begins at byte %d of the ids and ends at %d: want 0 to %d bytes", row, last, end, maxID)
			}
			last = end
			row++
		}
		return nil
	})
	if err == nil {
		err = read(ends, h.IDsBytes-ends, func([]byte) error { return nil })
	}
	switch {
	case err != nil:
		return err
	case checksum.Text(t.sum) != h.IDsSum:
		return fmt.Errorf("the ids have changed: their checksum is %s, %s was written", checksum.Text(t.sum), h.IDsSum)
	case wrong == nil && last != uint64(h.IDsBytes-ends):
		wrong = fmt.Errorf("the ids end at byte %d, their text has %d", last, h.IDsBytes-ends)
	}
	return wrong
}

// ID is the name of what row i is an embedding of. Files of before there were ids have
// the numbers of their rows.
func (f *File) ID(i int) (string, error) {
	if i < 0 || i >= f.Len() {
		panic(fmt.Sprintf("embedding: row %d of %d", i, f.Len()))
	}
	row := f.row(i)
	if !f.h.named() {
		return strconv.Itoa(row), nil
	}
	id, err := f.id(row)
	if err != nil {
		return "", fmt.Errorf("embedding: %s: row %d: id: %w", f.name, row, err)
	}
	return string(id), nil
}

func (f *File) id(row int) ([]byte, error) {
	base := f.h.offset(f.h.Rows)
	var ends [2 * idEnd]byte // the first row begins at 0
	if row == 0 {
		if err := readAt(f.r, ends[idEnd:], base); err != nil {
			return nil, err
		}
	} else if err := readAt(f.r, ends[:], base+int64(row-1)*idEnd); err != nil {
		return nil, err
	}
	from, to := binary.LittleEndian.Uint64(ends[:]), binary.LittleEndian.Uint64(ends[idEnd:])
	text := uint64(f.h.IDsBytes - int64(f.h.Rows)*idEnd)
	if to < from || to-from > maxID || to > text {
		return nil, fmt.Errorf("the file has changed: it is from byte %d to %d of %d", from, to, text)
	}
	id := make([]byte, to-from)
	return id, readAt(f.r, id, base+int64(f.h.Rows)*idEnd+int64(from))
}

// readAt fills b. A file that ends before is an error, and so is a reader that gives less
// and no reason.
func readAt(r io.ReaderAt, b []byte, at int64) error {
	n, err := r.ReadAt(b, at)
	switch {
	case n == len(b):
		return nil
	case err == nil || err == io.EOF:
		return io.ErrUnexpectedEOF
	}
	return err
}
