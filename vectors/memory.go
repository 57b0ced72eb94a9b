package vectors

import (
	"cmp"

	"github.com/sparse-manifold/smt/internal/memory"
	"github.com/sparse-manifold/smt/source/vector"
)

// Memory is about what a fit to points takes, in bytes, with the points themselves.
func Memory(points *vector.Points, c Config) int64 {
	n, dim := float64(points.N()), float64(points.Dim)
	atoms := float64(cmp.Or(c.Atoms, DefaultAtoms))
	const (
		pair       = 16 + 4*4  // two sums of 64 bits, and matrices of the solver
		neighbour  = 2*4 + 3*4 // index, a copy that is kept, and the lists of the graph, twice as long
		activeAtom = 16 + 4    // nearest atoms, and the code
	)
	each := 3*4*dim + neighbour*float64(c.Neighbours) + activeAtom*float64(cmp.Or(c.Active, DefaultActive)+1) + 64
	return memory.Estimate(n*each + atoms*atoms*pair + 2*4*atoms*dim)
}
