package embedding

import (
	"context"
	"fmt"
	"io"
	"iter"
	"os"
	"slices"

	"github.com/sparse-manifold/smt/internal/checksum"
	"github.com/sparse-manifold/smt/internal/half"
	"github.com/sparse-manifold/smt/internal/parallel"
	"github.com/sparse-manifold/smt/internal/regular"
)

// A File is the embeddings that a Writer wrote. It keeps the file open.
type File struct {
	path string
	f    *os.File
	h    header
	rows []int // of a view, nil for all
}

// Open opens a file of embeddings, which has to be whole. It goes through all rows, to see that
// none has changed: rows are read again and again, and one by one.
func Open(path string) (*File, error) {
	f, _, err := regular.Open(path)
	if err != nil {
		return nil, fmt.Errorf("embedding: %w", err)
	}
	h, err := checkFile(f)
	if err == nil && h.Done != h.Rows {
		err = fmt.Errorf("done is %d: want all %d rows", h.Done, h.Rows)
	}
	if err == nil {
		_, err = checkRows(f, h)
	}
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("embedding: %s: %w", path, err)
	}
	return &File{path: path, f: f, h: h}, nil
}

// checkFile reads a file's header and compares the size of the file with it.
func checkFile(f *os.File) (header, error) {
	info, err := f.Stat()
	if err != nil {
		return header{}, err
	}
	var b [headerSize]byte
	if _, err := f.ReadAt(b[:], 0); err == io.EOF {
		return header{}, fmt.Errorf("the file has %d bytes: want %d of header", info.Size(), headerSize)
	} else if err != nil {
		return header{}, err
	}
	h, err := parseHeader(b[:])
	if err != nil {
		return header{}, err
	}
	if want := h.offset(h.Done); info.Size() < want || h.Done == h.Rows && info.Size() != want {
		return header{}, fmt.Errorf("the file has %d bytes: want %d, of %d rows of %d values", info.Size(), want, h.Done, h.Dim)
	}
	return h, nil
}

// checkRows reads the rows that are done. They must have the checksum that the header
// has, if it has one, and be of values that a unit vector has. It returns their sum.
func checkRows(f io.ReaderAt, h header) (uint32, error) {
	const piece = 256 << 10 // bytes
	size := h.offset(h.Done) - headerSize
	n := int((size + piece - 1) / piece)
	sums, raw := make([]uint32, n), make([][]byte, parallel.Workers(n))
	bad := make([]int64, n) // the first value that is none, or -1
	err := parallel.ForErr(context.Background(), n, func(w, p int) error {
		if raw[w] == nil {
			raw[w] = make([]byte, min(piece, size))
		}
		at := int64(p) * piece
		b := raw[w][:min(piece, size-at)]
		if _, err := f.ReadAt(b, headerSize+at); err != nil {
			return err
		}
		sums[p], bad[p] = checksum.Append(0, b), -1
		if i := half.Beyond(b, 1); i >= 0 {
			bad[p] = at/half.Size + int64(i)
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	var sum uint32
	var join checksum.Joiner
	for p, s := range sums {
		sum = join.Join(sum, s, min(piece, size-int64(p)*piece))
	}
	if text := checksum.Text(sum); h.Version != unsummed && text != h.RowsSum {
		return 0, fmt.Errorf("the rows have changed: their checksum is %s, %s was written", text, h.RowsSum)
	}
	for _, i := range bad {
		if dim := int64(h.Dim); i >= 0 {
			return 0, fmt.Errorf("row %d: value %d is not within ±1", i/dim, i%dim)
		}
	}
	return sum, nil
}

// Identity is what the file's writer was given to tell its embeddings from others.
func (f *File) Identity() string { return f.h.Identity }

// Close closes the file, for its views too.
func (f *File) Close() error { return f.f.Close() }

func (f *File) Len() int {
	if f.rows != nil {
		return len(f.rows)
	}
	return f.h.Rows
}

func (f *File) Dim() int  { return f.h.Dim }
func (f *File) Even() int { return f.h.Even }

func (f *File) Pick(rows []int) Set {
	p := *f
	p.rows = make([]int, len(rows))
	for i, r := range rows {
		if r < 0 || r >= f.Len() {
			panic(fmt.Sprintf("embedding: row %d of %d", r, f.Len()))
		}
		p.rows[i] = f.row(r)
	}
	return &p
}

// row is the number in the file of row i.
func (f *File) row(i int) int {
	if f.rows != nil {
		return f.rows[i]
	}
	return i
}

func (f *File) Blocks(ctx context.Context, n int) iter.Seq2[[]float32, error] {
	return func(yield func([]float32, error) bool) {
		dim := f.h.Dim
		size := min(n, f.Len())
		block := make([]float32, size*dim)
		// A few rows at a time: enough for a disk, and for the workers to share.
		const piece = 16
		raw := make([][]byte, parallel.Workers((size+piece-1)/piece))
		for first := 0; first < f.Len(); first += n {
			rows := min(n, f.Len()-first)
			err := parallel.ForErr(ctx, (rows+piece-1)/piece, func(w, p int) error {
				at, end := p*piece, min(rows, (p+1)*piece)
				raw[w] = slices.Grow(raw[w][:0], piece*dim*half.Size)[:(end-at)*dim*half.Size]
				if err := f.read(raw[w], first+at, first+end); err != nil {
					return err
				}
				half.Decode(block[at*dim:end*dim], raw[w])
				return nil
			})
			if err != nil {
				yield(nil, err)
				return
			}
			if !yield(block[:rows*dim], nil) {
				return
			}
		}
	}
}

// read reads the rows [first, last).
func (f *File) read(raw []byte, first, last int) error {
	size := f.h.Dim * half.Size
	for first < last {
		n := 1 // rows that follow each other in the file
		for first+n < last && f.row(first+n) == f.row(first)+n {
			n++
		}
		if _, err := f.f.ReadAt(raw[:n*size], f.h.offset(f.row(first))); err != nil {
			return fmt.Errorf("embedding: %s: row %d: %w", f.path, f.row(first), err)
		}
		raw = raw[n*size:]
		first += n
	}
	return nil
}

var _ Set = (*File)(nil)
