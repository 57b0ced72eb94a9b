package dictionary

import (
	"context"

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
// An atom and its flip f change together. The objective in both is of curvature C_jj + |C_jf| at most, each;
// a step so much shorter cannot make it larger.
//
// Gradients U_j − C_jA are computed for a block of atoms at a time, and then kept up to date within it.
func (o *online) update(ctx context.Context, which []int) error {
	n, dim := o.atoms.Rows, o.atoms.Cols
	gradient, before := linalg.New(updateBlock, dim), linalg.New(o.each, dim)
	for first := 0; first < n; first += updateBlock {
		last := min(first+updateBlock, n)
		g := gradient.Block(0, last-first, 0, dim)
		for j := first; j < last; j++ {
			copy(g.Row(j-first), o.units.Row(j))
		}
		if err := linalg.AddMulUntil(ctx, g, -1, o.codes.Block(first, last, 0, n), o.atoms); err != nil {
			return err
		}
		for j := first; j < last; j += o.each {
			for k := range o.each {
				copy(before.Row(k), o.atoms.Row(j+k))
			}
			o.move(j, g.Row(j-first), which)
			for k := range o.each {
				for l := j + o.each; l < last; l++ {
					weight, row, old := o.codes.At(l, j+k), g.Row(l-first), before.Row(k)
					for i, v := range o.atoms.Row(j + k) {
						row[i] -= weight * (v - old[i])
					}
				}
			}
		}
	}
	return nil
}

// move makes atom j, and with it its flip, the best one, given its gradient.
func (o *online) move(j int, gradient []float32, which []int) {
	atom, curvature := o.atoms.Row(j), o.codes.At(j, j)
	used := curvature > unused
	if used {
		if o.each == 2 {
			beside := o.codes.At(j, j+1)
			curvature += max(beside, -beside)
		}
		for k, v := range gradient {
			atom[k] += v / curvature
		}
	}
	if !used || !scaleToUnit(atom) {
		o.replace(j, which)
	}
	o.mirror(j)
}

// replace makes atom j a unit of the batch, and forgets what was remembered of it and its flip.
func (o *online) replace(j int, which []int) {
	copy(o.atoms.Row(j), o.x.Row(which[o.spares%len(which)]))
	o.spares++
	for k := j; k < j+o.each; k++ {
		clear(o.codes.Row(k))
		for i := range o.codes.Rows {
			o.codes.Row(i)[k] = 0
		}
		clear(o.units.Row(k))
	}
}
