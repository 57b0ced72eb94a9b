package cooccur

import (
	"context"
	"errors"

	"github.com/sparse-manifold/smt/internal/parallel"
	"github.com/sparse-manifold/smt/internal/spectral"
)

// ExactForms is Forms in float64, from the sums themselves. It takes k·n² operations, without kernels: it is for
// forms whose terms cancel, as those of a V that is all but singular do.
func (s *Dense) ExactForms(ctx context.Context, b Basis, rows [][]float32) (v, l []float64, err error) {
	n, k := b.Size(), len(rows)
	y32 := b.restrictRows(rows)
	y := make([][]float64, k)
	for r := range y {
		y[r] = make([]float64, n)
		for i, x := range y32.Row(r) {
			y[r][i] = float64(x)
		}
	}
	vy, ly := make([]float64, n*k), make([]float64, n*k)
	element := s.elements(b)
	parallel.For(n, func(_, i int) {
		if ctx.Err() != nil {
			return
		}
		for j := range n {
			v, l := element(i, j)
			for r := range y {
				vy[i*k+r] += v * y[r][j]
				ly[i*k+r] += l * y[r][j]
			}
		}
	})
	if err := ctx.Err(); err != nil {
		return nil, nil, err
	}
	v, l = make([]float64, k*k), make([]float64, k*k)
	for p := range y {
		for i, x := range y[p] {
			for q := range y {
				v[p*k+q] += x * vy[i*k+q]
				l[p*k+q] += x * ly[i*k+q]
			}
		}
	}
	return v, l, nil
}

// Refined solves the problem once more, in float64, in the span of coordinates on the codes that b spans. They are
// then as orthonormal under V as their values in float32 can be. Those that depend on one another stay as they are.
func (s *Dense) Refined(ctx context.Context, b Basis, found []Coordinate) ([]Coordinate, error) {
	rows := make([][]float32, len(found))
	for i, c := range found {
		rows[i] = c.Atoms
	}
	v, l, err := s.ExactForms(ctx, b, rows)
	if err != nil {
		return nil, err
	}
	values, weights, err := spectral.InSpan(v, l, len(rows))
	switch {
	case errors.Is(err, spectral.ErrDependent):
		return found, nil
	case err != nil:
		return nil, err
	}
	refined := make([]Coordinate, len(rows))
	for i, value := range values {
		c := Coordinate{value, int8(b.Parity), make([]float32, s.Atoms)}
		for a := range c.Atoms {
			sum := 0.0
			for k, w := range weights[i*len(rows):][:len(rows)] {
				sum += w * float64(rows[k][a])
			}
			c.Atoms[a] = float32(sum)
		}
		refined[i] = c
	}
	return refined, nil
}
