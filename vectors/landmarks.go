package vectors

import (
	"context"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/sparse-manifold/smt/internal/parallel"
	"github.com/sparse-manifold/smt/source/vector"
	"github.com/sparse-manifold/smt/sparse"
)

// mostLandmarks is the number of atoms whose distances are kept.
const mostLandmarks = 1024

// landmarks are the first atoms, with the ways between them.
type landmarks struct {
	codes    *sparse.Codes // of all atoms
	weights  []float64     // the part of the points in the cell of each landmark
	products *mat.Dense    // B: see straightener
}

func newLandmarks(ctx context.Context, atoms *vector.AtomGraph, coder *vector.Coder) (*landmarks, error) {
	codes, err := coder.Encode(ctx, atoms.Points)
	if err != nil {
		return nil, err
	}
	n := min(atoms.Points.N(), mostLandmarks)
	l := &landmarks{codes: codes, weights: make([]float64, n)}
	all := 0.0
	for a := range n {
		l.weights[a] = float64(atoms.Used[a])
		all += l.weights[a]
	}
	for a := range n {
		l.weights[a] /= all
	}
	l.products, err = landmarkSquares(ctx, atoms, n)
	if err != nil {
		return nil, err
	}
	centre(l.products, l.weights)
	return l, nil
}

// landmarkSquares are the squares of the shortest ways between the first n atoms. Those of
// atoms without points, which weigh nothing, are taken for half as long again as the longest.
func landmarkSquares(ctx context.Context, atoms *vector.AtomGraph, n int) (*mat.Dense, error) {
	squares := mat.NewDense(n, n, nil)
	longest := make([]float64, n)
	err := parallel.ForErr(ctx, n, func(_, a int) error {
		for b, d := range atoms.Distances(a)[:n] {
			squares.Set(a, b, d*d)
			if !math.IsInf(d, 1) {
				longest[a] = max(longest[a], d)
			}
		}
		return nil
	})
	most := 0.0
	for _, d := range longest {
		most = max(most, d)
	}
	for a := range n {
		for b := range n {
			if math.IsInf(squares.At(a, b), 1) {
				squares.Set(a, b, 2.25*most*most)
			}
		}
	}
	return squares, err
}

// centre makes −½ H D² Hᵀ of D².
func centre(squares *mat.Dense, weights []float64) {
	n := len(weights)
	rows, all := make([]float64, n), 0.0
	for a := range n {
		for b, w := range weights {
			rows[a] += w * squares.At(a, b)
		}
		all += weights[a] * rows[a]
	}
	for a := range n {
		for b := range n {
			squares.Set(a, b, -(squares.At(a, b)-rows[a]-rows[b]+all)/2)
		}
	}
}
