package probe

import (
	"github.com/sparse-manifold/smt/internal/linalg"
	"github.com/sparse-manifold/smt/internal/parallel"
)

// vectorPiece is the number of values of a vector that a piece of work takes.
const vectorPiece = 1 << 15

func vectorPieces(n int, f func(piece, first, end int)) {
	parallel.For((n+vectorPiece-1)/vectorPiece, func(_, p int) { f(p, p*vectorPiece, min(n, (p+1)*vectorPiece)) })
}

// dot is the product of x and y, in float64.
func dot(x, y []float32) (sum float64) {
	parts := make([]float64, (len(x)+vectorPiece-1)/vectorPiece)
	vectorPieces(len(x), func(p, first, end int) { parts[p] = linalg.Dot(x[first:end], y[first:end]) })
	for _, v := range parts {
		sum += v
	}
	return sum
}

// add adds a·x to y.
func add(y []float32, a float64, x []float32) {
	vectorPieces(len(y), func(_, first, end int) {
		to := y[first:end]
		for i, v := range x[first:end] {
			to[i] = float32(float64(to[i]) + a*float64(v))
		}
	})
}
