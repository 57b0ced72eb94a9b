package dictionary

import (
	"github.com/sparse-manifold/smt/internal/linalg"
)

// updateBlock is the number of atoms whose gradients are computed by one product of matrices.
const updateBlock = 32

// unused is the square of an atom's values, summed as codes are, below which hardly a unit uses it.
const unused = 1e-6

// update makes each atom in turn the best one given the others, of length 1 (Mairal et al., algorithm
// 2): with C = Σααᵀ and U = Σαxᵀ, atom j becomes a_j + (U_j − C_jA)/C_jj, scaled. An atom that no unit
// uses becomes one of the units of the batch, which have the given numbers.
//
// Gradients U_j − C_jA are computed for a block of atoms at a time, and then kept up to date within it.
func (o *online) update(which []int) {
	n, dim := o.atoms.Rows, o.atoms.Cols
	gradient := linalg.New(updateBlock, dim)
	change := make([]float32, dim)
	for first := 0; first < n; first += updateBlock {
		last := min(first+updateBlock, n)
		g := gradient.Block(0, last-first, 0, dim)
		for j := first; j < last; j++ {
			copy(g.Row(j-first), o.units.Row(j))
		}
		linalg.AddMul(g, -1, o.codes.Block(first, last, 0, n), o.atoms)
		for j := first; j < last; j++ {
			atom := o.atoms.Row(j)
			copy(change, atom)
			if own := o.codes.At(j, j); own > unused {
				for k, v := range g.Row(j - first) {
					atom[k] += v / own
				}
			}
			if own := o.codes.At(j, j); own <= unused || !scaleToUnit(atom) {
				o.replace(j, which)
			}
			for k, v := range atom {
				change[k] = v - change[k]
			}
			for l := j + 1; l < last; l++ {
				weight, row := o.codes.At(l, j), g.Row(l-first)
				for k, v := range change {
					row[k] -= weight * v
				}
			}
		}
	}
}

// replace makes atom j a unit of the batch, and forgets what was remembered of it.
func (o *online) replace(j int, which []int) {
	copy(o.atoms.Row(j), o.x.Row(which[o.spares%len(which)]))
	o.spares++
	clear(o.codes.Row(j))
	for i := range o.codes.Rows {
		o.codes.Row(i)[j] = 0
	}
	clear(o.units.Row(j))
}
