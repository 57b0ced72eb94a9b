package embedding

import (
	"context"
	"fmt"
	"io"
	"iter"

	"github.com/sparse-manifold/smt/internal/checksum"
	"github.com/sparse-manifold/smt/internal/half"
	"github.com/sparse-manifold/smt/internal/parallel"
	"github.com/sparse-manifold/smt/internal/plural"
	"github.com/sparse-manifold/smt/internal/regular"
	"github.com/sparse-manifold/smt/internal/reuse"
)

// A File is embeddings that were written to a file, or to what is read as one. The rows
// and their ids stay there, and are read when they are asked for.
type File struct {
	name string // in errors
	r    io.ReaderAt
	h    header
	rows []int // of a view, nil for all
}

// Open opens a file of embeddings, which has to be whole, and keeps it open. It goes through all
// of it, to see that nothing has changed: rows are read again and again, and one by one.
func Open(path string) (*File, error) {
	r, info, err := regular.Open(path)
	if err != nil {
		return nil, fmt.Errorf("embedding: %w", err)
	}
	f, err := newFile(path, r, info.Size())
	if err != nil {
		r.Close()
		return nil, err
	}
	return f, nil
}

// OpenFrom is Open of size bytes of r. Errors call them input.
func OpenFrom(r io.ReaderAt, size int64) (*File, error) {
	return newFile("input", io.NewSectionReader(r, 0, size), size)
}

func newFile(name string, r io.ReaderAt, size int64) (*File, error) {
	h, err := readHeader(r, size)
	switch {
	case err != nil:
	case h.Done != h.Rows:
		err = fmt.Errorf("done is %d: want all %s", h.Done, plural.Of(h.Rows, "row"))
	case size != h.end():
		err = fmt.Errorf("the file has %s: want %d, of %s of %s and %s of ids", plural.Of(size, "byte"), h.end(), plural.Of(h.Rows, "row"), plural.Of(h.Dim, "value"), plural.Of(h.IDsBytes, "byte"))
	default:
		_, err = checkRows(r, h)
	}
	if err == nil && h.named() {
		err = checkIDs(r, h)
	}
	if err != nil {
		return nil, fmt.Errorf("embedding: %s: %w", name, err)
	}
	return &File{name: name, r: r, h: h}, nil
}

// readHeader reads a file's header, and sees that the file has the rows which are done.
func readHeader(r io.ReaderAt, size int64) (header, error) {
	if size < headerSize {
		return header{}, fmt.Errorf("the file has %s: want %d of header", plural.Of(size, "byte"), headerSize)
	}
	var b [headerSize]byte
	if err := readAt(r, b[:], 0); err != nil {
		return header{}, err
	}
	h, err := parseHeader(b[:])
	if err != nil {
		return header{}, err
	}
	if want := h.offset(h.Done); size < want {
		return header{}, fmt.Errorf("the file has %s: want %d, of %s of %s", plural.Of(size, "byte"), want, plural.Of(h.Done, "row"), plural.Of(h.Dim, "value"))
	}
	return h, nil
}

// checkRows reads the rows that are done. They must have the checksum that the header
// has, if it has one, and be no longer than a unit vector: of several models' embeddings, side
// by side, a row may be shorter, where one of them is zero. It returns their sum.
func checkRows(f io.ReaderAt, h header) (uint32, error) {
	const piece = 256 << 10 // bytes
	size := h.offset(h.Done) - headerSize
	n := int((size + piece - 1) / piece)
	sums, raw := make([]uint32, n), make([][]byte, parallel.Workers(n))
	bad := make([]int64, n) // the first value that is none, or -1
	lengths := make([]pieceLengths, n)
	err := parallel.ForErr(context.Background(), n, func(w, p int) error {
		if raw[w] == nil {
			raw[w] = make([]byte, min(piece, size))
		}
		at := int64(p) * piece
		b := raw[w][:min(piece, size-at)]
		if err := readAt(f, b, headerSize+at); err != nil {
			return err
		}
		sums[p], bad[p] = checksum.Append(0, b), -1
		if i := half.Beyond(b, 1); i >= 0 {
			bad[p] = at/half.Size + int64(i)
		}
		lengths[p] = lengthsOf(b, at/half.Size, int64(h.Dim))
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
	if text := checksum.Text(sum); h.summed() && text != h.RowsSum {
		return 0, fmt.Errorf("the rows have changed: their checksum is %s, %s was written", text, h.RowsSum)
	}
	for _, i := range bad {
		if dim := int64(h.Dim); i >= 0 {
			return 0, fmt.Errorf("row %d: value %d is not within ±1", i/dim, i%dim)
		}
	}
	return sum, checkLengths(lengths, size/half.Size, int64(h.Dim), piece/half.Size)
}

// Identity is what the file's writer was given to tell its embeddings from others.
func (f *File) Identity() string { return f.h.Identity }

// Close closes the file, for its views too. What OpenFrom reads is not closed.
func (f *File) Close() error {
	if c, is := f.r.(io.Closer); is {
		return c.Close()
	}
	return nil
}

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
				raw[w] = reuse.Slice(raw[w], piece*dim*half.Size)[:(end-at)*dim*half.Size]
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
		if err := readAt(f.r, raw[:n*size], f.h.offset(f.row(first))); err != nil {
			return fmt.Errorf("embedding: %s: row %d: %w", f.name, f.row(first), err)
		}
		raw = raw[n*size:]
		first += n
	}
	return nil
}

var _ Set = (*File)(nil)
