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

	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/export"
	"github.com/sparse-manifold/smt/internal/output"
	"github.com/sparse-manifold/smt/internal/pace"
	"github.com/sparse-manifold/smt/internal/regular"
)

// work is what the embeddings of images depend on, beside the pixels.
type work struct {
	Software   string        `json:"software"`
	Kernels    string        `json:"kernels"` // float32 sums of another tier have other last bits
	Models     string        `json:"models"`  // SHA-256 of what Save writes
	Components string        `json:"whitening,omitempty"`
	Shape      dataset.Shape `json:"shape"`   // of the images
	Images     []int         `json:"images"`  // of each split
	Columns    int           `json:"columns"` // of the array
}

// differs says in what two works are not the same, "" for nothing.
func (w work) differs(o work) string {
	switch {
	case w.Software != o.Software:
		return fmt.Sprintf("it was begun by smt %s", o.Software)
	case w.Kernels != o.Kernels:
		return fmt.Sprintf("it was begun with other kernels, %s", o.Kernels)
	case w.Models != o.Models:
		return "it was begun with another model"
	case w.Components != o.Components:
		return "it was begun with other components"
	case w.Shape != o.Shape || fmt.Sprint(w.Images) != fmt.Sprint(o.Images):
		return fmt.Sprintf("it was begun with other images, %v of %v", o.Images, o.Shape)
	case w.Columns != o.Columns:
		return fmt.Sprintf("it was begun with %d columns", o.Columns)
	}
	return ""
}

// note says how much of a file of rows is done, and by what. It lies beside the file.
type note struct {
	Format  string `json:"format"`
	Version int    `json:"version"`
	Work    work   `json:"work"`
	Rows    int    `json:"rows"`
	CRC     uint32 `json:"crc32c"`        // of the file up to the end of these rows
	Pixels  string `json:"pixels_sha256"` // of the SHA-256 of each of their images, in order
}

const (
	noteFormat  = "smt-embedding-partial"
	noteVersion = 1
	noteSuffix  = ".smt-note" // after the name of the file of rows
	maxNote     = 1 << 16
)

// parseNote reads a note. What it says is compared with the file and the images: here
// only its form counts.
func parseNote(b []byte) (n note, err error) {
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&n); err != nil {
		return n, err
	}
	if _, err := d.Token(); err != io.EOF {
		return n, errors.New("want one JSON object")
	}
	if n.Format != noteFormat || n.Version != noteVersion {
		return n, fmt.Errorf("it is of format %q, version %d", n.Format, n.Version)
	}
	return n, nil
}

// keptRows is a file of rows that outlives the process until it is complete.
type keptRows struct {
	file   *output.Kept
	array  *export.NPY[float32]
	sum    hash.Hash32
	pixels *pixels

	now   note // up to the last mark
	saved int  // rows that the note on disk says are done
	pace  *pace.Pace
	full  bool // an append failed, and what the file has is not known
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// keepRows opens the rows that are kept of the array at path, of the same work and the
// same images, or begins it. why is why there are rows that it does not go on from.
func keepRows(ctx context.Context, path string, w work, p *pixels, report func(stage string, done, total int)) (k *keptRows, why string, err error) {
	file, err := output.Continue(path)
	if err != nil {
		return nil, "", err
	}
	k = &keptRows{file: file, sum: crc32.New(castagnoli), pixels: p, pace: pace.Begin()}
	k.now = note{Format: noteFormat, Version: noteVersion, Work: w}
	if why, err = k.resume(ctx, report); err != nil {
		return nil, "", errors.Join(err, file.Close())
	}
	return k, why, nil
}

func (k *keptRows) shape() []int { return []int{k.pixels.len(), k.now.Work.Columns} }

// resume makes k what the note says, if all that it says is true, or else empty.
func (k *keptRows) resume(ctx context.Context, report func(stage string, done, total int)) (why string, err error) {
	header, err := export.NPYHeader[float32](k.shape()...)
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
	case k.now.Work.differs(n.Work) != "":
		why = k.now.Work.differs(n.Work)
	case !k.pixels.whole(n.Rows) || end > info.Size():
		why = fmt.Sprintf("it has no %d rows", n.Rows)
	default:
		if why, err = k.verify(ctx, n, end, report); err != nil {
			return "", err
		}
		if why == "" {
			k.now, k.saved = n, n.Rows
			return "", k.goOn(end, n.Rows)
		}
	}
	k.sum.Reset()
	k.pixels.reset()
	return why, k.goOn(0, 0)
}

// own reports a file that no embed can have begun, another command's for instance.
func (k *keptRows) own() error {
	head := make([]byte, 6)
	n, err := k.file.ReadAt(head, 0)
	if err != nil && err != io.EOF {
		return err
	}
	if n > 0 && !bytes.HasPrefix([]byte("\x93NUMPY"), head[:n]) {
		return fmt.Errorf("%s is no array, and its name is needed: remove it", k.file.Name())
	}
	return nil
}

func readNote(path string) (note, error) {
	f, info, err := regular.Open(path)
	if err != nil {
		return note{}, err
	}
	defer f.Close()
	if info.Size() > maxNote {
		return note{}, fmt.Errorf("it has %d bytes", info.Size())
	}
	b, err := io.ReadAll(f)
	if err != nil {
		return note{}, err
	}
	return parseNote(b)
}

// verify compares what a note says with the file and the images.
func (k *keptRows) verify(ctx context.Context, n note, end int64, report func(stage string, done, total int)) (why string, err error) {
	if _, err := io.Copy(k.sum, io.NewSectionReader(k.file, 0, end)); err != nil {
		return "", err
	}
	if k.sum.Sum32() != n.CRC {
		return "its rows are damaged", nil
	}
	if err := k.pixels.read(ctx, n.Rows, report); err != nil {
		return "", err
	}
	if k.pixels.sum() != n.Pixels {
		return "its images have changed", nil
	}
	return "", nil
}

// goOn leaves so many bytes and rows in the file and appends to them.
func (k *keptRows) goOn(end int64, rows int) (err error) {
	if err := k.file.Truncate(end); err != nil {
		return err
	}
	if _, err := k.file.Seek(end, io.SeekStart); err != nil {
		return err
	}
	to := io.MultiWriter(k.file, k.sum)
	if end == 0 {
		k.array, err = export.NewNPY[float32](to, k.shape()...)
	} else {
		k.array, err = export.ContinueNPY[float32](to, int64(rows)*int64(k.now.Work.Columns), k.shape()...)
	}
	return err
}

func (k *keptRows) done() int { return k.now.Rows }

func (k *keptRows) append(row []float32) error {
	err := k.array.Append(row)
	k.full = k.full || err != nil
	return err
}

// mark says that the rows of so many images are appended: whole blocks, so that those
// that follow are computed in the same blocks as without an end in between.
func (k *keptRows) mark(rows int) error {
	if err := k.array.Flush(); err != nil {
		k.full = true
		return err
	}
	if err := k.pixels.until(rows); err != nil {
		return err
	}
	k.now.Rows, k.now.CRC, k.now.Pixels = rows, k.sum.Sum32(), k.pixels.sum()
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
	if err := k.array.Close(); err != nil {
		return err
	}
	if err := k.file.Commit(); err != nil {
		return err
	}
	return output.Remove(k.file.Name() + noteSuffix)
}

// abort is err, which ended the work, with what is kept of it.
func (k *keptRows) abort(err error) error {
	err = errors.Join(err, k.save())
	if k.saved > 0 {
		err = fmt.Errorf("%w; the same command goes on from the %s of %s rows in %s", err, count(k.saved), count(k.pixels.len()), k.file.Name())
		return errors.Join(err, k.file.Close())
	}
	return errors.Join(err, k.file.Discard(), output.Remove(k.file.Name()+noteSuffix))
}

// streamedRows are rows that go where nothing can be kept.
type streamedRows struct {
	file  output.File
	array *export.NPY[float32]
}

func streamRows(file output.File, shape ...int) (*streamedRows, error) {
	array, err := export.NewNPY[float32](file, shape...)
	if err != nil {
		return nil, errors.Join(err, file.Abort())
	}
	return &streamedRows{file, array}, nil
}

func (s *streamedRows) done() int                  { return 0 }
func (s *streamedRows) append(row []float32) error { return s.array.Append(row) }
func (s *streamedRows) mark(int) error             { return s.array.Flush() }
func (s *streamedRows) abort(err error) error      { return errors.Join(err, s.file.Abort()) }

func (s *streamedRows) commit() error {
	if err := s.array.Close(); err != nil {
		return err
	}
	return s.file.Commit()
}

// rowSink is where rows go.
type rowSink interface {
	done() int // rows that are there already
	append(row []float32) error
	mark(rows int) error
	commit() error
	abort(err error) error
}
