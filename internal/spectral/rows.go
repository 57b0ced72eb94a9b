package spectral

import (
	"iter"

	"github.com/sparse-manifold/smt/internal/linalg"
)

// slab is the number of rows that are allocated at a time.
const slab = 256

// rowNumbers are the numbers of the rows of a slab.
var rowNumbers = func() (numbers [slab]uint16) {
	for i := range numbers {
		numbers[i] = uint16(i)
	}
	return numbers
}()

// rows is a matrix that grows row by row and is never copied. A row is whole blocks of 32 values, of
// which those behind the last column are zero.
type rows struct {
	n, stride int
	slabs     [][]float32
}

func newRows(cols int) rows { return rows{stride: (cols + 31) / 32 * 32} }

func (r *rows) row(i int) []float32 { return r.slabs[i/slab][i%slab*r.stride:][:r.stride] }

// grow adds a row of zeros.
func (r *rows) grow() []float32 {
	if r.n%slab == 0 {
		r.slabs = append(r.slabs, make([]float32, slab*r.stride))
	}
	r.n++
	return r.row(r.n - 1)
}

// from lists the rows from a number on in pieces, a slab or the rest of one each, with the number of
// each piece's first row.
func (r *rows) from(first int) iter.Seq2[int, linalg.Matrix] {
	return func(yield func(int, linalg.Matrix) bool) {
		for i := first; i < r.n; {
			end := min(i/slab*slab+slab, r.n)
			piece := linalg.Wrap(end-i, r.stride, r.slabs[i/slab][i%slab*r.stride:])
			if !yield(i, piece) {
				return
			}
			i = end
		}
	}
}
