package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"hash/crc32"
	"math"

	"github.com/sparse-manifold/smt/export"
	"github.com/sparse-manifold/smt/internal/output"
	"github.com/sparse-manifold/smt/internal/pace"
	"github.com/sparse-manifold/smt/internal/plural"
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
		err = fmt.Errorf("a header of %s has no room for %s", plural.Of(len(placeholder), "byte"), plural.Of(k.now.Rows, "row"))
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
		rows := numberOf(k.saved, "row")
		if n := k.items.len(); n >= 0 {
			rows = count(k.saved) + " of " + numberOf(n, "row")
		}
		err = fmt.Errorf("%w; the same command goes on from the %s in %s", err, rows, k.file.Name())
		return errors.Join(err, k.file.Close())
	}
	return errors.Join(err, k.file.Discard(), output.Remove(k.file.Name()+noteSuffix))
}
