package sparse

import (
	"fmt"
	"math"
	"slices"

	"github.com/sparse-manifold/smt/internal/reuse"
	"github.com/sparse-manifold/smt/internal/simd"
)

// LeastL1 is the least λ of L1 codes of unit vectors: from λ Σα ≤ ½ follow values of at most 50,
// which 16 bits hold in units of 1/SoftUnit.
const LeastL1 = 0.01

// violation is by how much an atom's product with the residual may exceed λ in a code that is
// done. Residuals are rounded to float32, which changes products by a tenth of that.
const violation = 1e-6

// Weights are codes as Codes are, with values that are not rounded.
type Weights struct {
	Start []int32
	Atom  []uint16
	Value []float32
}

// N is the number of units.
func (w *Weights) N() int { return len(w.Start) - 1 }

// Solve writes to out the L1 codes of p, for each unit the atoms of positive value in increasing
// order: the α ≥ 0 with the least ½‖x − Aα‖² + λ Σα. They are the same on every tier. The error is
// that the coder is of another kind, or that there are too many active atoms.
func (c *Coder) Solve(p *Vectors, s *Scratch, out *Weights) error {
	if c.kind != L1 {
		return fmt.Errorf("sparse: weights of code %q: want %q", c.kind, L1)
	}
	out.Start, out.Atom, out.Value = append(out.Start[:0], 0), out.Atom[:0], out.Value[:0]
	return c.l1(p, s, func(atoms []uint16, values []float64) error {
		out.Atom = append(out.Atom, atoms...)
		for _, v := range values {
			out.Value = append(out.Value, float32(v))
		}
		if err := fits(len(out.Atom)); err != nil {
			return err
		}
		out.Start = append(out.Start, int32(len(out.Atom)))
		return nil
	})
}

// appendL1 adds the L1 codes of p to out, in units of 1/SoftUnit. Values that round to zero are not
// active.
func (c *Coder) appendL1(p *Vectors, s *Scratch, out *Codes) error {
	return c.l1(p, s, func(atoms []uint16, values []float64) error {
		for k, v := range values {
			if n := uint16(float64(v*SoftUnit) + 0.5); n > 0 {
				out.Atom, out.Value = append(out.Atom, atoms[k]), append(out.Value, n)
			}
		}
		if err := fits(len(out.Atom)); err != nil {
			return err
		}
		out.closeRow()
		return nil
	})
}

// l1Rows is the number of units whose codes grow at a time: they are searched for together.
const l1Rows = 4 * simd.Rows

// growing is the code of a unit that is not done.
type growing struct {
	unit    int
	support support
	descent float64 // before the last atoms joined
}

// l1Scratch is the working memory of l1.
type l1Scratch struct {
	live      []*growing
	spare     []*growing
	residuals []float32 // of the live ones
	found     []uint16
	products  []float64
	order     []int
	// Codes that are done, in the order in which they were, and where each unit's are.
	atoms  []uint16
	values []float64
	spans  [][2]int
}

// l1 calls emit with the atoms and values of every unit, in order; a blank one has none.
//
// A code grows from nothing. The atoms whose product with the residual x − Aα exceeds λ are those
// that would make the objective smaller: the searcher finds them as it finds atoms of which x is
// the unit. The best of them join the support, whose values are then settled, until none is left.
// These are the conditions of the minimum (Karush, Kuhn and Tucker): a·(x − Aα) = λ on the support,
// at most λ elsewhere.
func (c *Coder) l1(p *Vectors, s *Scratch, emit func(atoms []uint16, values []float64) error) error {
	w, t := &s.l1, c.table
	w.atoms, w.values = w.atoms[:0], w.values[:0]
	w.spans = reuse.Zeros(w.spans, p.N)
	w.residuals = reuse.Slice(w.residuals, l1Rows*t.stride)
	clear(w.residuals)
	for next := 0; ; {
		for ; next < p.N && len(w.live) < l1Rows; next++ {
			if !p.Blank[next] {
				copy(w.residuals[len(w.live)*t.stride:], p.X[next*p.Stride:][:t.stride])
				w.begin(next)
			}
		}
		if len(w.live) == 0 {
			break
		}
		s.search.run(t, w.residuals, len(w.live), c.threshold+violation)
		kept := 0
		for i, g := range w.live {
			s.search.ignore(t, i, g.support.atoms)
			w.found = s.search.active(t, i, w.found[:0])
			r := w.residuals[i*t.stride:][:t.stride]
			x := p.X[g.unit*p.Stride:][:t.stride]
			if !w.grow(c, g, x, r) {
				w.finish(g)
				continue
			}
			// The residual x − Aα, where the next search finds it.
			s := &g.support
			simd.SubtractDoubles(s.atoms, s.value, t.rows, t.stride, x, w.residuals[kept*t.stride:][:t.stride])
			w.live[kept] = g
			kept++
		}
		w.live = w.live[:kept]
	}
	for _, span := range w.spans {
		if err := emit(w.atoms[span[0]:span[1]], w.values[span[0]:span[1]]); err != nil {
			return err
		}
	}
	return nil
}

func (w *l1Scratch) begin(unit int) {
	g := new(growing)
	if n := len(w.spare); n > 0 {
		g, w.spare = w.spare[n-1], w.spare[:n-1]
	}
	g.unit, g.descent = unit, 0
	g.support.reset()
	w.live = append(w.live, g)
}

// joining is the most atoms that join a support at a time. More of them are found in fewer
// searches, and more of them leave again.
const joining = 8

// grow lets the best of the atoms found join the code of unit x, whose residual is r. It reports
// whether the code has changed; if not, it is done.
func (w *l1Scratch) grow(c *Coder, g *growing, x, r []float32) bool {
	s, t := &g.support, c.table
	if len(w.found) == 0 {
		return false
	}
	w.products, w.order = t.products(r, w.found, w.products[:0]), w.order[:0]
	for k := range w.found {
		w.order = append(w.order, k)
	}
	half := (c.threshold + slices.Max(w.products)) / 2
	w.order = slices.DeleteFunc(w.order, func(k int) bool { return w.products[k] < half })
	slices.SortFunc(w.order, func(a, b int) int {
		switch {
		case w.products[a] > w.products[b]:
			return -1
		case w.products[a] < w.products[b]:
			return 1
		}
		return a - b
	})
	for i, k := range w.order[:min(joining, len(w.order))] {
		atom := w.found[k]
		if s.join(t, x, c.threshold, atom) || i > 0 {
			continue
		}
		amount := s.exchange()
		if math.IsInf(amount, 1) || !s.join(t, x, c.threshold, atom) {
			return false
		}
		s.value[len(s.value)-1] = amount
	}
	s.settle()
	before := g.descent
	g.descent = s.descent()
	return g.descent > before
}

// finish keeps the code of a unit, by increasing atoms.
func (w *l1Scratch) finish(g *growing) {
	s := &g.support
	at := len(w.atoms)
	w.order = w.order[:0]
	for k := range s.atoms {
		w.order = append(w.order, k)
	}
	slices.SortFunc(w.order, func(a, b int) int { return int(s.atoms[a]) - int(s.atoms[b]) })
	for _, k := range w.order {
		w.atoms, w.values = append(w.atoms, s.atoms[k]), append(w.values, s.value[k])
	}
	w.spans[g.unit] = [2]int{at, len(w.atoms)}
	w.spare = append(w.spare, g)
}

// L1Objective is the mean over the units of p that are not blank of ½‖x − Aα‖² + λ Σα, for codes
// by a coder of kind L1.
func (c *Coder) L1Objective(p *Vectors, codes *Weights) (mean float64) {
	t, n := c.table, 0
	r := make([]float64, t.dim)
	for i := range p.N {
		if p.Blank[i] {
			continue
		}
		n++
		for k, v := range p.X[i*p.Stride:][:t.dim] {
			r[k] = float64(v)
		}
		for e := codes.Start[i]; e < codes.Start[i+1]; e++ {
			v := float64(codes.Value[e])
			for k, y := range t.atom(codes.Atom[e]) {
				r[k] -= v * float64(y)
			}
			mean += c.threshold * v
		}
		mean += product64(r, r) / 2
	}
	return mean / float64(max(1, n))
}

// Signed is the atoms of an L1 code whose values have a sign: the atoms, then their negatives. Of
// the two the minimum has one at most, and the value is the first one's less the second one's.
func Signed(atoms []float32) []float32 {
	both := slices.Grow(slices.Clone(atoms), len(atoms))
	for _, v := range atoms {
		both = append(both, -v)
	}
	return both
}
