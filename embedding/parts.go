package embedding

import (
	"fmt"
	"math"

	"github.com/sparse-manifold/smt/internal/linalg"
)

// Part is the components of the values From to To of an embedding.
type Part struct {
	From, To int
	// Variances are the λ of the components, largest first.
	Variances []float64
	// Rows are the components, each over λ^(p/2): len(Variances) × (To − From).
	Rows []float32
}

// Parts are the components of even values and those of odd values, or those of all values
// where flips cannot be told. They are shared with c and not to be changed.
func (c *Components) Parts() []Part {
	parts := make([]Part, len(c.parts))
	for i, p := range c.parts {
		parts[i] = Part{p.from, p.to, p.values, p.rows.Data[:p.rows.Rows*p.rows.Cols]}
	}
	return parts
}

// Mean is what is subtracted from the leading values of an embedding: a flip keeps these, and
// the mean of the others is 0. It is shared with c and not to be changed.
func (c *Components) Mean() []float32 { return c.mean }

// Even is the number of leading components that a flip keeps, the others being negated. It is
// -1 if the embedding of a flip cannot be told.
func (c *Components) Even() int {
	if c.even < 0 {
		return -1
	}
	return c.parts[0].rows.Rows
}

// MadeOf is the components that Mean, Parts and power are of. It keeps both slices. An error
// says which of their values no unit vectors lead to.
func MadeOf(mean []float32, parts []Part, power float64) (*Components, error) {
	c := &Components{even: -1, mean: mean}
	if len(parts) == 2 {
		c.even = parts[0].To
	}
	const slack = 1.01
	if n := linalg.Dot(mean, mean); !(n <= slack) {
		return nil, fmt.Errorf("the mean has length %g, want at most 1", math.Sqrt(n))
	}
	for i, p := range parts {
		rows := linalg.Wrap(len(p.Variances), p.To-p.From, p.Rows)
		for k, v := range p.Variances {
			if !(v > leastVariance && v <= slack) {
				return nil, fmt.Errorf("part %d: the variance of component %d is %g, want a number from %g to 1", i, k, v, leastVariance)
			}
			if k > 0 && v > p.Variances[k-1] {
				return nil, fmt.Errorf("part %d: the variance of component %d is %g after %g, want the largest first", i, k, v, p.Variances[k-1])
			}
			// Rounding moves the lengths of the last components.
			length, want := math.Sqrt(linalg.Dot(rows.Row(k), rows.Row(k))), math.Pow(v, -power/2)
			if !(length > want/2 && length < 2*want) {
				return nil, fmt.Errorf("part %d: component %d has length %g, want about %g", i, k, length, want)
			}
		}
		c.parts = append(c.parts, part{p.From, p.To, rows, p.Variances})
	}
	if c.Dim() == 0 {
		return nil, fmt.Errorf("there are no components")
	}
	return c, nil
}
