package sparse

import (
	"github.com/sparse-manifold/smt/internal/reuse"
)

// fill inserts the nearest atom of every unit that has no atom and is not blank. Unit i of p is
// row first + i of out.
func (c *Coder) fill(p *Vectors, first int, s *Scratch, out *Codes) {
	s.rest = s.rest[:0]
	for i := range p.N {
		if !p.Blank[i] && out.Start[first+i] == out.Start[first+i+1] {
			s.rest = append(s.rest, i)
		}
	}
	if len(s.rest) == 0 {
		return
	}
	missing := append([]int(nil), s.rest...)
	c.nearest(p, missing, s)
	soft := c.kind.Valued()
	at, old := out.Start[first], &s.old
	old.Reset()
	for _, start := range out.Start[first+1:] {
		old.Start = append(old.Start, start-at)
	}
	old.Atom = append(old.Atom, out.Atom[at:]...)
	if soft {
		old.Value = append(old.Value, out.Value[at:]...)
		out.Value = out.Value[:at]
	}
	out.Start, out.Atom = out.Start[:first+1], out.Atom[:at]
	for i := range p.N {
		out.Atom = append(out.Atom, old.Row(i)...)
		if soft {
			out.Value = append(out.Value, old.Value[old.Start[i]:old.Start[i+1]]...)
		}
		if len(missing) > 0 && missing[0] == i {
			missing = missing[1:]
			out.Atom = append(out.Atom, s.best[i])
			if soft {
				out.Value = append(out.Value, SoftUnit)
			}
		}
		out.closeRow()
	}
}

// nearest writes to s.best[i] the atom with the largest cosine to unit i, the first of equal
// ones, for each of the units named; nil names all that are not blank. It searches at a level
// that falls until a unit has atoms above it: the nearest is one of these.
func (c *Coder) nearest(p *Vectors, which []int, s *Scratch) {
	s.best = reuse.Slice(s.best, p.N)
	if which == nil {
		s.rest = s.rest[:0]
		for i := range p.N {
			if !p.Blank[i] {
				s.rest = append(s.rest, i)
			}
		}
	} else {
		s.rest = append(s.rest[:0], which...)
	}
	level := 0.8
	if which != nil {
		level = c.threshold
	}
	var candidates []uint16
	for len(s.rest) > 0 {
		if level -= 0.1; level < 0.05 {
			level = -2 // every atom
		}
		kept := s.rest[:0]
		for k, i := range s.rest {
			if k%blockRows == 0 {
				block := s.rest[k:min(k+blockRows, len(s.rest))]
				s.rows = reuse.Slice(s.rows, WholeGroups(len(block))*p.Stride)
				for r, j := range block {
					copy(s.rows[r*p.Stride:(r+1)*p.Stride], p.X[j*p.Stride:])
				}
				s.search.run(c.table, s.rows, len(block), level)
			}
			candidates = s.search.active(c.table, k%blockRows, candidates[:0])
			if len(candidates) == 0 {
				kept = append(kept, i)
				continue
			}
			s.best[i] = c.argmax(p.X[i*p.Stride:][:c.table.stride], candidates, s)
		}
		s.rest = kept
	}
}

// argmax is the atom with the largest cosine. Atoms so near to the largest in float32 that
// rounding may have put them in the wrong order are compared in float64.
func (c *Coder) argmax(x []float32, atoms []uint16, s *Scratch) uint16 {
	dots := s.dotRows(c.table, x, atoms)
	top := dots[0]
	for _, d := range dots {
		top = max(top, d)
	}
	best, bestDot := atoms[0], -2.0
	for k, a := range atoms {
		if dots[k] < top-2*c.table.rounding {
			continue
		}
		if d := c.table.dot(x, a); d > bestDot {
			best, bestDot = a, d
		}
	}
	return best
}
