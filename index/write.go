package index

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"

	"github.com/sparse-manifold/smt/internal/checksum"
	"github.com/sparse-manifold/smt/internal/half"
	"github.com/sparse-manifold/smt/internal/pace"
	"github.com/sparse-manifold/smt/internal/parallel"
	"github.com/sparse-manifold/smt/internal/plural"
	"github.com/sparse-manifold/smt/knn"
)

// Items are the ids of images that are to be in an index, as a dataset.Source has them.
type Items interface {
	Len() int
	ID(i int) string
}

// file is what an index is written to.
type file interface {
	io.ReaderAt
	io.WriterAt
	Sync() error
	Truncate(size int64) error
	Stat() (fs.FileInfo, error)
}

// A Writer puts images into an index, block by block. What it has written is kept when the program ends, however it
// ends, and the next Writer of the same images goes on; the images are in the index once Commit says so.
type Writer struct {
	path  string
	f     file
	at    root
	end   int64 // behind all that is written
	d     *directory
	scan  knn.Rounded
	class map[string]int32
	kept  *Index // with the blocks that were pending, nil for none

	of      Items
	first   int // item that the first of them is
	done    int // of them that are written
	saved   int // of them that the directory on the disk has
	unsaved int64
	pace    *pace.Pace
	wrong   error // a write that failed: what the file has is not known

	place func() error // gives the complete file its name, and closes it
	close func() error
}

// Done is how many of the images are written.
func (w *Writer) Done() int { return w.done }

// Digest is that of an image which an earlier Writer wrote, of the Done ones.
func (w *Writer) Digest(i int) (uint64, error) {
	if w.kept == nil {
		return 0, fmt.Errorf("index: %s: image %d was not written before", w.path, i)
	}
	r, _, _, err := w.kept.record(w.first + i)
	return r.digest, err
}

// Write appends the embeddings of the next images, unit vectors one after the other, at most knn.MostRounded.
func (w *Writer) Write(rows []float32, all []NewItem) error {
	if err := w.write(rows, all); err != nil {
		return fmt.Errorf("index: %s: %w", w.path, err)
	}
	return nil
}

func (w *Writer) write(rows []float32, all []NewItem) error {
	n, dim := len(all), w.d.Dim
	if n < 1 || n > knn.MostRounded || n > w.of.Len()-w.done || len(rows) != n*dim {
		return fmt.Errorf("%s of %s: want 1 to %d, of %d each", plural.Of(n, "item"), plural.Of(len(rows), "value"), min(knn.MostRounded, w.of.Len()-w.done), dim)
	}
	classes := make([]int32, n)
	for i, item := range all {
		if want := w.of.ID(w.done + i); item.ID != want {
			return fmt.Errorf("image %d has the id %q: want %q", w.done+i, item.ID, want)
		}
		if err := checkItem(item); err != nil {
			return fmt.Errorf("%s: %w", item.ID, err)
		}
		classes[i] = w.classOf(item.Label)
	}
	var b [parts][]byte
	b[items], b[pictures] = encodeItems(all, classes)
	b[halves] = make([]byte, len(rows)*half.Size)
	stored := make([]float32, len(rows)) // the halves: codes are of what is in the file
	size := dim * half.Size
	parallel.For(n, func(_, i int) {
		row := b[halves][i*size : (i+1)*size]
		half.Encode(row, rows[i*dim:(i+1)*dim])
		half.Decode(stored[i*dim:(i+1)*dim], row)
	})
	e := entry{at: aligned(w.end), first: w.first + w.done, rows: n}
	if err := checkHalves(b[halves], e, dim); err != nil {
		return err
	}
	b[codes] = make([]byte, w.scan.Bytes(n))
	w.scan.Round(b[codes], stored, e.first)
	b[coarse] = make([]byte, w.scan.CoarseBytes(n))
	w.scan.RoundCoarse(b[coarse], stored, e.first)
	for p := range parts {
		e.bytes[p], e.sums[p] = len(b[p]), checksum.Append(0, b[p])
	}
	for p := range parts {
		if err := w.writeAt(b[p], e.place(p)); err != nil {
			return err
		}
	}
	w.d.entries, w.d.Pending = e.encode(w.d.entries), w.d.Pending+1
	w.end, w.done = e.end(), w.done+n
	if w.unsaved += e.end() - e.at; !w.pace.Worth(w.unsaved) {
		return nil
	}
	return w.save()
}

// classOf is the number of a class, which may be new.
func (w *Writer) classOf(label string) int32 {
	if label == "" {
		return -1
	}
	c, known := w.class[label]
	if !known {
		c = int32(len(w.d.Classes))
		w.d.Classes = append(w.d.Classes, label)
		w.class[label] = c
	}
	return c
}

// writeAt writes where nothing is that a root leads to.
func (w *Writer) writeAt(b []byte, at int64) error {
	if w.wrong != nil {
		return w.wrong
	}
	_, err := w.f.WriteAt(b, at)
	w.wrong = err
	return err
}

// save has a root lead to all that is written: what lies behind it is on the disk before.
func (w *Writer) save() error {
	return w.pace.Write(func() error {
		b, err := w.d.encode()
		if err != nil {
			return err
		}
		next := root{number: w.at.number + 1, at: aligned(w.end), bytes: int64(len(b)), crc: checksum.Append(0, b)}
		next.end = next.at + next.bytes
		if err := w.writeAt(b, next.at); err != nil {
			return err
		}
		if err := w.sync(); err != nil {
			return err
		}
		if err := w.writeAt(next.encode(), next.offset()); err != nil {
			return err
		}
		if err := w.sync(); err != nil {
			return err
		}
		w.at, w.end, w.saved, w.unsaved = next, next.end, w.done, 0
		return nil
	})
}

func (w *Writer) sync() error {
	if w.wrong == nil {
		w.wrong = w.f.Sync()
	}
	return w.wrong
}

// Commit makes the images items of the index: all of them have to be written. It closes the file.
func (w *Writer) Commit() error {
	err := w.commit()
	if err != nil {
		err = fmt.Errorf("index: %s: %w", w.path, errors.Join(err, w.close()))
	}
	return err
}

func (w *Writer) commit() error {
	if w.done != w.of.Len() {
		return fmt.Errorf("%d of %s are written: want all", w.done, plural.Of(w.of.Len(), "image"))
	}
	w.d.Blocks, w.d.Pending = w.d.all(), 0
	if err := w.save(); err != nil {
		return err
	}
	return w.place()
}

// Close ends the work before it is complete. kept is how many of the images the next Writer of them goes on from.
func (w *Writer) Close() (kept int, err error) {
	if w.wrong == nil && w.done > w.saved {
		err = w.save()
	}
	if err = errors.Join(err, w.close()); err != nil {
		err = fmt.Errorf("index: %s: %w", w.path, err)
	}
	return w.saved, err
}

// same reports whether two lists of models embed alike.
func same(a, b []member) bool {
	return slices.EqualFunc(a, b, func(a, b member) bool { return a.Digest == b.Digest && a.Gray == b.Gray && a.Weight == b.Weight })
}
