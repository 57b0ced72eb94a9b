package spectral

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/sparse-manifold/smt/internal/linalg"
	"github.com/sparse-manifold/smt/internal/reuse"
)

const (
	// checkEvery is the least number of vectors between two looks at the eigenvalues.
	checkEvery = 40
	// tolerance is the change of the sum of eigenvalues at which steps stop, relative to how far the
	// sum is below that of as many times the largest value.
	tolerance = 1e-5
	// cancelled is a part of a direction's length. If a subtraction leaves less, it is made again.
	cancelled = 0.3
	// breakdown is a part of the size of A. A new direction shorter than that is rounding.
	breakdown = 1e-6
)

// operator is a symmetric matrix A of size n, known by its products with bundles of vectors alone:
// times writes Ax to y.
type operator struct {
	n     int
	times func(x, y linalg.Bundle)
}

// lanczos finds the smallest eigenpairs of a by the block Lanczos method with full
// reorthogonalization (Golub and Van Loan, section 10.3.6): A·Qᵀ = Qᵀ·T, where the rows of Q are
// orthonormal and T is a band matrix, whose lower eigenvalues become those of A.
//
// wanted says how many of the eigenvalues of T, sorted, are to be found. For k of them it takes
// about 2k rows of Q, and one product with A for each bundle of rows. progress, if not nil, is told
// the number of rows.
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
		if math.IsNaN(l.size) || math.IsInf(l.size, 0) {
			return nil, errors.New("spectral: the eigenproblem is not finite")
		}
		m := l.q.n
		if progress != nil {
			progress(m)
		}
		if m == a.n || m >= check {
			var err error
			if values, err = l.t.eigenvalues(); err != nil {
				return nil, err
			}
			// As rows are added, values come down, and more of them may be wanted.
			k = wanted(values)
			sum := 0.0
			for _, v := range values[:k] {
				sum += v
			}
			if m == a.n || m >= k+k/2 && math.Abs(old-sum) <= tolerance*(float64(k)*values[m-1]-sum) {
				break
			}
			old, check = sum, max(m+checkEvery, k+k*3/4)
		}
		l.next()
	}
	z := l.t.eigenvectors(values[:k])
	s := &Solution{Values: slices.Clone(values[:k]), Vectors: linalg.New(k, a.n)}
	for at, rows := range l.q.from(0) {
		linalg.AddMul(s.Vectors, 1, z.Block(0, k, at, at+rows.Rows), rows.Block(0, rows.Rows, 0, a.n))
	}
	return s, nil
}

// krylov is the state of the method after some steps.
type krylov struct {
	a operator
	q rows // Q
	// block is where the last block of rows starts, before where the one before it does.
	before, block int
	t             band          // T
	size          float64       // of A: the largest element of T's diagonal
	x, y          linalg.Bundle // the last block, and its product with A
	dots          []float32     // of rows and y
	z             []float32     // a direction, not yet of unit length
	weights       []float32     // of rows in z
	tmp           []float32
	rng           *rand.Rand
}

func newKrylov(a operator, seed uint64) *krylov {
	q := newRows(a.n)
	return &krylov{a: a, q: q, x: linalg.NewBundle(a.n), y: linalg.NewBundle(a.n),
		z: make([]float32, q.stride), tmp: make([]float32, q.stride), rng: rand.New(rand.NewPCG(seed, 0x5e1f))}
}

// start makes a block of random rows.
func (l *krylov) start() {
	for range min(width, l.a.n) {
		l.addRandom()
	}
}

// step multiplies the last block of rows by a. It leaves in y what is orthogonal to all rows.
func (l *krylov) step() {
	m := l.q.n
	clear(l.x.Data)
	for i := l.block; i < m; i++ {
		l.x.Set(i-l.block, l.q.row(i))
	}
	l.a.times(l.x, l.y)
	// In exact arithmetic y has nothing of the rows before the last two blocks. Those two are
	// subtracted first; what rounding has left of all rows is then small, and one more
	// subtraction takes it away.
	for _, from := range []int{l.before, 0} {
		l.dots = reuse.Slice(l.dots, (m-from)*width)
		for at, rows := range l.q.from(from) {
			linalg.DotBundle(rows, l.y, l.dots[(at-from)*width:][:rows.Rows*width])
		}
		for at, rows := range l.q.from(from) {
			linalg.SubtractBundle(rows, l.dots[(at-from)*width:][:rows.Rows*width], l.y)
		}
		own := l.dots[(l.block-from)*width:]
		for i := range m - l.block {
			for j := range i + 1 {
				*l.t.at(l.block+i, l.block+j) += float64(own[i*width+j]+own[j*width+i]) / 2
			}
			l.size = max(l.size, math.Abs(l.t[l.block+i][0]))
		}
	}
}

// next makes y a new block of rows of q. Where nothing new is left of y the rows are random.
func (l *krylov) next() {
	m := l.q.n
	for old := l.block; old < m; old++ {
		l.y.Get(old-l.block, l.z[:l.a.n])
		rest := length(l.z)
		for from := m; ; from = 0 {
			was := rest
			for i, w := range l.orthogonalize(from)[m-from:] {
				*l.t.at(m+i, old) += float64(w)
			}
			// Where little is left, much of it is rounding.
			if rest = length(l.z); !(rest <= cancelled*was && rest > breakdown*l.size) {
				break
			}
		}
		switch {
		case l.q.n == l.a.n: // there is no other direction
		case rest > breakdown*l.size:
			l.add(rest)
			*l.t.at(l.q.n-1, old) = rest
		default:
			l.addRandom()
		}
	}
	l.before, l.block = l.block, m
}

// orthogonalize makes z orthogonal to the rows of q from a number on, and returns what it has
// subtracted: z's products with these rows.
func (l *krylov) orthogonalize(from int) []float32 {
	l.weights = reuse.Slice(l.weights, l.q.n-from)
	for at, rows := range l.q.from(from) {
		linalg.DotRows(rowNumbers[:rows.Rows], l.z, rows.Data, rows.RowStride, l.weights[at-from:])
	}
	for at, rows := range l.q.from(from) {
		linalg.SubtractRows(rowNumbers[:rows.Rows], l.weights[at-from:], rows.Data, rows.RowStride, l.z, l.tmp)
	}
	return l.weights
}

// add makes z, scaled to length 1, the next row of q. length is that of z.
func (l *krylov) add(length float64) {
	row := l.q.grow()
	for i, v := range l.z {
		row[i] = float32(float64(v) / length)
	}
	l.t = append(l.t, [width + 1]float64{})
}

// addRandom makes the next row of q a random direction orthogonal to those before.
func (l *krylov) addRandom() {
	for i := range l.a.n {
		l.z[i] = float32(l.rng.NormFloat64())
	}
	for range 2 { // the first time leaves some rounding
		l.orthogonalize(0)
	}
	l.add(length(l.z))
}

func length(x []float32) float64 { return math.Sqrt(linalg.Dot(x, x)) }
