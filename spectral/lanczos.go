package spectral

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/sparse-manifold/smt/internal/linalg"
	"github.com/sparse-manifold/smt/internal/simd"
)

const (
	checkEvery = 40   // vectors at least between looks at the eigenvalues
	tolerance  = 1e-5 // change of the sum of eigenvalues, relative to its distance from the top, at which steps stop
	cancelled  = 0.3  // of a direction's length, left by a subtraction: it is made once more
	breakdown  = 1e-6 // of the size of A: a new direction shorter than this is rounding
)

// operator is a symmetric matrix A of size n, known by what it makes of a bundle of
// vectors: times writes Ax to y.
type operator struct {
	n     int
	times func(x, y linalg.Bundle)
}

// lanczos finds the smallest eigenpairs of a, as many as wanted says of sorted
// values, by the block Lanczos
// method with full reorthogonalization (Golub and Van Loan, section 10.3.6):
// A·Qᵀ = Qᵀ·T with orthonormal rows of Q and T a band matrix, whose lower eigenvalues
// become those of A. For k of them it takes about 2k rows of Q, a bundle of them
// a product with A. progress, if not nil, is told how many there are.
func lanczos(ctx context.Context, a operator, wanted func(values []float64) int, seed uint64, progress func(rows int)) (*Solution, error) {
	l := newKrylov(a, seed)
	l.start()
	old, k, check := math.Inf(1), 0, checkEvery
	var values []float64
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		l.step()
		m := l.rows()
		if progress != nil {
			progress(m)
		}
		if m == a.n || m >= check {
			var err error
			if values, err = l.t.eigenvalues(); err != nil {
				return nil, err
			}
			// Values come down, and more of them may be wanted, as rows are added.
			k = wanted(values)
			sum := 0.0
			for _, v := range values[:k] {
				sum += v
			}
			if m == a.n || m >= k+k/2 && math.Abs(old-sum) <= tolerance*(float64(k)*values[m-1]-sum) {
				break
			}
			old, check = sum, max(m+checkEvery, k+k/2)
		}
		l.next()
	}
	z := l.t.eigenvectors(values[:k])
	s := &Solution{Values: slices.Clone(values[:k]), Vectors: linalg.New(k, a.n)}
	linalg.AddMul(s.Vectors, 1, z, l.basis(0, l.rows(), a.n))
	return s, nil
}

// krylov is the state of the method after some steps.
type krylov struct {
	a      operator
	stride int       // of rows of q, whole blocks of kernels
	q      []float32 // orthonormal rows
	// The last block of rows starts at block, the one before it at before.
	before, block int
	t             band
	size          float64       // of A: the largest element of T's diagonal
	x, y          linalg.Bundle // the last block, and what A makes of it
	dots          []float32     // of rows and a bundle
	rng           *rand.Rand
	index         []uint16 // 0, 1, 2, …
	z, weights    []float32
	tmp           []float32
}

func newKrylov(a operator, seed uint64) *krylov {
	stride := (a.n + 31) / 32 * 32
	l := &krylov{a: a, stride: stride, t: band{width: simd.Bundle}, x: linalg.NewBundle(a.n), y: linalg.NewBundle(a.n),
		rng: rand.New(rand.NewPCG(seed, 0x5e1f)), z: make([]float32, stride), tmp: make([]float32, stride)}
	return l
}

func (l *krylov) rows() int { return len(l.q) / l.stride }

// basis is rows [from, to) of q, with some of their columns.
func (l *krylov) basis(from, to, cols int) linalg.Matrix {
	return linalg.Matrix{Rows: to - from, Cols: cols, RowStride: l.stride, ColStride: 1, Data: l.q[from*l.stride:]}
}

// start makes a block of random rows.
func (l *krylov) start() {
	for range min(simd.Bundle, l.a.n) {
		l.addRandom()
	}
}

// step multiplies the last block of rows by a and leaves what is new in it in y.
func (l *krylov) step() {
	m := l.rows()
	clear(l.x.Data)
	for v := range m - l.block {
		l.x.Set(v, l.q[(l.block+v)*l.stride:])
	}
	l.a.times(l.x, l.y)
	// All that y should have of the rows is of the last two blocks; once that is gone,
	// what rounding has of the others is small and gone after one more time.
	for _, from := range []int{l.before, 0} {
		l.dots = slices.Grow(l.dots[:0], (m-from)*simd.Bundle)[:(m-from)*simd.Bundle]
		rows := l.basis(from, m, l.stride)
		linalg.DotBundle(rows, l.y, l.dots)
		linalg.SubtractBundle(rows, l.dots, l.y)
		for i := l.block; i < m; i++ {
			for j := l.block; j <= i; j++ {
				*l.t.at(i, j) += float64(l.dots[(i-from)*simd.Bundle+j-l.block]+l.dots[(j-from)*simd.Bundle+i-l.block]) / 2
			}
			l.size = max(l.size, math.Abs(*l.t.at(i, i)))
		}
	}
}

// next makes y a new block of rows of q; where nothing new is left, random directions.
func (l *krylov) next() {
	m := l.rows()
	for old := l.block; old < m; old++ {
		l.y.Get(old-l.block, l.z[:l.a.n])
		rest := length(l.z)
		for from := m; ; from = 0 {
			was := rest
			for i, w := range l.orthogonalize(from)[m-from:] {
				*l.t.at(m+i, old) += float64(w)
			}
			// Where little is left, much of that are rounding errors.
			if rest = length(l.z); rest > cancelled*was || rest <= breakdown*l.size {
				break
			}
		}
		switch {
		case l.rows() == l.a.n: // nothing is left
		case rest > breakdown*l.size:
			l.add(rest)
			*l.t.at(l.rows()-1, old) = rest
		default:
			l.addRandom()
		}
	}
	l.before, l.block = l.block, m
}

// orthogonalize subtracts from z what it has of the rows of q from one on, and returns
// how much that was.
func (l *krylov) orthogonalize(from int) []float32 {
	rows := l.rows() - from
	for len(l.index) < rows {
		l.index, l.weights = append(l.index, uint16(len(l.index))), append(l.weights, 0)
	}
	linalg.DotRows(l.index[:rows], l.z, l.q[from*l.stride:], l.stride, l.weights)
	linalg.SubtractRows(l.index[:rows], l.weights, l.q[from*l.stride:], l.stride, l.z, l.tmp)
	return l.weights[:rows]
}

// add makes z, of a length, the next row of q.
func (l *krylov) add(length float64) {
	l.q = append(l.q, l.z...)
	scaleBy(l.q[len(l.q)-l.stride:], 1/length)
	l.t.grow()
}

// addRandom makes the next row of q a random direction orthogonal to those before.
func (l *krylov) addRandom() {
	for i := range l.a.n {
		l.z[i] = float32(l.rng.NormFloat64())
	}
	for range 2 { // the first time leaves rounding errors
		l.orthogonalize(0)
	}
	l.add(length(l.z))
}

func length(x []float32) float64 { return math.Sqrt(linalg.Dot(x, x)) }

func scaleBy(x []float32, s float64) {
	for i, v := range x {
		x[i] = float32(float64(v) * s)
	}
}
