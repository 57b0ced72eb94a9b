package spectral

import (
	"math"
	"math/rand/v2"

	"github.com/sparse-manifold/smt/internal/linalg"
	"github.com/sparse-manifold/smt/internal/parallel"
)

const (
	rounds = 3    // of inverse iteration
	nearby = 1e-8 // of the matrix' size: eigenvalues nearer than this have vectors that must be told apart
)

// eigenvectors returns the eigenvectors of t for some of its eigenvalues, sorted, in
// rows, by inverse iteration. Those of eigenvalues in a cluster are kept orthogonal to
// each other; others are by themselves.
func (t *band) eigenvectors(values []float64) linalg.Matrix {
	n := t.n()
	z := linalg.New(len(values), n)
	size := 0.0
	for _, x := range t.rows {
		size = max(size, math.Abs(x))
	}
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
			work[w] = newShifted(t)
		}
		var before [][]float64
		for i := clusters[c]; i < clusters[c+1]; i++ {
			work[w].factor(t, values[i], size)
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

// shifted is T − value, factored by Gaussian elimination with pivots.
type shifted struct {
	n, width int
	// Row i of the upper factor is elements i to i + 2·width, and then more zeros than there are rows.
	upper []float64
	// factors has, for each column, the multiples of its row that are taken from
	// the width rows below.
	factors []float64
	pivots  []int
	scratch []float64
}

func newShifted(t *band) *shifted {
	n := t.n()
	return &shifted{n: n, width: t.width, upper: make([]float64, n*(2*t.width+1)),
		factors: make([]float64, n*t.width), pivots: make([]int, n), scratch: make([]float64, (t.width+1)*(2*t.width+1))}
}

// factor eliminates column after column. Only the width + 1 rows that have something in
// it are looked at; each of them starts at this column.
func (s *shifted) factor(t *band, value, size float64) {
	b, full := s.width, 2*s.width+1
	least := size * 1e-17 // value is an eigenvalue: a pivot vanishes
	if least == 0 {
		least = 1e-17
	}
	window := make([][]float64, b+1)
	for r := range window {
		window[r] = s.scratch[r*full : (r+1)*full]
		s.load(t, r, 0, value, window[r])
	}
	for j := range s.n {
		best := 0
		for r, row := range window {
			if math.Abs(row[0]) > math.Abs(window[best][0]) {
				best = r
			}
		}
		s.pivots[j] = best
		window[0], window[best] = window[best], window[0]
		u := s.upper[j*full : (j+1)*full]
		copy(u, window[0])
		if math.Abs(u[0]) < least {
			u[0] = least
		}
		inverse := 1 / u[0]
		for r, row := range window[1:] {
			f := row[0] * inverse
			s.factors[j*b+r] = f
			// The row starts a column further on from now.
			for k, x := range u[1:] {
				row[k] = row[k+1] - f*x
			}
			row[full-1] = 0
		}
		used := window[0]
		copy(window, window[1:])
		window[b] = used
		s.load(t, j+b+1, j+1, value, used)
	}
}

// load writes row i of T − value from column j on, zeros if there is no such row.
func (s *shifted) load(t *band, i, j int, value float64, row []float64) {
	clear(row)
	for k := max(0, i-s.width-j); k < len(row) && j+k < s.n && j+k <= i+s.width && i < s.n; k++ {
		row[k] = *t.at(max(i, j+k), min(i, j+k))
	}
	if i < s.n && i >= j && i-j < len(row) {
		row[i-j] -= value
	}
}

// vector solves a few times from a random start, and keeps orthogonal to others.
func (s *shifted) vector(seed uint64, others [][]float64) []float64 {
	rng := rand.New(rand.NewPCG(seed, 7))
	x := make([]float64, s.n+2*s.width)
	for i := range s.n {
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
			unit(x)
		}
	}
	return x[:s.n]
}

// solve overwrites x, which has zeros behind the last, with the solution.
func (s *shifted) solve(x []float64) {
	b, full := s.width, 2*s.width+1
	for j, p := range s.pivots {
		x[j], x[j+p] = x[j+p], x[j]
		v := x[j]
		to := x[j+1 : j+1+b]
		for r, f := range s.factors[j*b : (j+1)*b] {
			to[r] -= f * v
		}
	}
	for j := s.n - 1; j >= 0; j-- {
		u := s.upper[j*full : (j+1)*full]
		sum := x[j]
		right := x[j+1 : j+full]
		for k, v := range u[1:] {
			sum -= v * right[k]
		}
		x[j] = sum / u[0]
	}
}

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
