package pixelfile

import (
	"errors"
	"fmt"
	"time"

	"github.com/sparse-manifold/smt/internal/checksum"
	"github.com/sparse-manifold/smt/internal/output"
	"github.com/sparse-manifold/smt/internal/plural"
)

// A Writer writes a file of pixels, under the name of its path and output.Partial until it is complete.
type Writer struct {
	*File // what is written; its Items are those that were there
	kept  *output.Kept
}

// Continue opens what is there of the file at path, to be added to, of images with this Head: nothing, at first. What is there of
// images with another, or is not as it was written, is taken away. A file that is not ours is ErrNotOurs, the one at path
// too.
func Continue(path string, head Head) (*Writer, error) {
	if old, err := Open(path); err == nil {
		old.Close()
	} else if errors.Is(err, ErrNotOurs) {
		return nil, err
	}
	kept, err := output.Continue(path)
	if err != nil {
		return nil, err
	}
	w := &Writer{kept: kept}
	if err := w.begin(head); err != nil {
		return nil, errors.Join(err, kept.Close())
	}
	w.f = kept.File
	return w, nil
}

// begin reads what is there, or begins it.
func (w *Writer) begin(head Head) error {
	info, err := w.kept.Stat()
	if err != nil {
		return err
	}
	if info.Size() > 0 {
		w.File, err = read(w.kept, info.Size())
		if errors.Is(err, ErrNotOurs) && info.Size() >= int64(len(magic)) {
			return fmt.Errorf("%s: %w", w.kept.Name(), err)
		}
		if err == nil && w.Head == head.as(w.Head.Begun) {
			w.drop()
			return w.kept.Truncate(w.end)
		}
	}
	if err := w.kept.Truncate(0); err != nil {
		return err
	}
	if info, err = w.kept.Stat(); err != nil {
		return err
	}
	// Of the two clocks the one that is behind: more files are then too young.
	w.File = &File{Head: head.as(min(info.ModTime().UnixNano(), time.Now().UnixNano()))}
	b, err := appendSection([]byte(magic), w.Head)
	if err != nil {
		return err
	}
	return w.write(b)
}

// drop forgets the first image whose pixels are not what was written, and all after it: a machine that stops writes some
// of what was last written to a file.
func (w *Writer) drop() {
	pix := make([]uint8, w.Head.Len())
	for k, i := range w.Items {
		if i.Bad == "" && i.read(w.kept, pix) != nil {
			w.Items = w.Items[:k]
			return
		}
	}
}

// Append writes entries, and the pixels of those that are not bad, one after the other. It sets the sums of the entries.
func (w *Writer) Append(entries []Entry, pix []uint8) error {
	left := pix
	for k := range entries {
		if e := &entries[k]; e.Bad == "" {
			if len(left) < w.Head.Len() {
				return fmt.Errorf("pixelfile: %s are too few for %s", plural.Of(len(pix), "byte"), plural.Of(len(entries), "entry"))
			}
			e.Sum, left = checksum.Append(0, left[:w.Head.Len()]), left[w.Head.Len():]
		}
	}
	b, err := appendSection(nil, entries)
	if err != nil {
		return err
	}
	if err := w.write(b); err != nil {
		return err
	}
	return w.write(pix[:len(pix)-len(left)])
}

func (w *Writer) write(b []byte) error {
	_, err := w.kept.WriteAt(b, w.end)
	if err != nil {
		return fmt.Errorf("%s: %w", w.kept.Name(), cause(err))
	}
	w.end += int64(len(b))
	return nil
}

// Commit puts the complete file at its path.
func (w *Writer) Commit() error { return w.kept.Commit() }

// Close leaves what is written to be gone on with.
func (w *Writer) Close() error { return w.kept.Close() }

// Discard takes away what is written.
func (w *Writer) Discard() error { return w.kept.Discard() }
