package dictionary

import (
	"github.com/sparse-manifold/smt/sparse"
)

// finish rounds the atoms and puts them in the order that sparse codes fastest: eight atoms, then the
// eight atoms that are their flips, and so on. What is left of less than eight pairs follows, and last
// the atoms that are their own flips.
func (d *Dictionary) finish(flip []int) *Dictionary {
	if d.Mirror == nil {
		sparse.Round(d.Atoms, d.Dim, nil)
		return d
	}
	sparse.Round(d.Atoms, d.Dim, flip)
	var pairs, symmetric []int
	for a, m := range d.Mirror {
		switch {
		case a < int(m):
			pairs = append(pairs, a)
		case a == int(m):
			symmetric = append(symmetric, a)
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
	order = append(order, symmetric...)

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
