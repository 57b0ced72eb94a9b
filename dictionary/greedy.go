package dictionary

import (
	"github.com/sparse-manifold/smt/internal/linalg"
	"github.com/sparse-manifold/smt/internal/reuse"
)

// greedy keeps each candidate that is apart from all that it has kept.
type greedy struct {
	s     Sample
	n     int        // atoms wanted
	max   float32    // no two atoms have this cosine
	d     Dictionary // the atoms so far
	tried int        // candidates so far

	found       int // atoms that the last round added
	apartBefore int // candidates of the last round that were apart from the atoms before their chunk

	flip   []float32 // scratch
	cosine []float32
	rest   []float32
}

func newGreedy(s Sample, n int, maxCosine float64) *greedy {
	g := &greedy{s: s, n: n, max: float32(maxCosine)}
	g.d.Dim = s.Dim
	g.d.Atoms = make([]float32, 0, n*g.d.Dim)
	g.flip = make([]float32, g.d.Dim)
	return g
}

func (g *greedy) full() bool { return g.d.N() == g.n }

// take keeps what it can of the candidates, in order.
func (g *greedy) take(c linalg.Matrix) {
	old := g.d.N()
	c = g.symmetric(c)
	apart := g.apart(c)
	g.apartBefore += len(apart)
	for _, i := range apart {
		if g.full() {
			return
		}
		x := c.Row(i)
		if !g.apartFromNew(x, old) {
			continue
		}
		if g.s.Flip == nil {
			g.d.Atoms = append(g.d.Atoms, x...)
			continue
		}
		g.s.flipTo(x, g.flip)
		own := float32(linalg.Dot(x, g.flip)) >= g.max
		if g.n-g.d.N() == 1 && !own {
			// One place is left, none for the flip: only a symmetric atom fits.
			if g.symmetrize(x, g.flip); !g.apartFromNew(x, 0) {
				continue
			}
			own = true
		}
		a := uint16(g.d.N())
		g.d.Atoms = append(g.d.Atoms, x...)
		if own {
			g.d.Mirror = append(g.d.Mirror, a)
		} else {
			g.d.Atoms = append(g.d.Atoms, g.flip...)
			g.d.Mirror = append(g.d.Mirror, a+1, a)
		}
	}
}

// symmetric is a copy of the candidates, in which those too close to their own flips are made symmetric.
func (g *greedy) symmetric(c linalg.Matrix) linalg.Matrix {
	s := linalg.New(c.Rows, c.Cols)
	copy(s.Data, c.Data)
	if g.s.Flip == nil {
		return s
	}
	for i := range s.Rows {
		g.s.flipTo(s.Row(i), g.flip)
		if float32(linalg.Dot(s.Row(i), g.flip)) >= g.max {
			g.symmetrize(s.Row(i), g.flip)
		}
	}
	return s
}

// symmetrize makes x the unit vector along x + flip, which is exactly its own flip.
func (g *greedy) symmetrize(x, flip []float32) {
	for k := range x {
		flip[k] += x[k]
	}
	copy(x, flip)
	scaleToUnit(x)
}

// atomBlock is the number of atoms that candidates are compared with at a time.
const atomBlock = 512

// apart lists the candidates that are apart from all atoms. A candidate too near to one atom is compared
// with no other: the first atoms, of the most frequent kinds of units, settle most candidates.
func (g *greedy) apart(c linalg.Matrix) []int {
	rows := make([]int, c.Rows)
	for i := range rows {
		rows[i] = i
	}
	dim := g.d.Dim
	x := c
	for first := 0; first < g.d.N() && len(rows) > 0; first += atomBlock {
		atoms := linalg.Wrap(min(atomBlock, g.d.N()-first), dim, g.d.Atoms[first*dim:])
		g.cosine = reuse.Zeros(g.cosine, x.Rows*atoms.Rows)
		cos := linalg.Wrap(x.Rows, atoms.Rows, g.cosine)
		linalg.AddMul(cos, 1, x, atoms.T())
		g.rest = reuse.Slice(g.rest, c.Rows*dim)
		n := 0
		for i, row := range rows {
			if g.below(cos.Row(i)) {
				copy(g.rest[n*dim:(n+1)*dim], x.Row(i)) // n ≤ i: x may be g.rest itself
				rows[n] = row
				n++
			}
		}
		rows, x = rows[:n], linalg.Wrap(n, dim, g.rest)
	}
	return rows
}

// below reports whether all cosines are small enough.
func (g *greedy) below(cos []float32) bool {
	for _, v := range cos {
		if v >= g.max {
			return false
		}
	}
	return true
}

// apartFromNew reports whether x is apart from the atoms from a number on.
func (g *greedy) apartFromNew(x []float32, from int) bool {
	for a := from; a < g.d.N(); a++ {
		if float32(linalg.Dot(x, g.d.Atoms[a*g.d.Dim:(a+1)*g.d.Dim])) >= g.max {
			return false
		}
	}
	return true
}
