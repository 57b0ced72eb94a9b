package cooccur

import (
	"github.com/sparse-manifold/smt/internal/linalg"
	"github.com/sparse-manifold/smt/internal/pieces"
	"github.com/sparse-manifold/smt/internal/simd"
)

// Pieces are the pieces of the graph of atoms, in which those that co-occur are joined: near each
// other or, with slots, in one slot. V and L connect nothing between pieces, so that each is a Basis (BasisOf). An
// atom that co-occurs with no other is a piece. The largest comes first, of some as large that
// of the first atom; atoms are in increasing order.
func (s *Sparse) Pieces() [][]int32 {
	sets := pieces.NewSets(s.Atoms)
	left := make([]int32, s.Atoms) // of each atom one to its left, plus 1
	for a, row := range s.near {
		for _, b := range row.atoms {
			if !s.Context.Slots {
				sets.Join(int32(a), int32(b))
				continue
			}
			sets.Join(int32(row.atoms[0]), int32(b)) // the slot to the right of a
			if left[b] > 0 {
				sets.Join(left[b]-1, int32(a)) // the slot to the left of b
			}
			left[b] = int32(a) + 1
		}
	}
	return sets.Groups()
}

// on are the forms on the codes that b spans, some of all atoms.
func (l laplacian) on(b Basis) (v []float64, times func(x, y linalg.Bundle)) {
	for i := range b.Size() {
		v = append(v, l.v[b.Atom(i)])
	}
	return v, func(x, y linalg.Bundle) {
		n := len(l.v)
		part, whole := make([]float32, b.Size()), make([]float32, n)
		xs, ys := linalg.NewBundle(n), linalg.NewBundle(n)
		for k := range simd.Bundle {
			x.Get(k, part)
			b.Expand(part, whole)
			xs.Set(k, whole)
		}
		l.times(xs, ys)
		for k := range simd.Bundle {
			ys.Get(k, whole)
			b.restrict(whole, part)
			y.Set(k, part)
		}
	}
}
