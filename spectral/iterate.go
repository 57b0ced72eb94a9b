package spectral

import (
	"context"
	"math"
	"math/rand/v2"

	"github.com/sparse-manifold/smt/internal/linalg"
)

const (
	maxDegree = 10   // of the Chebyshev filter
	firstGain = 500  // of the first filter: more than κ ≈ 10³ in a block of float32 vectors cannot be undone
	maxGain   = 1e5  // of later ones, whose vectors are close to eigenvectors and hardly mix
	maxRounds = 40   // filter rounds
	tolerance = 1e-4 // change of the sum of eigenvalues, relative to its distance from the top, at which rounds stop
)

// iterate is Chebyshev-filtered subspace iteration (Zhou, Saad, Tiago and
// Chelikowsky 2006): a polynomial in A, small on the unwanted end of the
// spectrum, is applied to a block of vectors, then the block is made
// orthonormal and rotated to its Ritz vectors.
func iterate(ctx context.Context, a linalg.Matrix, k int, seed uint64) (*Solution, error) {
	n := a.Rows
	m := min(n, k+max(32, k/4))
	rng := rand.New(rand.NewPCG(seed, 0x5e1f))
	x := linalg.New(n, m)
	for i := range x.Data {
		x.Data[i] = float32(rng.NormFloat64())
	}
	top := largest(a, rng)
	values, err := rayleighRitz(a, &x)
	if err != nil {
		return nil, err
	}
	old := math.Inf(1)
	for round := range maxRounds {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if top-values[m-1] <= 1e-7*math.Abs(top) {
			break // a flat spectrum: every vector is as good
		}
		gain := min(maxGain, firstGain*math.Pow(10, float64(round)))
		x = filter(a, x, values[0], values[m-1], top, gain)
		if values, err = rayleighRitz(a, &x); err != nil {
			return nil, err
		}
		sum := 0.0
		for _, v := range values[:k] {
			sum += v
		}
		if math.Abs(old-sum) <= tolerance*(float64(k)*top-sum) {
			break
		}
		old = sum
	}
	return &Solution{Values: values[:k], Vectors: transposed(x.Block(0, n, 0, k))}, nil
}

// filter applies the Chebyshev polynomial of the interval [low, top], scaled
// to about 1 at bottom, the lowest eigenvalue, and of a degree that lets bottom
// outgrow the interval by no more than gain.
func filter(a, x linalg.Matrix, bottom, low, top, gain float64) linalg.Matrix {
	e, c := (top-low)/2, (top+low)/2
	sigma := e / (bottom - c)
	tau := 2 / sigma
	degree := min(maxDegree, max(1, int(math.Acosh(gain)/math.Acosh(max(1+1e-9, -1/sigma)))))
	next := func(x, previous linalg.Matrix, scale, back float64) linalg.Matrix {
		// scale·(A − c)x − back·previous
		y := linalg.New(x.Rows, x.Cols)
		for i, v := range x.Data {
			y.Data[i] = float32(-scale * c * float64(v))
			if back != 0 {
				y.Data[i] -= float32(back) * previous.Data[i]
			}
		}
		linalg.AddMul(y, float32(scale), a, x)
		return y
	}
	y := next(x, x, sigma/e, 0)
	for range degree - 1 {
		s := 1 / (tau - sigma)
		x, y = y, next(y, x, 2*s/e, sigma*s)
		sigma = s
	}
	return y
}

// rayleighRitz makes the columns of x orthonormal Ritz vectors of a and returns
// their Ritz values, smallest first.
func rayleighRitz(a linalg.Matrix, x *linalg.Matrix) ([]float64, error) {
	if err := orthonormalize(x); err != nil {
		return nil, err
	}
	ax := linalg.New(x.Rows, x.Cols)
	linalg.AddMul(ax, 1, a, *x)
	h := linalg.New(x.Cols, x.Cols)
	linalg.AddMul(h, 1, x.T(), ax)
	values, u, err := eigen(h)
	if err != nil {
		return nil, err
	}
	rotated := linalg.New(x.Rows, x.Cols)
	linalg.AddMul(rotated, 1, *x, float32s(u))
	*x = rotated
	return values, nil
}
