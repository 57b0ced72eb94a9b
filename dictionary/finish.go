package dictionary

import (
	"github.com/sparse-manifold/smt/sparse"
)

// finish rounds the atoms and puts them in the order that sparse codes fastest:
// eight of as many pairs of flips, then their eight flips, and so on; at the end
// fewer than eight pairs and the atoms that are their own flips.
func (d *Dictionary) finish(flip []int) *Dictionary {
	if d.Mirror == nil {
		sparse.Round(d.Atoms, d.Dim, nil)
		return d
	}
	sparse.Round(d.Atoms, d.Dim, flip)
	var pairs, alone []int
	for a, m := range d.Mirror {
		switch {
		case a < int(m):
			pairs = append(pairs, a)
		case a == int(m):
			alone = append(alone, a)
		}
	}
	var order []int
	flips := func(pairs []int) {
		order = append(order, pairs...)
		for _, a := range pairs {
			order = append(order, int(d.Mirror[a]))
		}
	}
	for ; len(pairs) > 8; pairs = pairs[8:] {
		flips(pairs[:8])
	}
	flips(pairs)
	order = append(order, alone...)

	place := make([]uint16, d.N()) // new number of each atom
	for i, a := range order {
		place[a] = uint16(i)
	}
	out := &Dictionary{Dim: d.Dim, Mirror: make([]uint16, d.N())}
	for i, a := range order {
		out.Atoms = append(out.Atoms, d.Atoms[a*d.Dim:(a+1)*d.Dim]...)
		out.Mirror[i] = place[d.Mirror[a]]
	}
	return out
}
