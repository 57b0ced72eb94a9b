package embedding

import (
	"errors"
	"fmt"
	"io"

	"github.com/sparse-manifold/smt/internal/checksum"
	"github.com/sparse-manifold/smt/internal/half"
	"github.com/sparse-manifold/smt/internal/output"
	"github.com/sparse-manifold/smt/internal/parallel"
	"github.com/sparse-manifold/smt/internal/plural"
)

// Partial is what is added to the name of a file that is being written.
const Partial = output.Partial

// A Writer writes a file of embeddings in half precision, block by block, under
// the name of the file and ".partial". What is written stays when the program
// ends, however it ends, and the next Writer of the same embeddings goes on.
type Writer struct {
	path string
	f    *output.Kept
	of   Set // for its ids
	h    header
	sum  uint32 // of the rows that are written
	raw  []byte
}

// Create returns a writer of the embeddings of a set to the file at path. What it takes
// from the set are its sizes and its ids; the rows are given to Write, in order. identity
// says what is embedded and by what; rows that are there already, of the same identity and
// ids, are kept. Others are an error.
func Create(path, identity string, of Set) (*Writer, error) {
	w := &Writer{path: path, of: of}
	var b []byte
	var err error
	if w.h, err = newHeader(identity, of); err == nil {
		b, err = w.h.bytes()
	}
	if err != nil {
		return nil, fmt.Errorf("embedding: %s: %w", path, err)
	}
	if w.f, err = output.Continue(path); err != nil {
		return nil, fmt.Errorf("embedding: %w", err)
	}
	return w, w.failed(w.resume(b))
}

// failed closes the file if it cannot be used.
func (w *Writer) failed(err error) error {
	if err == nil {
		return nil
	}
	w.f.Close()
	return fmt.Errorf("embedding: %s: %w", w.f.Name(), err)
}

func (w *Writer) start(header []byte) error {
	_, err := w.f.WriteAt(header, 0)
	return err
}

func (w *Writer) resume(fresh []byte) error {
	info, err := w.f.Stat()
	if err != nil {
		return err
	}
	if info.Size() < headerSize {
		// The program was ended before there was anything to go on from.
		return w.start(fresh)
	}
	h, err := readHeader(w.f, info.Size())
	if err != nil {
		return fmt.Errorf("%w; remove it to begin anew", err)
	}
	want := w.h
	want.Version, want.Done, want.RowsSum = h.Version, h.Done, h.RowsSum
	if !h.named() {
		want.IDsBytes, want.IDsSum = 0, ""
	}
	ids := want
	ids.IDsBytes, ids.IDsSum = h.IDsBytes, h.IDsSum
	if h == ids && h != want {
		return errors.New("has the embeddings of images with other ids than those that are to be written: remove it to begin anew")
	}
	if h != want {
		return fmt.Errorf("has other embeddings (%d × %d, %q) than are to be written (%d × %d, %q): remove it",
			h.Rows, h.Dim, h.Identity, want.Rows, want.Dim, want.Identity)
	}
	w.h = h
	if w.sum, err = checkRows(w.f, h); err != nil {
		return fmt.Errorf("%w; remove it to begin anew", err)
	}
	return nil
}

// Done is the number of rows that are written.
func (w *Writer) Done() int { return w.h.Done }

// Write appends rows, which are on the disk when it returns.
func (w *Writer) Write(block []float32) error {
	rows := len(block) / w.h.Dim
	if len(block) != rows*w.h.Dim || rows > w.h.Rows-w.h.Done {
		return fmt.Errorf("embedding: %s: %s: want whole rows of %d, at most %d", w.path, plural.Of(len(block), "value"), w.h.Dim, w.h.Rows-w.h.Done)
	}
	size := w.h.Dim * half.Size
	if cap(w.raw) < rows*size {
		w.raw = make([]byte, rows*size)
	}
	raw := w.raw[:rows*size]
	encode(raw, block, w.h.Dim)
	if err := w.write(raw, rows); err != nil {
		return fmt.Errorf("embedding: %w", err)
	}
	return nil
}

// encode writes rows of dim values into raw, in half precision.
func encode(raw []byte, block []float32, dim int) {
	size := dim * half.Size
	parallel.For(len(block)/dim, func(_, i int) { half.Encode(raw[i*size:(i+1)*size], block[i*dim:(i+1)*dim]) })
}

// write puts rows on the disk and only then says in the header that they are
// there. The header is on the disk with the next rows, at the latest: if it is
// lost, one block is written twice.
func (w *Writer) write(raw []byte, rows int) error {
	if _, err := w.f.WriteAt(raw, w.h.offset(w.h.Done)); err != nil {
		return err
	}
	if err := w.f.Sync(); err != nil {
		return err
	}
	h, sum := w.h, checksum.Append(w.sum, raw)
	h.Done += rows
	if h.summed() {
		h.RowsSum = checksum.Text(sum)
	}
	b, err := h.bytes()
	if err != nil {
		return err
	}
	if _, err := w.f.WriteAt(b, 0); err != nil {
		return err
	}
	w.h, w.sum = h, sum
	return nil
}

// Close closes the file. If all rows are written, their ids are too, and it gets its name.
func (w *Writer) Close() error {
	var err error
	if w.h.Done < w.h.Rows {
		err = w.f.Close()
	} else if err = w.finish(); err == nil {
		err = w.f.Commit()
	} else {
		err = errors.Join(err, w.f.Close())
	}
	if err != nil {
		return fmt.Errorf("embedding: %s: %w", w.path, err)
	}
	return nil
}

// finish writes what comes behind the rows: an end in between leaves all of them, and the
// ids are written again.
func (w *Writer) finish() error {
	if w.h.named() {
		ids, err := writeIDs(io.NewOffsetWriter(w.f, w.h.offset(w.h.Rows)), w.of)
		if err != nil {
			return err
		}
		if err := w.h.sameIDs(ids); err != nil {
			return err
		}
	}
	return w.f.Truncate(w.h.end()) // rows of a lost block may lie behind
}

// sameIDs reports ids that are not those of the header.
func (h header) sameIDs(ids tally) error {
	if ids.bytes != h.IDsBytes || checksum.Text(ids.sum) != h.IDsSum {
		return errors.New("the ids have changed since the file was begun")
	}
	return nil
}
