package dataset

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/sparse-manifold/smt/internal/plural"
	"github.com/sparse-manifold/smt/internal/regular"
)

const (
	cifarSide  = 32
	cifarPlane = cifarSide * cifarSide
	cifarLen   = 3 * cifarPlane
)

// A cifarKind is one of the two layouts: a record is one byte for each label,
// then the red, green and blue planes of a 32×32 image.
type cifarKind struct {
	format      string
	train, test []string
	names       []cifarNames // one for each label byte
}

// cifarNames is the file that names the classes of a label, one a line, and how many.
type cifarNames struct {
	file  string
	count int
}

var (
	cifar10 = cifarKind{
		format: "cifar10",
		train:  []string{"data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin", "data_batch_4.bin", "data_batch_5.bin"},
		test:   []string{"test_batch.bin"},
		names:  []cifarNames{{"batches.meta.txt", 10}},
	}
	cifar100 = cifarKind{
		format: "cifar100",
		train:  []string{"train.bin"},
		test:   []string{"test.bin"},
		names:  []cifarNames{{"coarse_label_names.txt", 20}, {"fine_label_names.txt", 100}},
	}
)

func (k cifarKind) recordLen() int64 { return int64(len(k.names) + cifarLen) }

// recognises a directory by one of the kind's data files, and a file by its
// name or else by a size that fits this kind alone.
func (k cifarKind) recognises(path string, info fs.FileInfo) bool {
	if info.IsDir() {
		return slices.ContainsFunc(slices.Concat(k.train, k.test), func(name string) bool {
			return fileAt(filepath.Join(path, name))
		})
	}
	if filepath.Ext(path) != ".bin" || !info.Mode().IsRegular() {
		return false
	}
	base := filepath.Base(path)
	for _, kind := range []cifarKind{cifar10, cifar100} {
		if slices.Contains(kind.train, base) || slices.Contains(kind.test, base) {
			return kind.format == k.format
		}
	}
	fits := func(kind cifarKind) bool { return info.Size() > 0 && info.Size()%kind.recordLen() == 0 }
	return fits(k) && fits(cifar10) != fits(cifar100)
}

func (k cifarKind) open(_ context.Context, path string, info fs.FileInfo, _ Options) (*Set, error) {
	dir, train := path, k.train
	if !info.IsDir() {
		dir, train = filepath.Dir(path), []string{filepath.Base(path)}
	}
	classes, err := k.classes(dir)
	if err != nil {
		return nil, err
	}
	set := &Set{Format: k.format, Path: path}
	if set.Train, err = k.openFiles(dir, train, classes); err != nil {
		return nil, err
	}
	if info.IsDir() {
		if set.Test, err = k.openFiles(dir, k.test, classes); err != nil {
			return nil, errors.Join(err, set.Close())
		}
	}
	return set, nil
}

// classes reads the names of each label; a file that is missing leaves numbers.
func (k cifarKind) classes(dir string) ([][]string, error) {
	var all [][]string
	for _, want := range k.names {
		path := filepath.Join(dir, want.file)
		f, info, err := regular.Open(path)
		if errors.Is(err, fs.ErrNotExist) {
			all = append(all, numbered(want.count))
			continue
		}
		if err != nil {
			return nil, fileError(path, err)
		}
		const most = 1 << 16 // bytes of names
		text, err := io.ReadAll(io.LimitReader(f, most))
		if err := errors.Join(err, f.Close()); err != nil {
			return nil, fileError(path, err)
		}
		if info.Size() > most {
			return nil, fmt.Errorf("dataset: %s: %s, want class names of at most %d", path, plural.Of(info.Size(), "byte"), most)
		}
		names := strings.FieldsFunc(string(text), func(r rune) bool { return r == '\n' || r == '\r' })
		if len(names) != want.count {
			return nil, fmt.Errorf("dataset: %s: %s, want %d", path, plural.Of(len(names), "class name"), want.count)
		}
		all = append(all, names)
	}
	return all, nil
}

// openFiles is the source of these files of dir, one after the other.
func (k cifarKind) openFiles(dir string, files []string, classes [][]string) (Source, error) {
	s := &cifar{classes: classes, labels: make([][]uint8, len(k.names))}
	err := func() error {
		for _, name := range files {
			path := filepath.Join(dir, name)
			f, info, err := regular.Open(path)
			if err != nil {
				return fileError(path, err)
			}
			s.closers = append(s.closers, f)
			if err := s.add(path, f, info.Size()); err != nil {
				return err
			}
		}
		return nil
	}()
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// cifar reads pixels from its files at each access. ReadAt is safe for
// concurrent use and costs a microsecond against the system's page cache, which
// keeps what is used often; a memory map would save that, and would kill the
// process were a file cut short under it. Labels are read once, since Label
// cannot fail.
type cifar struct {
	batches []cifarBatch
	labels  [][]uint8  // [label byte][image]
	classes [][]string // [label byte][class]
	closers []io.Closer
}

type cifarBatch struct {
	path string
	r    io.ReaderAt
	end  int // images up to and including this batch
}

// add reads the labels of size bytes of records and appends them as a batch.
func (s *cifar) add(path string, r io.ReaderAt, size int64) error {
	header := len(s.classes)
	record := int64(header + cifarLen)
	if size == 0 || size%record != 0 {
		return fmt.Errorf("dataset: %s: size %s, want a multiple of %d, the length of a record", path, plural.Of(size, "byte"), record)
	}
	br := bufio.NewReaderSize(io.NewSectionReader(r, 0, size), 1<<16)
	for i := range size / record {
		for k := range header {
			label, err := br.ReadByte()
			if err != nil {
				return fileError(path, noEOF(err))
			}
			if int(label) >= len(s.classes[k]) {
				return fmt.Errorf("dataset: %s: record %d: label %d, want less than %d", path, i, label, len(s.classes[k]))
			}
			s.labels[k] = append(s.labels[k], label)
		}
		if _, err := br.Discard(cifarLen); err != nil {
			return fileError(path, noEOF(err))
		}
	}
	s.batches = append(s.batches, cifarBatch{path, r, len(s.labels[0])})
	return nil
}

func (s *cifar) Len() int          { return len(s.labels[0]) }
func (s *cifar) Shape() Shape      { return Shape{cifarSide, cifarSide, 3} }
func (s *cifar) Label(i int) int   { return int(s.labels[len(s.labels)-1][i]) }
func (s *cifar) Classes() []string { return s.classes[len(s.classes)-1] }

func (s *cifar) ID(i int) string {
	b, record := s.record(i)
	return numberedID(filepath.Base(b.path), record)
}

// record is the batch that image i is in, and its number there.
func (s *cifar) record(i int) (b cifarBatch, record int) {
	start := 0
	for _, b = range s.batches {
		if i < b.end {
			break
		}
		start = b.end
	}
	return b, i - start
}

func (s *cifar) Image(i int, pix []uint8) error {
	pix = target(pix, s.Shape(), i, s.Len())
	b, record := s.record(i)
	header := len(s.labels)
	at := int64(record)*int64(header+cifarLen) + int64(header)
	if n, err := b.r.ReadAt(pix, at); n < cifarLen {
		return fmt.Errorf("dataset: %s: record %d: %w", b.path, record, noEOF(cause(err)))
	}
	planes := [cifarLen]uint8(pix)
	for p := range cifarPlane {
		pix[3*p], pix[3*p+1], pix[3*p+2] = planes[p], planes[cifarPlane+p], planes[2*cifarPlane+p]
	}
	return nil
}

func (s *cifar) Close() error {
	var errs []error
	for _, c := range s.closers {
		errs = append(errs, c.Close())
	}
	return errors.Join(errs...)
}

// Coarse is src with the 20 coarse classes of CIFAR-100 for labels instead of
// the 100 fine ones. It is nil for any other source than cifar100 and its parts.
func Coarse(src Source) Source {
	switch s := src.(type) {
	case *cifar:
		if len(s.labels) == 2 {
			return &cifar{batches: s.batches, labels: [][]uint8{s.labels[1], s.labels[0]},
				classes: [][]string{s.classes[1], s.classes[0]}, closers: s.closers}
		}
	case *subset:
		if inner := Coarse(s.Source); inner != nil {
			return &subset{inner, s.index}
		}
	}
	return nil
}

// fileAt reports that there is a file at path, of whatever kind: whoever opens it says
// what is wrong with one that is not regular.
func fileAt(path string) bool {
	info, err := os.Stat(path)
	return err == nil && !info.IsDir()
}
