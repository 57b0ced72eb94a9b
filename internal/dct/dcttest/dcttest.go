// Package dcttest has the definition of the cosine transform, for tests of what
// computes it.
package dcttest

import "math"

// Spectrum is the orthonormal DCT-II over rows and columns of cells, rows × cols × d,
// each frequency a sum over all cells.
func Spectrum(cells []float64, rows, cols, d int) []float64 {
	out := make([]float64, len(cells))
	for i := range out {
		for c := range rows * cols {
			out[i] += wave(i/d/cols, c/cols, rows) * wave(i/d%cols, c%cols, cols) * cells[c*d+i%d]
		}
	}
	return out
}

// wave is frequency f of n at x.
func wave(f, x, n int) float64 {
	norm := 2 / float64(n)
	if f == 0 {
		norm = 1 / float64(n)
	}
	return math.Sqrt(norm) * math.Cos(math.Pi*float64(2*x+1)*float64(f)/float64(2*n))
}
