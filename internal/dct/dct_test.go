package dct

import (
	"math"
	"testing"
)

func TestMatrixIsRotation(t *testing.T) {
	for _, n := range []int{1, 2, 3, 8, 13} {
		c := Matrix(n)
		for f := range n {
			for g := range n {
				var dot, want float64
				for x := range n {
					dot += c[f*n+x] * c[g*n+x]
				}
				if f == g {
					want = 1
				}
				if math.Abs(dot-want) > 1e-12 {
					t.Errorf("n = %d: rows %d and %d have product %g, want %g", n, f, g, dot, want)
				}
			}
			for x := range n {
				if want := c[f*n+n-1-x] * float64(1-f%2*2); math.Abs(c[f*n+x]-want) > 1e-12 {
					t.Errorf("n = %d: row %d is %g at %d, want %g", n, f, c[f*n+x], x, want)
				}
			}
		}
	}
}

// A wave of f half periods is row f alone.
func TestMatrixFindsWaves(t *testing.T) {
	const n = 8
	c := Matrix(n)
	for f := range n {
		for g := range n {
			var z float64
			for x := range n {
				z += c[g*n+x] * math.Cos(math.Pi*float64(f)*(float64(x)+0.5)/n)
			}
			if (math.Abs(z) > 1e-9) != (f == g) {
				t.Errorf("wave %d has %g of frequency %d", f, z, g)
			}
		}
	}
}
