package vector

import (
	"context"
	"fmt"
	"slices"

	"github.com/sparse-manifold/smt/internal/parallel"
	"github.com/sparse-manifold/smt/sparse"
)

// Coder makes codes of points: values of their nearest atoms, which sum to 1 (doc.go, "The code").
type Coder struct {
	atoms  *Points
	active int
}

// NewCoder returns a coder with so many active atoms a point.
func NewCoder(atoms *Points, active int) (*Coder, error) {
	if active < 1 || active >= atoms.N() {
		return nil, fmt.Errorf("vector: %d active atoms of %d: want at least 1, and fewer than there are", active, atoms.N())
	}
	return &Coder{atoms, active}, nil
}

// Encode returns the codes of points.
func (c *Coder) Encode(ctx context.Context, p *Points) (*sparse.Codes, error) {
	codes, _, err := c.encode(ctx, p)
	return codes, err
}

// encode is Encode, with the active+1 nearest atoms of each point.
func (c *Coder) encode(ctx context.Context, p *Points) (*sparse.Codes, []near, error) {
	if p.Dim != c.atoms.Dim {
		return nil, nil, fmt.Errorf("vector: points of %d values, atoms of %d: want as many", p.Dim, c.atoms.Dim)
	}
	k := c.active + 1
	atoms, err := nearest(ctx, p, c.atoms, k)
	if err != nil {
		return nil, nil, err
	}
	n := p.N()
	rows := make([]row, n*c.active)
	lengths := make([]int, n)
	parallel.For(n, func(_, i int) {
		lengths[i] = len(values(atoms[i*k:(i+1)*k], rows[i*c.active:i*c.active:(i+1)*c.active]))
	})
	codes := &sparse.Codes{Start: make([]int32, 1, n+1), Atom: make([]uint16, 0, len(rows)), Value: make([]uint16, 0, len(rows))}
	for i, length := range lengths {
		for _, r := range rows[i*c.active:][:length] {
			codes.Atom, codes.Value = append(codes.Atom, r.atom), append(codes.Value, r.value)
		}
		codes.Start = append(codes.Start, int32(len(codes.Atom)))
	}
	return codes, atoms, nil
}

// row is an active atom and its value, in units of 1/SoftUnit.
type row struct{ atom, value uint16 }

// values appends the code of a point, given by its k+1 nearest atoms, to into: in order of atoms, without those of
// value 0.
func values(atoms []near, into []row) []row {
	last := len(atoms) - 1
	weights, sum := make([]float64, last), 0.0
	for i, a := range atoms[:last] {
		if atoms[last].square > 0 {
			w := 1 - a.square/atoms[last].square
			weights[i] = w * w
		}
		sum += weights[i]
	}
	if sum == 0 { // all are as far
		for i := range weights {
			weights[i] = 1
		}
		sum = float64(last)
	}
	// The sum of the values up to each atom is rounded, so that they sum to SoftUnit.
	done, part := 0, 0.0
	for i, w := range weights {
		part += w
		to := int(part/sum*sparse.SoftUnit + 0.5)
		if i == last-1 {
			to = sparse.SoftUnit
		}
		if to > done {
			into = append(into, row{uint16(atoms[i].index), uint16(to - done)})
		}
		done = to
	}
	slices.SortFunc(into, func(a, b row) int { return int(a.atom) - int(b.atom) })
	return into
}
