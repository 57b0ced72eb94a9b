package sparse

import (
	"fmt"
	"math"
	"slices"

	"github.com/sparse-manifold/smt/internal/plural"
)

// MaxAtoms bounds a dictionary: atoms are numbered by uint16.
const MaxAtoms = 1 << 16

// Coder codes units against one dictionary. It is immutable. Every worker brings a Scratch of
// its own.
type Coder struct {
	kind      Kind
	threshold float64
	table     *table
}

// NewCoder returns a coder for atoms, n × dim unit vectors. flip, if not nil, says where each
// value of a unit is in the unit's left-right flip. Coding is faster where atom a^8 is the flip
// of atom a, from the first atom on, and where atoms are rounded by Round.
func NewCoder(kind Kind, threshold float64, atoms []float32, dim int, flip []int) (*Coder, error) {
	if !slices.Contains(Kinds(), kind) {
		return nil, fmt.Errorf("sparse: code %q: want one of %q", kind, Kinds())
	}
	if err := kind.takes(threshold); err != nil {
		return nil, err
	}
	if dim <= 0 || len(atoms) == 0 || len(atoms)%dim != 0 || len(atoms)/dim > MaxAtoms {
		return nil, fmt.Errorf("sparse: atoms are %s: want 1 to %d atoms of %s", plural.Of(len(atoms), "value"), MaxAtoms, plural.Of(dim, "value"))
	}
	if flip != nil && len(flip) != dim {
		return nil, fmt.Errorf("sparse: a flip of %s for atoms of %d", plural.Of(len(flip), "value"), dim)
	}
	return &Coder{kind, threshold, newTable(atoms, dim, flip)}, nil
}

// takes reports a threshold that a code of the kind cannot have.
func (k Kind) takes(threshold float64) error {
	if k != Nearest && !(threshold > 0 && threshold < 1) {
		return fmt.Errorf("sparse: threshold %g: want a cosine between 0 and 1", threshold)
	}
	if k == L1 && threshold < LeastL1 {
		return fmt.Errorf("sparse: threshold %g of an L1 code: want at least %g", threshold, LeastL1)
	}
	return nil
}

// At is the coder of the same kind and atoms with another threshold. The two share what was prepared of
// the atoms.
func (c *Coder) At(threshold float64) (*Coder, error) {
	if err := c.kind.takes(threshold); err != nil {
		return nil, err
	}
	return &Coder{c.kind, threshold, c.table}, nil
}

// Stride is the distance between units that Encode expects.
func (c *Coder) Stride() int { return c.table.stride }

// Scratch is the working memory of one worker.
type Scratch struct {
	search searcher
	rest   []int     // units still without a nearest atom
	rows   []float32 // their vectors, a block at a time
	best   []uint16  // the nearest atom of each unit
	dots   []float32
	old    Codes // the codes before nearest atoms are inserted
	l1     l1Scratch
}

// Encode writes the codes of p to out. A blank unit has no active atom. A unit whose cosines
// all stay below the threshold has none either; with fill it has its nearest atom, at value 1.
// Statistics leave such units out, an embedding must put them somewhere. The error is that
// there are more active atoms than 32 bits number; out is then not to be used.
func (c *Coder) Encode(p *Vectors, fill bool, s *Scratch, out *Codes) error {
	out.Reset()
	return c.Append(p, fill, s, out)
}

// Append is Encode for more units of a group: it adds their codes to out.
func (c *Coder) Append(p *Vectors, fill bool, s *Scratch, out *Codes) error {
	first := out.N()
	if c.kind == Nearest {
		c.nearest(p, nil, s)
		for i := range p.N {
			if !p.Blank[i] {
				out.Atom = append(out.Atom, s.best[i])
			}
			out.closeRow()
		}
		return fits(len(out.Atom))
	}
	if c.kind == L1 {
		if err := c.appendL1(p, s, out); err != nil {
			return err
		}
		if fill {
			c.fill(p, first, s, out)
		}
		return fits(len(out.Atom))
	}
	level := c.threshold
	if c.kind == Soft {
		level += 0.5 / SoftUnit // values that round to zero are not active
	}
	for i := range p.N {
		if i%blockRows == 0 {
			s.search.run(c.table, p.X[i*p.Stride:], min(blockRows, p.N-i), level)
		}
		if !p.Blank[i] {
			row := len(out.Atom)
			out.Atom = s.search.active(c.table, i%blockRows, out.Atom)
			if c.kind == Soft {
				out.Value = c.softValues(p.X[i*p.Stride:][:c.table.stride], out.Atom[row:], out.Value, s)
			}
		}
		if err := fits(len(out.Atom)); err != nil {
			return err
		}
		out.closeRow()
	}
	if fill {
		c.fill(p, first, s, out)
	}
	return fits(len(out.Atom))
}

// softValues appends the values of the atoms of unit x. They are rounded from cosines in
// float32. Where the error of such a cosine may change the rounding, it is computed in float64.
func (c *Coder) softValues(x []float32, atoms, values []uint16, s *Scratch) []uint16 {
	value := func(cosine float64) float64 { return (cosine-c.threshold)*SoftUnit + 0.5 }
	for k, d := range s.dotRows(c.table, x, atoms) {
		low, high := value(float64(d-c.table.rounding)), value(float64(d+c.table.rounding))
		if math.Floor(low) != math.Floor(high) {
			high = value(c.table.dot(x, atoms[k]))
		}
		values = append(values, uint16(max(1, high)))
	}
	return values
}
