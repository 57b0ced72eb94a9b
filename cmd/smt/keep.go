package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"hash/crc32"
	"io"
	"io/fs"
	"math"
	"strings"

	"github.com/sparse-manifold/smt/export"
	"github.com/sparse-manifold/smt/internal/output"
	"github.com/sparse-manifold/smt/internal/pace"
	"github.com/sparse-manifold/smt/internal/regular"
)

// keptRows is a file of rows that outlives the process until it is complete.
type keptRows struct {
	file  *output.Kept
	array *export.NPY[float32]
	sum   hash.Hash32
	items items

	now   note // up to the last mark
	saved int  // rows that the note on disk says are done
	pace  *pace.Pace
	full  bool // an append failed, and what the file has is not known
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// keepRows opens the rows that are kept of the array at path, of the same work and the
// same items, or begins it. why is why there are rows that it does not go on from.
func keepRows(ctx context.Context, path string, w work, of items, report func(stage string, done, total int)) (k *keptRows, why string, err error) {
	file, err := output.Continue(path)
	if err != nil {
		return nil, "", err
	}
	k = &keptRows{file: file, sum: crc32.New(castagnoli), items: of, pace: pace.Begin()}
	k.now = note{Format: noteFormat, Version: noteVersion, Work: w}
	if why, err = k.resume(ctx, report); err != nil {
		return nil, "", errors.Join(err, file.Close())
	}
	return k, why, nil
}

// header is what the array begins with and, if how many rows there will be is not known, as
// of none: commit writes it as it is to be, which is as long.
func (k *keptRows) header() ([]byte, error) {
	return export.NPYHeader[float32](max(0, k.items.len()), k.now.Work.Columns)
}

// shape bounds the array.
func (k *keptRows) shape() []int {
	rows := k.items.len()
	if rows < 0 {
		rows = math.MaxInt32
	}
	return []int{rows, k.now.Work.Columns}
}

// resume makes k what the note says, if all that it says is true, or else empty.
func (k *keptRows) resume(ctx context.Context, report func(stage string, done, total int)) (why string, err error) {
	header, err := k.header()
	if err != nil {
		return "", err
	}
	info, err := k.file.Stat()
	if err != nil {
		return "", err
	}
	if err := k.own(); err != nil {
		return "", err
	}
	n, err := readNote(k.file.Name() + noteSuffix)
	end := int64(len(header)) + int64(n.Rows)*int64(k.now.Work.Columns)*4
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if info.Size() > 0 {
			why = "nothing beside it says what it is"
		}
	case err != nil:
		why = fmt.Sprintf("what is beside it is damaged: %v", err)
	case k.now.Work.differs(n.Work, k.items.noun()) != "":
		why = k.now.Work.differs(n.Work, k.items.noun())
	case !k.items.whole(n.Rows) || end > info.Size():
		why = fmt.Sprintf("it has no %d rows", n.Rows)
	default:
		if why, err = k.verify(ctx, n, header, end, report); err != nil {
			return "", err
		}
		if why == "" {
			k.now, k.saved = n, n.Rows
			return "", k.goOn(end, n.Rows)
		}
	}
	k.items.reset()
	return why, k.begin(header)
}

// own reports a file, or one in the place of the note, that no embed can have begun, another command's for
// instance.
func (k *keptRows) own() error {
	if err := begins(k.file, k.file.Name(), "\x93NUMPY", "array"); err != nil {
		return err
	}
	f, _, err := regular.Open(k.file.Name() + noteSuffix)
	if err != nil {
		return nil // resume says what is wrong with it
	}
	defer f.Close()
	return begins(f, f.Name(), "{", "note of rows")
}

// begins reports a file that does not begin as such a thing does, as far as it goes.
func begins(f io.ReaderAt, name, as, what string) error {
	head := make([]byte, len(as))
	n, err := f.ReadAt(head, 0)
	if err != nil && err != io.EOF {
		return err
	}
	if !strings.HasPrefix(as, string(head[:n])) {
		return fmt.Errorf("%s is no %s, and its name is needed: remove it", name, what)
	}
	return nil
}

// verify compares what a note says with the file and the items.
func (k *keptRows) verify(ctx context.Context, n note, header []byte, end int64, report func(stage string, done, total int)) (why string, err error) {
	head := make([]byte, len(header))
	if _, err := k.file.ReadAt(head, 0); err != nil {
		return "", err
	}
	if known := k.items.len() >= 0; known && !bytes.Equal(head, header) {
		return "its rows are damaged", nil
	}
	k.sum.Reset()
	_, _ = k.sum.Write(header)
	if _, err := io.Copy(k.sum, io.NewSectionReader(k.file, int64(len(header)), end-int64(len(header)))); err != nil {
		return "", err
	}
	if k.sum.Sum32() != n.CRC {
		return "its rows are damaged", nil
	}
	if err := k.items.read(ctx, n.Rows, report); err != nil {
		return "", err
	}
	if k.items.sum() != n.Items {
		return fmt.Sprintf("its %s have changed", k.items.noun()), nil
	}
	return "", nil
}

// begin empties the file and writes its header.
func (k *keptRows) begin(header []byte) error {
	k.sum.Reset()
	if err := k.goOn(0, 0); err != nil {
		return err
	}
	_, err := io.MultiWriter(k.file, k.sum).Write(header)
	return err
}

// goOn leaves so many bytes and rows in the file and appends to them.
func (k *keptRows) goOn(end int64, rows int) (err error) {
	if err := k.file.Truncate(end); err != nil {
		return err
	}
	if _, err := k.file.Seek(end, io.SeekStart); err != nil {
		return err
	}
	k.array, err = export.ContinueNPY[float32](io.MultiWriter(k.file, k.sum), int64(rows)*int64(k.now.Work.Columns), k.shape()...)
	return err
}

func (k *keptRows) done() int { return k.now.Rows }

func (k *keptRows) append(rows []float32) error {
	err := k.array.Append(rows)
	k.full = k.full || err != nil
	return err
}

// mark says that the rows of so many items are appended: whole blocks, so that those
// that follow are computed in the same blocks as without an end in between.
func (k *keptRows) mark(rows int) error {
	if err := k.array.Flush(); err != nil {
		k.full = true
		return err
	}
	if err := k.items.until(rows); err != nil {
		return err
	}
	k.now.Rows, k.now.CRC = rows, k.sum.Sum32()
	if !k.pace.Worth(int64(rows-k.saved) * int64(k.now.Work.Columns) * 4) {
		return nil
	}
	return k.save()
}

// save writes the note, once the rows are on the disk.
func (k *keptRows) save() error {
	if k.full || k.now.Rows == k.saved {
		return nil
	}
	err := k.pace.Write(func() error {
		k.now.Items = k.items.sum()
		b, err := json.Marshal(k.now)
		if err != nil {
			return err
		}
		if err := k.file.Sync(); err != nil {
			return err
		}
		return output.WriteFile(k.file.Name()+noteSuffix, b)
	})
	if err == nil {
		k.saved = k.now.Rows
	}
	return err
}

func (k *keptRows) commit() error {
	if err := k.finish(); err != nil {
		return err
	}
	if err := k.file.Commit(); err != nil {
		return err
	}
	return output.Remove(k.file.Name() + noteSuffix)
}

// finish makes the file an array of the rows that it has, if how many there would be was not known.
func (k *keptRows) finish() error {
	if k.items.len() >= 0 {
		return k.array.Close()
	}
	placeholder, err := k.header()
	if err != nil {
		return err
	}
	header, err := export.NPYHeader[float32](k.now.Rows, k.now.Work.Columns)
	if err == nil && len(header) != len(placeholder) {
		err = fmt.Errorf("a header of %d bytes has no room for %d rows", len(placeholder), k.now.Rows)
	}
	if err == nil {
		err = k.array.Flush()
	}
	if err == nil {
		_, err = k.file.WriteAt(header, 0)
	}
	return err
}

// abort is err, which ended the work, with what is kept of it.
func (k *keptRows) abort(err error) error {
	err = errors.Join(err, k.save())
	if k.saved > 0 {
		of := ""
		if n := k.items.len(); n >= 0 {
			of = " of " + count(n)
		}
		err = fmt.Errorf("%w; the same command goes on from the %s%s rows in %s", err, count(k.saved), of, k.file.Name())
		return errors.Join(err, k.file.Close())
	}
	return errors.Join(err, k.file.Discard(), output.Remove(k.file.Name()+noteSuffix))
}
