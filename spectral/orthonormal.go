package spectral

import (
	"errors"
	"fmt"
	"math"

	"github.com/sparse-manifold/smt/internal/linalg"
)

// orthonormalize replaces x by x·R⁻¹ with xᵀx = RᵀR, again until xᵀx = I to the
// accuracy of float32: a pass leaves an error of κ²·2⁻²⁴. A Gram matrix too near
// singular to be factored gets a ridge, and the next pass does the rest.
func orthonormalize(x *linalg.Matrix) error {
	const passes = 8
	m := x.Cols
	for range passes {
		if err := unitColumns(*x); err != nil {
			return err
		}
		g := linalg.New(m, m)
		linalg.AddMul(g, 1, x.T(), *x)
		if farFromIdentity(g) < 1e-5 {
			return nil
		}
		c, err := factorGram(g)
		if err != nil {
			return err
		}
		xt := transposed(*x)
		c.Solve(xt)
		*x = transposed(xt)
	}
	return errors.New("spectral: iteration broke down: the vectors stay linearly dependent")
}

func factorGram(g linalg.Matrix) (c *linalg.Cholesky, err error) {
	for _, ridge := range []float32{1e-6, 1e-5, 1e-4, 1e-3} {
		h := linalg.New(g.Rows, g.Cols)
		copy(h.Data, g.Data)
		for j := range h.Rows {
			h.Data[j*h.Cols+j] += ridge
		}
		if c, err = linalg.Factor(h); err == nil {
			return c, nil
		}
	}
	return nil, fmt.Errorf("spectral: iteration broke down: %w", err)
}

func unitColumns(x linalg.Matrix) error {
	scale := make([]float64, x.Cols)
	for i := range x.Rows {
		for j, v := range x.Row(i) {
			scale[j] += float64(v) * float64(v)
		}
	}
	for j, s := range scale {
		if !(s > 0) || math.IsInf(s, 0) {
			return fmt.Errorf("spectral: iteration broke down: a vector has squared length %g", s)
		}
		scale[j] = 1 / math.Sqrt(s)
	}
	for i := range x.Rows {
		row := x.Row(i)
		for j := range row {
			row[j] *= float32(scale[j])
		}
	}
	return nil
}

// farFromIdentity is the largest off-diagonal element of g.
func farFromIdentity(g linalg.Matrix) (far float64) {
	for i := range g.Rows {
		for j, v := range g.Row(i) {
			if i != j {
				far = max(far, math.Abs(float64(v)))
			}
		}
	}
	return far
}
