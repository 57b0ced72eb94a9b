package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"github.com/sparse-manifold/smt/export"
	"github.com/sparse-manifold/smt/internal/output"
	"github.com/sparse-manifold/smt/internal/plural"
	"github.com/sparse-manifold/smt/internal/regular"
)

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
		why = fmt.Sprintf("it has no %s", plural.Of(n.Rows, "row"))
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
	is, err := output.Begins(f, 0, as)
	if err == nil && !is {
		err = fmt.Errorf("%s is no %s, and its name is needed: remove it", name, what)
	}
	return err
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
