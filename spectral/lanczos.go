package spectral

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/lapack/gonum"
	"gonum.org/v1/gonum/mat"

	"github.com/sparse-manifold/smt/internal/linalg"
	"github.com/sparse-manifold/smt/internal/parallel"
)

const (
	checkEvery = 40   // Lanczos steps between looks at the eigenvalues
	tolerance  = 1e-5 // change of the sum of eigenvalues, relative to its distance from the top, at which steps stop
	breakdown  = 1e-6 // of the size of A: a new direction shorter than this is rounding
)

// operator is a symmetric matrix A of size n, known by what it makes of a
// vector: times writes Ax to y. Vectors have n values and zeros up to whole blocks
// of 32.
type operator struct {
	n     int
	times func(x, y []float32)
}

// lanczos finds the smallest eigenpairs of a, as many as wanted says of sorted
// values, by the Lanczos
// method with full reorthogonalization (Golub and Van Loan, section 10.3):
// A·Qᵀ = Qᵀ·T with orthonormal rows of Q and T tridiagonal, whose lower eigenvalues
// become those of A. For k of them it takes about 2k steps, each with one product with A.
// progress, if not nil, is told how many were made.
func lanczos(ctx context.Context, a operator, wanted func(values []float64) int, seed uint64, progress func(steps int)) (*Solution, error) {
	l := newKrylov(a, seed)
	l.startAnew()
	old, k := math.Inf(1), 0
	var values []float64
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		l.step()
		m := len(l.alpha)
		if progress != nil {
			progress(m)
		}
		if m == a.n || m%checkEvery == 0 {
			var err error
			if values, err = l.values(); err != nil {
				return nil, err
			}
			// Values come down, and more of them may be wanted, as steps are made.
			k = wanted(values)
			sum := 0.0
			for _, v := range values[:k] {
				sum += v
			}
			if m == a.n || m >= k+k/2 && math.Abs(old-sum) <= tolerance*(float64(k)*values[m-1]-sum) {
				break
			}
			old = sum
		}
		l.next()
	}
	z, err := l.vectors(values[:k])
	if err != nil {
		return nil, err
	}
	m := len(l.alpha)
	s := &Solution{Values: slices.Clone(values[:k]), Vectors: linalg.New(k, a.n)}
	linalg.AddMul(s.Vectors, 1, z, linalg.Matrix{Rows: m, Cols: a.n, RowStride: l.stride, ColStride: 1, Data: l.q})
	return s, nil
}

// krylov is the state of the method after some steps.
type krylov struct {
	a           operator
	stride      int       // of rows of q, whole blocks of kernels
	q           []float32 // orthonormal rows
	alpha, beta []float64 // diagonal of T, and below it
	z           []float32 // the next direction, not yet of unit length
	rng         *rand.Rand
	index       []uint16 // 0, 1, 2, …
	weights     []float32
	tmp         []float32
}

func newKrylov(a operator, seed uint64) *krylov {
	stride := (a.n + 31) / 32 * 32
	l := &krylov{a: a, stride: stride, rng: rand.New(rand.NewPCG(seed, 0x5e1f)),
		z: make([]float32, stride), tmp: make([]float32, stride), weights: make([]float32, a.n)}
	for i := range a.n {
		l.index = append(l.index, uint16(i))
	}
	return l
}

// startAnew makes the next row of q a random direction orthogonal to those before.
func (l *krylov) startAnew() {
	for i := range l.a.n {
		l.z[i] = float32(l.rng.NormFloat64())
	}
	for range 2 { // the first time leaves rounding errors
		l.orthogonalize(len(l.q) / l.stride)
	}
	l.q = append(l.q, l.z...)
	scaleBy(l.q[len(l.q)-l.stride:], 1/length(l.z))
}

// step multiplies the last row of q by a and makes what is new in it z.
func (l *krylov) step() {
	rows := len(l.q) / l.stride
	x := l.q[(rows-1)*l.stride:]
	l.a.times(x, l.z)
	l.alpha = append(l.alpha, linalg.Dot(x, l.z))
	// All that z should have of the rows is of the last two; once that is gone,
	// what rounding has of the others is small and gone after one more time.
	l.subtract(l.alpha[rows-1], x)
	if rows > 1 {
		l.subtract(l.beta[rows-2], l.q[(rows-2)*l.stride:])
	}
	l.orthogonalize(rows)
	l.beta = append(l.beta, length(l.z))
}

// next makes z the next row of q; where nothing new is left, a random direction.
func (l *krylov) next() {
	m := len(l.beta)
	if l.beta[m-1] <= breakdown*math.Abs(l.alpha[0]) {
		l.beta[m-1] = 0
		l.startAnew()
		return
	}
	l.q = append(l.q, l.z...)
	scaleBy(l.q[m*l.stride:], 1/l.beta[m-1])
}

func (l *krylov) subtract(times float64, x []float32) {
	for i := range l.z {
		l.z[i] -= float32(times) * x[i]
	}
}

// orthogonalize subtracts from z what it has of the rows of q.
func (l *krylov) orthogonalize(rows int) {
	index := l.index[:rows]
	linalg.DotRows(index, l.z, l.q, l.stride, l.weights)
	linalg.SubtractRows(index, l.weights, l.q, l.stride, l.z, l.tmp)
}

// values are the eigenvalues of T, smallest first.
func (l *krylov) values() ([]float64, error) {
	d, e := slices.Clone(l.alpha), slices.Clone(l.beta[:len(l.alpha)-1])
	if !(gonum.Implementation{}).Dsterf(len(d), d, e) {
		return nil, errors.New("spectral: the eigenvalues of the tridiagonal matrix did not converge")
	}
	return d, nil
}

// vectors are the eigenvectors of T for its smallest eigenvalues, in rows.
func (l *krylov) vectors(values []float64) (linalg.Matrix, error) {
	m := len(l.alpha)
	z := linalg.New(len(values), m)
	parallel.For(z.Rows, func(_, i int) { inverseIteration(l.alpha, l.beta[:m-1], values[i], uint64(i), z.Row(i)) })
	gram := linalg.New(z.Rows, z.Rows)
	linalg.AddMul(gram, 1, z, z.T())
	if farFromIdentity(gram) < 1e-5 {
		return z, nil
	}
	// Equal eigenvalues: inverse iteration finds vectors that are not orthogonal.
	t := mat.NewSymDense(m, nil)
	for i, v := range l.alpha {
		t.SetSym(i, i, v)
		if i > 0 {
			t.SetSym(i-1, i, l.beta[i-1])
		}
	}
	_, all, err := eigenSym(t)
	if err != nil {
		return z, err
	}
	return float32s(all.Slice(0, m, 0, len(values)).T()), nil
}

// inverseIteration writes the eigenvector of a tridiagonal matrix, diagonal d and
// e below, for an eigenvalue: a few solutions of (T − value)x = x from a random x,
// by Gaussian elimination with pivots.
func inverseIteration(d, e []float64, value float64, seed uint64, out []float32) {
	const rounds = 3
	m := len(d)
	rng := rand.New(rand.NewPCG(seed, 7))
	x := make([]float64, m)
	for i := range x {
		x[i] = rng.NormFloat64()
	}
	// Row i of the upper factor is u0, u1, u2 from the diagonal on.
	u0, u1, u2, factor := make([]float64, m), make([]float64, m), make([]float64, m), make([]float64, m)
	swapped := make([]bool, m)
	pivot, right := d[0]-value, 0.0
	if m > 1 {
		right = e[0]
	}
	for i := range m - 1 {
		below, diagonal, beyond := e[i], d[i+1]-value, 0.0
		if i+1 < m-1 {
			beyond = e[i+1]
		}
		if math.Abs(below) > math.Abs(pivot) {
			swapped[i] = true
			u0[i], u1[i], u2[i] = below, diagonal, beyond
			factor[i] = pivot / below
			pivot, right = right-factor[i]*diagonal, -factor[i]*beyond
			continue
		}
		pivot = awayFromZero(pivot)
		u0[i], u1[i] = pivot, right
		factor[i] = below / pivot
		pivot, right = diagonal-factor[i]*right, beyond
	}
	u0[m-1] = awayFromZero(pivot)
	for range rounds {
		for i := range m - 1 {
			if swapped[i] {
				x[i], x[i+1] = x[i+1], x[i]
			}
			x[i+1] -= factor[i] * x[i]
		}
		sum := 0.0
		for i := m - 1; i >= 0; i-- {
			if i+1 < m {
				x[i] -= u1[i] * x[i+1]
			}
			if i+2 < m {
				x[i] -= u2[i] * x[i+2]
			}
			x[i] /= u0[i]
			sum += x[i] * x[i]
		}
		for i := range x {
			x[i] /= math.Sqrt(sum)
		}
	}
	for i, v := range x {
		out[i] = float32(v)
	}
}

// awayFromZero keeps a pivot from vanishing: value is an eigenvalue, so one does.
func awayFromZero(pivot float64) float64 {
	const least = 1e-17
	if math.Abs(pivot) < least {
		return least
	}
	return pivot
}

// farFromIdentity is the largest element of g − I.
func farFromIdentity(g linalg.Matrix) (far float64) {
	for i := range g.Rows {
		for j, v := range g.Row(i) {
			if i == j {
				v--
			}
			far = max(far, math.Abs(float64(v)))
		}
	}
	return far
}

func length(x []float32) float64 { return math.Sqrt(linalg.Dot(x, x)) }

func scaleBy(x []float32, s float64) {
	for i, v := range x {
		x[i] = float32(float64(v) * s)
	}
}
