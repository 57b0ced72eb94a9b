package smt

import (
	"math"

	"github.com/sparse-manifold/smt/internal/dct"
	"github.com/sparse-manifold/smt/internal/simd"
)

// The cells of an image repeat each other: most of a coordinate's values are its
// mean over the image, which then decides cosines alone. The spectrum of a
// coordinate is its discrete cosine transform over rows and columns of cells, a
// rotation, and the signed square root evens out what of it is large and small.
// High frequencies are noise to neighbours. None of this is in the paper;
// docs/research.md has what it is worth.

// Keeps reports whether embeddings have a spatial frequency of the cells, given by its
// half periods over an image: whether c.Spectrum reaches it.
func (c Config) Keeps(down, across int) bool {
	return down*down+across*across <= c.Spectrum*c.Spectrum
}

// kept is how many places there are.
func (c Config) kept(rows, cols int) (n int) {
	if c.Spectrum == 0 {
		return rows * cols
	}
	across := cols - 1
	for down := 0; down < rows && c.Keeps(down, 0); down++ {
		for across > 0 && !c.Keeps(down, across) {
			across--
		}
		n += across + 1
	}
	return n
}

// places are what an embedding has Dims values of, in its order: all cells, by rows; or
// the frequencies that are kept, of as many, half periods down before those across.
func (m *Model) places(rows, cols int) []int {
	var kept []int
	for i := range rows * cols {
		if m.enc.cfg.Spectrum == 0 || m.enc.cfg.Keeps(i/cols, i%cols) {
			kept = append(kept, i)
		}
	}
	return kept
}

// spectrum is the working memory of a transform.
type spectrum struct {
	cells, between []float32
	wave           []float32
	index          []uint16
}

// transform replaces s.cells, rows × cols of width values, by the spectrum of
// every value: frequencies down × frequencies across × width.
func (s *spectrum) transform(rows, cols, width int) {
	s.between = fit(s.between, len(s.cells))
	s.along(rows, cols, width, s.cells, s.between)
	s.along(1, rows, cols*width, s.between, s.cells)
}

// along transforms `lines` lines of n vectors of width values. n is at most maxLine,
// which Config.fits sees to.
func (s *spectrum) along(lines, n, width int, in, out []float32) {
	for len(s.index) < n {
		s.index = append(s.index, uint16(len(s.index)))
	}
	waves := dct.Matrix(n)
	s.wave = fit(s.wave, n)
	for f := range n {
		for x := range n {
			s.wave[x] = float32(waves[f*n+x])
		}
		for l := range lines {
			to := (l*n + f) * width
			simd.Gather(s.index[:n], s.wave, in[l*n*width:], width, out[to:to+width])
		}
	}
}

// root is the signed square root.
func root(v float32) float32 {
	if v < 0 {
		return -float32(math.Sqrt(float64(-v)))
	}
	return float32(math.Sqrt(float64(v)))
}
