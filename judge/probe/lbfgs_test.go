package probe

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"
)

// The direction is that of the BFGS formula for the whole inverse of the curvature
// (Nocedal and Wright, equation 7.16), from the last steps.
func TestDirectionIsThatOfTheWholeMatrix(t *testing.T) {
	const size = 9
	rng := rand.New(rand.NewPCG(23, 24))
	random := func() []float32 {
		x := make([]float32, size)
		for i := range x {
			x[i] = float32(rng.NormFloat64())
		}
		return x
	}
	vector := func(x []float32) *mat.VecDense {
		v := mat.NewVecDense(len(x), nil)
		for i, f := range x {
			v.SetVec(i, float64(f))
		}
		return v
	}
	s := &solver{g: random()}
	var steps, changes []*mat.VecDense
	for len(steps) < remembered+3 {
		old, next, d, a := s.g, random(), random(), rng.Float64()+0.5
		step, change := vector(d), vector(next)
		step.ScaleVec(a, step)
		change.SubVec(change, vector(old))
		s.g = next
		s.remember(d, a, old)
		if mat.Dot(step, change) > 0 { // others are of no convex function
			steps, changes = append(steps, step), append(changes, change)
		}
	}
	steps, changes = steps[3:], changes[3:]
	if len(s.steps) != remembered || len(s.changes) != remembered {
		t.Fatalf("%d steps and %d changes are remembered, want %d", len(s.steps), len(s.changes), remembered)
	}
	var h mat.Dense
	newest := remembered - 1
	unit := mat.NewDense(size, size, nil)
	for i := range size {
		unit.Set(i, i, 1)
	}
	h.Scale(mat.Dot(steps[newest], changes[newest])/mat.Dot(changes[newest], changes[newest]), unit)
	for i, step := range steps {
		rho := 1 / mat.Dot(step, changes[i])
		var v, ss, right mat.Dense
		v.Outer(-rho, changes[i], step)
		v.Add(&v, unit)
		right.Mul(&h, &v)
		h.Mul(v.T(), &right)
		ss.Outer(rho, step, step)
		h.Add(&h, &ss)
	}
	var want mat.VecDense
	want.MulVec(&h, vector(s.g))
	for i, got := range s.direction() {
		// float32 vectors, ten formulas deep
		if w := -want.AtVec(i); math.Abs(float64(got)-w) > 1e-4*mat.Norm(&want, math.Inf(1)) {
			t.Errorf("value %d: %g, want %g", i, got, w)
		}
	}
}
