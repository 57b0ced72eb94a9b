package cooccur

import (
	"github.com/sparse-manifold/smt/internal/parallel"
	"github.com/sparse-manifold/smt/internal/reuse"
	"github.com/sparse-manifold/smt/internal/simd"
	"github.com/sparse-manifold/smt/sparse"
)

// part is the codes of some units by atom.
type part struct {
	numbers []uint16 // the atoms of all units, one unit after the other
	from    []uint32 // the places of atom a are by[from[a]:from[a+1]]
	by      []simd.Span
	heads   [][]uint32
}

// gather takes the codes of groups. An atom's places are spans: of the units
// that have it, the atoms below ends[a].
func (p *part) gather(x []*sparse.Codes, ends []int) {
	atoms := len(ends)
	base := make([]uint32, len(x)+1)
	for i, c := range x {
		base[i+1] = base[i] + uint32(len(c.Atom))
	}
	total := int(base[len(x)])
	p.numbers = reuse.Slice(p.numbers, total)
	p.by = reuse.Slice(p.by, total+simd.CountAhead)[:total]
	p.from = reuse.Slice(p.from, atoms+1)
	// A few pieces of the groups, each with its own places in every atom's list.
	const pieces = 4
	if p.heads == nil {
		p.heads = make([][]uint32, pieces)
	}
	parallel.For(pieces, func(_, k int) {
		p.heads[k] = reuse.Slice(p.heads[k], atoms)
		clear(p.heads[k])
		for i := k * len(x) / pieces; i < (k+1)*len(x)/pieces; i++ {
			copy(p.numbers[base[i]:], x[i].Atom)
			for _, a := range x[i].Atom {
				p.heads[k][a]++
			}
		}
	})
	at := uint32(0)
	for a := range atoms {
		p.from[a] = at
		for _, head := range p.heads {
			n := head[a]
			head[a] = at
			at += n
		}
	}
	p.from[atoms] = at
	parallel.For(pieces, func(_, k int) {
		head := p.heads[k]
		for i := k * len(x) / pieces; i < (k+1)*len(x)/pieces; i++ {
			start := x[i].Start
			for j := range x[i].N() {
				first, last := base[i]+uint32(start[j]), base[i]+uint32(start[j+1])
				cut := first
				for e := first; e < last; e++ {
					a := p.numbers[e]
					for cut < last && int(p.numbers[cut]) < ends[a] {
						cut++
					}
					p.by[head[a]] = simd.Span{Start: first, End: cut}
					head[a]++
				}
			}
		}
	})
}

// most is the largest number of units that have the same atom.
func (p *part) most() int {
	most := 0
	for a, from := range p.from[:len(p.from)-1] {
		most = max(most, int(p.from[a+1]-from))
	}
	return most
}

// count writes how often the atoms below ends[a], and no others, occur with a.
func (p *part) count(a int, ends []int, counts *[sparse.MaxAtoms]uint16) {
	clear(counts[:ends[a]])
	simd.Count(p.by[p.from[a]:p.from[a+1]], p.numbers, counts)
}
