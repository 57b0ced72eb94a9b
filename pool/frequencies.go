package pool

import (
	"math"

	"github.com/sparse-manifold/smt/internal/dct"
	"github.com/sparse-manifold/smt/internal/reuse"
	"github.com/sparse-manifold/smt/internal/simd"
)

// The cells of an image repeat each other: most of a coordinate's values are its mean over the image, which
// then decides cosines alone. The frequencies of a coordinate are its discrete cosine transform over rows and
// columns of cells, which is a rotation. Their signed square roots even out what is large and what is small.
// High frequencies are noise to neighbours. None of this is in the paper; "The spectrum: a basis for the cells, and a power" in docs/research has
// what it is worth.

// Keeps reports whether embeddings have a frequency of the cells, given by its half periods over an image.
func (l Layout) Keeps(down, across int) bool {
	return down*down+across*across <= l.Frequencies*l.Frequencies
}

// frequencies is the working memory of a transform. Rows of cells are transformed as they come, and only
// frequencies up to the largest that is kept are made: all cells of a large image take more memory than there
// may be.
type frequencies struct {
	row     []float32 // a row of cells
	between []float32 // rows of cells × frequencies across
	out     []float32 // frequencies down × frequencies across
	down    waves
	across  waves
	index   []uint16
}

// Reach is the number of frequencies that are made of n cells side by side.
func (l Layout) Reach(n int) int { return min(n, l.Frequencies+1) }

// start prepares for rows × cols cells of width values, of which down × across frequencies are made. The caller
// sees to it that a side has at most MaxLine cells.
func (s *frequencies) start(rows, cols, down, across, width int) {
	s.down.set(rows, down)
	s.across.set(cols, across)
	for _, array := range []struct {
		values *[]float32
		n      int
	}{{&s.row, cols * width}, {&s.between, rows * across * width}, {&s.out, down * across * width}} {
		*array.values = reuse.Slice(*array.values, array.n)
	}
	for len(s.index) < max(rows, cols) {
		s.index = append(s.index, uint16(len(s.index)))
	}
}

// addRow transforms the cells in s.row, row y of the image.
func (s *frequencies) addRow(y, width int) {
	to := s.across.k * width
	s.along(&s.across, width, s.row, s.between[y*to:(y+1)*to])
}

// finish makes s.out the frequencies of all rows.
func (s *frequencies) finish(width int) { s.along(&s.down, s.across.k*width, s.between, s.out) }

// along transforms w.n vectors of width values.
func (s *frequencies) along(w *waves, width int, in, out []float32) {
	for f := range w.k {
		simd.Gather(s.index[:w.n], w.values[f*w.n:(f+1)*w.n], in, width, out[f*width:(f+1)*width])
	}
}

// waves are the first k rows of the cosine transform of n values.
type waves struct {
	n, k   int
	values []float32
}

func (w *waves) set(n, k int) {
	if w.n == n && w.k == k {
		return
	}
	w.n, w.k, w.values = n, k, w.values[:0]
	for _, v := range dct.Rows(n, k) {
		w.values = append(w.values, float32(v))
	}
}

// root is the signed square root.
func root(v float32) float32 {
	if v < 0 {
		return -float32(math.Sqrt(float64(-v)))
	}
	return float32(math.Sqrt(float64(v)))
}
