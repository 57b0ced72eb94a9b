package probe

import (
	"context"
	"math"
)

// solver minimises an objective by L-BFGS (Nocedal and Wright, Numerical Optimization, 2006, algorithm 7.4).
//
// It is our own because those of libraries see no more than values and gradients. Here a search along a direction
// costs no pass through the rows (see objective), so that it can be exact. And what was learned of the curvature at
// one strength serves for the next.
type solver struct {
	*objective
	p    []float32 // parameters
	z    []float32 // their logits
	g    []float32 // their gradient
	step int       // passes through the rows so far

	// steps, oldest first, and the changes of the gradient that they made are what is known of the
	// curvature.
	steps, changes [][]float32
}

// remembered is the number of steps that are remembered.
const remembered = 10

// newSolver starts from parameters of zero and a strength of zero.
func newSolver(o *objective) *solver {
	o.strength = 0
	s := &solver{objective: o, p: make([]float32, o.size()), g: make([]float32, o.size())}
	s.z = make([]float32, o.rows.n*o.k)
	s.gradient(s.p, s.z, s.g)
	return s
}

// adopt starts from the parameters of another solver, and from what it knows of the curvature. That one was of some
// of the same rows: the curvature is much the same on all of them.
func (s *solver) adopt(other *solver) {
	s.p, s.steps, s.changes = other.p, other.steps, other.changes
	s.logits(s.p, s.z)
	s.gradient(s.p, s.z, s.g)
}

// restrengthen changes the strength, and with it the gradient and its changes, which are linear in the strength.
func (s *solver) restrengthen(strength float64) {
	by := strength - s.strength
	s.strength = strength
	w, _ := s.split(s.p)
	g, _ := s.split(s.g)
	add(g, by, w)
	for i, step := range s.steps {
		w, _ := s.split(step)
		y, _ := s.split(s.changes[i])
		add(y, by, w)
	}
}

// norm is the length of the gradient.
func (s *solver) norm() float64 { return math.Sqrt(dot(s.g, s.g)) }

// minimise goes on until the gradient is at most so long, or for so many passes through the rows. It reports whether
// the gradient is.
func (s *solver) minimise(ctx context.Context, length float64, passes int, report func(pass int)) (bool, error) {
	zd := make([]float32, len(s.z))
	for pass := range passes {
		report(pass)
		if err := ctx.Err(); err != nil {
			return false, err
		}
		if s.norm() <= length {
			return true, nil
		}
		d := s.direction()
		s.logits(d, zd)
		if err := ctx.Err(); err != nil {
			return false, err
		}
		a := s.search(d, zd)
		if a == 0 {
			// Rounding has spoilt the curvature, or there is no way down that float32 sees.
			if len(s.steps) == 0 {
				return false, nil
			}
			s.steps, s.changes = nil, nil
			continue
		}
		add(s.p, a, d)
		add(s.z, a, zd)
		old := s.g
		s.g = make([]float32, len(old))
		s.gradient(s.p, s.z, s.g)
		s.step++
		s.remember(d, a, old)
	}
	return s.norm() <= length, nil
}

// remember keeps the step a·d, and the change that it made to the gradient, which was old. It takes over both
// vectors.
func (s *solver) remember(d []float32, a float64, old []float32) {
	add(d, a-1, d)
	for i, v := range s.g {
		old[i] = v - old[i]
	}
	if dot(d, old) <= 0 {
		return // rounding: the objective is convex
	}
	if len(s.steps) == remembered {
		s.steps, s.changes = s.steps[1:], s.changes[1:]
	}
	s.steps, s.changes = append(s.steps, d), append(s.changes, old)
}

// direction is minus the gradient, times what is known of the inverse of the curvature.
func (s *solver) direction() []float32 {
	d := make([]float32, len(s.g))
	add(d, -1, s.g)
	n := len(s.steps)
	if n == 0 {
		return d
	}
	along, weight := make([]float64, n), make([]float64, n)
	for i := n - 1; i >= 0; i-- {
		along[i] = dot(s.steps[i], s.changes[i])
		weight[i] = dot(s.steps[i], d) / along[i]
		add(d, -weight[i], s.changes[i])
	}
	add(d, along[n-1]/dot(s.changes[n-1], s.changes[n-1])-1, d)
	for i := range n {
		add(d, weight[i]-dot(s.changes[i], d)/along[i], s.steps[i])
	}
	return d
}

// search returns how far to go along d for the least value. zd are the logits of d. It uses Newton's method between
// bounds, and returns 0 if d does not lead down.
func (s *solver) search(d, zd []float32) float64 {
	const (
		enough = 0.01 // of the slope at the start
		rounds = 50
	)
	_, slope, curve := s.along(s.p, d, s.z, zd, 0)
	if slope >= 0 {
		return 0
	}
	limit := -enough * slope
	a, low, high := 0.0, 0.0, math.Inf(1)
	for range rounds {
		if slope < 0 {
			low = a
		} else {
			high = a
		}
		next := a - slope/curve
		switch {
		case next > low && next < high:
		case math.IsInf(high, 1):
			next = 2*low + 1
		default:
			next = (low + high) / 2
		}
		a = next
		if _, slope, curve = s.along(s.p, d, s.z, zd, a); math.Abs(slope) <= limit {
			break
		}
	}
	return a
}
