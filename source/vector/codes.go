package vector

import (
	"context"
	"fmt"

	"github.com/sparse-manifold/smt/internal/parallel"
	"github.com/sparse-manifold/smt/internal/plural"
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
		return nil, fmt.Errorf("vector: %s of %d: want at least 1, and fewer than there are", plural.Of(active, "active atom"), atoms.N())
	}
	return &Coder{atoms, active}, nil
}

// Encode returns the codes of points.
func (c *Coder) Encode(ctx context.Context, p *Points) (*sparse.Codes, error) {
	if p.Dim != c.atoms.Dim {
		return nil, fmt.Errorf("vector: points of %s, atoms of %d: want as many", plural.Of(p.Dim, "value"), c.atoms.Dim)
	}
	atoms, err := nearest(ctx, p, c.atoms, c.active+1)
	if err != nil {
		return nil, err
	}
	return c.codes(atoms), nil
}

// codes are those of points of which the active+1 nearest atoms are given.
func (c *Coder) codes(atoms []near) *sparse.Codes {
	k := c.active + 1
	n := len(atoms) / k
	rows := make([]row, n*c.active)
	lengths := make([]int, n)
	const some = 256
	parallel.For((n+some-1)/some, func(_, piece int) {
		weights := make([]float64, c.active)
		for i := piece * some; i < min((piece+1)*some, n); i++ {
			lengths[i] = len(values(atoms[i*k:(i+1)*k], weights, rows[i*c.active:i*c.active:(i+1)*c.active]))
		}
	})
	codes := &sparse.Codes{Start: make([]int32, 1, n+1), Atom: make([]uint16, 0, len(rows)), Value: make([]uint16, 0, len(rows))}
	for i, length := range lengths {
		for _, r := range rows[i*c.active:][:length] {
			codes.Atom, codes.Value = append(codes.Atom, r.atom), append(codes.Value, r.value)
		}
		codes.Start = append(codes.Start, int32(len(codes.Atom)))
	}
	return codes
}

// row is an active atom and its value, in units of 1/SoftUnit.
type row struct{ atom, value uint16 }

// values appends the code of a point, given by its k+1 nearest atoms, to into: in order of atoms, without those of
// value 0. There is room for k weights.
func values(atoms []near, weights []float64, into []row) []row {
	last, sum := len(atoms)-1, 0.0
	weights = weights[:last]
	if limit := atoms[last].square; limit > 0 {
		for i, a := range atoms[:last] {
			w := 1 - a.square/limit
			weights[i] = w * w
			sum += weights[i]
		}
	}
	if sum == 0 { // all are as far
		for i := range weights {
			weights[i] = 1
		}
		sum = float64(last)
	}
	// The sum of the values up to each atom is rounded, so that they sum to SoftUnit.
	done, part, scale := 0, 0.0, sparse.SoftUnit/sum
	for i, w := range weights {
		part += w
		to := int(part*scale + 0.5)
		if i == last-1 {
			to = sparse.SoftUnit
		}
		if to > done {
			into = append(into, row{uint16(atoms[i].index), uint16(to - done)})
			for k := len(into) - 1; k > 0 && into[k].atom < into[k-1].atom; k-- {
				into[k], into[k-1] = into[k-1], into[k]
			}
		}
		done = to
	}
	return into
}
