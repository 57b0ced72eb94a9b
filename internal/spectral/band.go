package spectral

import (
	"errors"
	"math"

	"gonum.org/v1/gonum/lapack/gonum"

	"github.com/sparse-manifold/smt/internal/simd"
)

// width is how far off its diagonal a band goes.
const width = simd.Bundle

// band is a symmetric matrix that vanishes more than width off its diagonal. Row i has the
// elements (i, i−d) for d from 0 to width, with zeros where they would be left of the matrix.
type band [][width + 1]float64

// at is element (i, j), i ≥ j ≥ i − width.
func (t band) at(i, j int) *float64 { return &t[i][i-j] }

// eigenvalues returns the eigenvalues of t, smallest first. Rotations make it tridiagonal
// (Schwarz 1968; Golub and Van Loan, section 8.5), at about 6·width·n² operations.
func (t band) eigenvalues() ([]float64, error) {
	d, e := t.tridiagonal()
	if !(gonum.Implementation{}).Dsterf(len(d), d, e) {
		return nil, errors.New("spectral: the eigenvalues of the tridiagonal matrix did not converge")
	}
	return d, nil
}

// tridiagonal returns the diagonal d of a tridiagonal matrix with the eigenvalues of t, and the
// elements e below its diagonal.
func (t band) tridiagonal() (d, e []float64) {
	n := len(t)
	w := make(wide, n)
	for i, row := range t {
		copy(w[i][:], row[:])
	}
	for k := range n {
		for r := min(width, n-1-k); r > 1; r-- {
			// A rotation makes one element beyond the band. The next rotation, a band's width
			// further on, takes it away.
			for i, j := k+r, k; i < n && w.eliminate(i, j); i, j = i+width, i-1 {
			}
		}
	}
	d, e = make([]float64, n), make([]float64, max(0, n-1))
	for i, row := range w {
		if d[i] = row[0]; i > 0 {
			e[i-1] = row[1]
		}
	}
	return d, e
}

// wide is a band with room for one more element a row.
type wide [][width + 2]float64

// eliminate makes element (i, j) zero by a rotation of rows and columns i − 1 and i, and
// reports whether there was anything to do.
func (w wide) eliminate(i, j int) bool {
	p, q := &w[i-1], &w[i]
	above, below := p[i-1-j], q[i-j]
	if below == 0 {
		return false
	}
	length := math.Sqrt(above*above + below*below)
	c, s := above/length, below/length
	// Columns j to i − 2 of both rows, from the right.
	for d, x := range p[1 : i-j] {
		y := q[d+2]
		p[d+1], q[d+2] = c*x+s*y, c*y-s*x
	}
	q[i-j] = 0
	x, y, z := p[0], q[1], q[0]
	p[0] = c*c*x + 2*c*s*y + s*s*z
	q[1] = c*s*(z-x) + (c*c-s*s)*y
	q[0] = s*s*x - 2*c*s*y + c*c*z
	// Rows below of both columns. The last one's element of column i − 1 is new.
	under := w[i+1 : min(i+width+1, len(w))]
	for d := range under {
		row := &under[d]
		x, y := row[d+2], row[d+1]
		row[d+2], row[d+1] = c*x+s*y, c*y-s*x
	}
	return true
}
