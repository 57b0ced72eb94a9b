package spectral

import (
	"errors"
	"math"

	"gonum.org/v1/gonum/lapack/gonum"
)

// band is a symmetric matrix that vanishes more than width off its diagonal: its
// elements (i, i−d) for d from 0 to width are row i, those left of the matrix zero.
type band struct {
	width int
	rows  []float64
}

func (t *band) n() int { return len(t.rows) / (t.width + 1) }

// grow appends a row of zeros.
func (t *band) grow() { t.rows = append(t.rows, make([]float64, t.width+1)...) }

// at is element (i, j), i ≥ j ≥ i − width.
func (t *band) at(i, j int) *float64 { return &t.rows[i*(t.width+1)+i-j] }

// eigenvalues returns the eigenvalues of t, smallest first. Rotations make it tridiagonal
// (Schwarz 1968; Golub and Van Loan, section 8.5.2), at about 6·width·n² operations.
func (t *band) eigenvalues() ([]float64, error) {
	d, e := t.tridiagonal()
	if !(gonum.Implementation{}).Dsterf(len(d), d, e) {
		return nil, errors.New("spectral: the eigenvalues of the tridiagonal matrix did not converge")
	}
	return d, nil
}

// tridiagonal returns the diagonal of a tridiagonal matrix with the eigenvalues of t, and
// what is below it.
func (t *band) tridiagonal() (d, e []float64) {
	n := t.n()
	// One place more a row, for the element that a rotation makes beyond the band and
	// the next one, a band's width further on, takes away.
	w := band{t.width + 1, make([]float64, n*(t.width+2))}
	for i := range n {
		copy(w.rows[i*(t.width+2):], t.rows[i*(t.width+1):(i+1)*(t.width+1)])
	}
	for k := range n {
		for r := min(t.width, n-1-k); r > 1; r-- {
			for i, j := k+r, k; i < n; i, j = i+t.width, i-1 {
				if !w.eliminate(i, j) {
					break
				}
			}
		}
	}
	d, e = make([]float64, n), make([]float64, max(0, n-1))
	for i := range n {
		d[i] = *w.at(i, i)
		if i > 0 {
			e[i-1] = *w.at(i, i-1)
		}
	}
	return d, e
}

// eliminate makes element (i, j) zero by a rotation of rows and columns i − 1 and i, and
// reports whether there was anything to do.
func (t *band) eliminate(i, j int) bool {
	above, below := *t.at(i-1, j), *t.at(i, j)
	if below == 0 {
		return false
	}
	length := math.Sqrt(above*above + below*below)
	c, s := above/length, below/length
	n, step := t.n(), t.width+1
	p, q := i-1, i
	// Columns j to p − 1 of both rows, from the right.
	first := t.rows[p*step+1 : p*step+1+p-j]
	second := t.rows[q*step+2:][:len(first)]
	for k, x := range first {
		y := second[k]
		first[k], second[k] = c*x+s*y, c*y-s*x
	}
	*t.at(i, j) = 0
	x, y, z := *t.at(p, p), *t.at(q, p), *t.at(q, q)
	*t.at(p, p) = c*c*x + 2*c*s*y + s*s*z
	*t.at(q, p) = c*s*(z-x) + (c*c-s*s)*y
	*t.at(q, q) = s*s*x - 2*c*s*y + c*c*z
	// Rows below of both columns. The last one's element of column p is new.
	last := min(q+t.width-1, n-1)
	for at := (q+1)*step + 1; at <= last*step+last-q; at += step + 1 {
		x, y := t.rows[at+1], t.rows[at]
		t.rows[at+1], t.rows[at] = c*x+s*y, c*y-s*x
	}
	return true
}
