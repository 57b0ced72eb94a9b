package spectral

import (
	"math"
	"math/rand/v2"

	"github.com/sparse-manifold/smt/internal/linalg"
	"github.com/sparse-manifold/smt/internal/parallel"
)

const (
	rounds = 2 // of inverse iteration
	// nearby is a part of the matrix' size. Eigenvalues nearer than that to each other are in
	// one cluster, whose vectors must be told apart.
	nearby = 1e-8
)

// eigenvectors returns the eigenvectors of t for some of its eigenvalues, which are sorted, in
// rows. They are found by inverse iteration. Those of eigenvalues in a cluster are kept orthogonal
// to each other; all others are orthogonal by themselves.
func (t band) eigenvectors(values []float64) linalg.Matrix {
	z := linalg.New(len(values), len(t))
	rows, size := t.full()
	var clusters []int // where they begin
	for i, v := range values {
		if i == 0 || v-values[i-1] > nearby*size {
			clusters = append(clusters, i)
		}
	}
	clusters = append(clusters, len(values))
	work := make([]*shifted, parallel.Workers(len(clusters)-1))
	parallel.For(len(clusters)-1, func(w, c int) {
		if work[w] == nil {
			work[w] = newShifted(len(t))
		}
		var before [][]float64
		for i := clusters[c]; i < clusters[c+1]; i++ {
			work[w].factor(rows, values[i], size)
			x := work[w].vector(uint64(i), before)
			if clusters[c+1] > i+1 {
				before = append(before, x)
			}
			for j, v := range x {
				z.Row(i)[j] = float32(v)
			}
		}
	})
	return z
}

// fullRow is a row of a band, or of its upper factor, on both sides of the diagonal.
type fullRow [2*width + 1]float64

// full is t with both sides of the diagonal: row i has columns i − width to i + width, with zeros
// outside the matrix. size is the largest element.
func (t band) full() (rows []fullRow, size float64) {
	rows = make([]fullRow, len(t))
	for i, row := range t {
		for d, x := range row[:min(width, i)+1] {
			rows[i][width-d], rows[i-d][width+d] = x, x
			size = max(size, math.Abs(x))
		}
	}
	return rows, size
}

// shifted is T − value, factored by Gaussian elimination with pivots.
type shifted struct {
	upper []fullRow // row i has columns i to i + 2·width
	// factors are, for each column, the multiples of its pivot's row that were subtracted from the
	// width rows below.
	factors [][width]float64
	pivots  []int // of each column, how far below it the pivot's row was
	scratch [width + 1]fullRow
}

func newShifted(n int) *shifted {
	return &shifted{upper: make([]fullRow, n), factors: make([][width]float64, n), pivots: make([]int, n)}
}

// factor eliminates column after column of T − value. It looks only at the width + 1 rows that are
// not zero in the column; in the window each of them starts at this column.
func (s *shifted) factor(rows []fullRow, value, size float64) {
	n := len(rows)
	// A pivot vanishes, as value is an eigenvalue: it is replaced by the least there may be. Of a
	// matrix of zeros all vanish, and what is divided by them must stay finite.
	least := max(size*1e-17, 1e-290)
	var window [width + 1]*fullRow
	for i := range window {
		window[i] = &s.scratch[i]
		*window[i] = fullRow{}
		if i < n {
			copy(window[i][:], rows[i][width-i:])
			window[i][i] -= value
		}
	}
	for j := range n {
		best, most := 0, math.Abs(window[0][0])
		for r := 1; r <= width; r++ {
			if a := math.Abs(window[r][0]); a > most {
				best, most = r, a
			}
		}
		s.pivots[j] = best
		pivot := window[best]
		window[best] = window[0]
		u := &s.upper[j]
		*u = *pivot
		if most < least {
			u[0] = least
		}
		inverse := 1 / u[0]
		factors := &s.factors[j]
		for r := range width {
			row := window[r+1]
			f := row[0] * inverse
			factors[r] = f
			for k := range 2 * width { // the row starts a column further on from now
				row[k] = row[k+1] - f*u[k+1]
			}
			row[2*width] = 0
			window[r] = row
		}
		window[width] = pivot
		if *pivot = (fullRow{}); j+1+width < n {
			*pivot = rows[j+1+width]
			pivot[width] -= value
		}
	}
}

// vector is an eigenvector. It solves a few times from a random start, and keeps the solution
// orthogonal to others.
func (s *shifted) vector(seed uint64, others [][]float64) []float64 {
	n := len(s.upper)
	rng := rand.New(rand.NewPCG(seed, 7))
	x := make([]float64, n+2*width)
	for i := range n {
		x[i] = rng.NormFloat64()
	}
	for range rounds {
		s.solve(x)
		unit(x)
		for range 2 {
			for _, o := range others {
				dot := 0.0
				for i, v := range o {
					dot += v * x[i]
				}
				for i, v := range o {
					x[i] -= dot * v
				}
			}
			if len(others) > 0 {
				unit(x)
			}
		}
	}
	return x[:n]
}

// solve overwrites x with the solution. x has 2·width zeros behind its last value.
func (s *shifted) solve(x []float64) {
	for j, p := range s.pivots {
		x[j], x[j+p] = x[j+p], x[j]
		v, below := x[j], (*[width]float64)(x[j+1:])
		for r, f := range &s.factors[j] {
			below[r] -= f * v
		}
	}
	for j := len(s.upper) - 1; j >= 0; j-- {
		u, right := &s.upper[j], (*[2*width + 1]float64)(x[j:])
		var even, odd float64 // two sums wait for each other half as long
		for k := 1; k < 2*width; k += 2 {
			odd += u[k] * right[k]
			even += u[k+1] * right[k+1]
		}
		x[j] = (x[j] - even - odd) / u[0]
	}
}

// unit makes x of length 1, however large it is.
func unit(x []float64) {
	largest := 0.0
	for _, v := range x {
		largest = max(largest, math.Abs(v))
	}
	sum := 0.0
	for _, v := range x {
		v /= largest
		sum += v * v
	}
	scale := 1 / (largest * math.Sqrt(sum))
	for i := range x {
		x[i] *= scale
	}
}
