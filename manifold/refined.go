package manifold

import (
	"context"
	"slices"

	"github.com/sparse-manifold/smt/cooccur"
)

// refined solves once more in the span of the coordinates that were found, in float64, and computes the objective so.
// The solver's float32 loses digits where V is all but singular, as that of a few points of one value is.
func (e *Encoder) refined(ctx context.Context, s *cooccur.Dense, bases []cooccur.Basis, found []cooccur.Coordinate) ([]cooccur.Coordinate, VICReg, error) {
	var all []cooccur.Coordinate
	for _, b := range bases {
		var part []cooccur.Coordinate
		for _, c := range found {
			if int(c.Parity) == b.Parity {
				part = append(part, c)
			}
		}
		if len(part) == 0 {
			continue
		}
		better, err := s.Refined(ctx, b, part)
		if err != nil {
			return nil, VICReg{}, err
		}
		all = append(all, better...)
	}
	slices.SortStableFunc(all, byValue)
	v, err := e.objective(bases, all[e.cfg.Skip:], func(b cooccur.Basis, rows [][]float32) (v, l []float64, err error) {
		return s.ExactForms(ctx, b, rows)
	})
	return all, v, err
}

func float64s(x []float32) []float64 {
	y := make([]float64, len(x))
	for i, v := range x {
		y[i] = float64(v)
	}
	return y
}
