package embedding

import (
	"context"
	"fmt"
	"io"
	"iter"
	"os"
	"slices"

	"github.com/sparse-manifold/smt/internal/half"
	"github.com/sparse-manifold/smt/internal/parallel"
)

// A File is the embeddings that a Writer wrote. It keeps the file open.
type File struct {
	path string
	f    *os.File
	h    header
	rows []int // of a view, nil for all
}

// Open opens a file of embeddings, which has to be whole.
func Open(path string) (*File, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("embedding: %w", err)
	}
	h, err := checkFile(f)
	if err == nil && h.Done != h.Rows {
		err = fmt.Errorf("done is %d: want all %d rows", h.Done, h.Rows)
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
