// Package dct has the discrete cosine transform.
package dct

import "math"

// Matrix is the orthonormal DCT-II of n values, n × n: row f holds f half periods
// over the n, and is even where f is, odd where it is not.
func Matrix(n int) []float64 { return Rows(n, n) }

// Rows is the first k rows of the matrix.
func Rows(n, k int) []float64 {
	c := make([]float64, k*n)
	for f := range k {
		scale := math.Sqrt(2 / float64(n))
		if f == 0 {
			scale = math.Sqrt(1 / float64(n))
		}
		for x := range n {
			c[f*n+x] = scale * math.Cos(math.Pi*(float64(x)+0.5)*float64(f)/float64(n))
		}
	}
	return c
}
