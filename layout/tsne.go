package layout

import (
	"context"
	"math"
	"slices"

	"github.com/sparse-manifold/smt/internal/parallel"
)

// Point is a place in the plane.
type Point struct{ X, Y float64 }

// The schedule of openTSNE (Poličar et al. 2024), with the learning rate of Belkina et al. (2019): the number
// of points over the exaggeration of the phase.
const (
	earlySteps   = 250 // with exaggerated attraction, which brings groups together
	lateSteps    = 500
	exaggeration = 12.0
	momentum     = 0.8
	longestStep  = 5.0
	leastRate    = 50.0
	startScale   = 1e-4 // standard deviation of the start
	farTheta     = 0.9  // see tree.theta
)

// TSNE lays out points so that those drawn to each other are near: t-distributed stochastic neighbour
// embedding (van der Maaten and Hinton 2008), with the tree of Barnes and Hut for the repulsion. It goes on from the
// given start, a place a point, whose scale does not matter.
func TSNE(ctx context.Context, attract *Affinities, start []Point, progress func(done, total int)) ([]Point, error) {
	if len(start) < 2 || len(attract.to) == 0 {
		return slices.Clone(start), nil // nothing is drawn anywhere
	}
	s := newDescent(attract, start)
	const steps = earlySteps + lateSteps
	for step := range steps {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		progress(step, steps)
		if step == earlySteps {
			s.rest()
		}
		exaggerated := 1.0
		if step < earlySteps {
			exaggerated = exaggeration
		}
		if err := s.step(ctx, exaggerated); err != nil {
			return nil, err
		}
	}
	progress(steps, steps)
	return s.y, nil
}

// descent is the state of gradient descent.
type descent struct {
	attract           *Affinities
	y, velocity, gain []Point
	gradients, pushes []Point
	masses            []float64
	tree              tree
}

// newDescent brings the start to a small scale, where no pair is far apart yet.
func newDescent(attract *Affinities, start []Point) *descent {
	n := len(start)
	s := &descent{attract: attract, y: slices.Clone(start), velocity: make([]Point, n), gain: make([]Point, n), gradients: make([]Point, n), pushes: make([]Point, n), masses: make([]float64, n), tree: tree{theta: farTheta}}
	s.centre()
	var square float64
	for _, p := range s.y {
		square += (p.X*p.X + p.Y*p.Y) / float64(2*n)
	}
	for i := range s.y {
		if square > 0 {
			s.y[i].X *= startScale / math.Sqrt(square)
			s.y[i].Y *= startScale / math.Sqrt(square)
		}
	}
	s.rest()
	return s
}

// rest stops all points.
func (s *descent) rest() {
	for i := range s.y {
		s.velocity[i], s.gain[i] = Point{}, Point{1, 1}
	}
}

func (s *descent) centre() {
	var mean Point
	for _, p := range s.y {
		mean.X += p.X / float64(len(s.y))
		mean.Y += p.Y / float64(len(s.y))
	}
	for i := range s.y {
		s.y[i].X -= mean.X
		s.y[i].Y -= mean.Y
	}
}

// step goes downhill on KL(p‖q), with the gains of Jacobs (1988).
func (s *descent) step(ctx context.Context, exaggerated float64) error {
	rate := max(float64(len(s.y))/exaggerated, leastRate)
	if err := s.gradient(ctx, exaggerated); err != nil {
		return err
	}
	for i, g := range s.gradients {
		move := func(v, gain *float64, g float64) float64 {
			if (g > 0) == (*v > 0) { // the last step went uphill
				*gain = max(0.01, *gain*0.8)
			} else {
				*gain += 0.2
			}
			*v = momentum**v - rate**gain*g
			return *v
		}
		dx, dy := move(&s.velocity[i].X, &s.gain[i].X, g.X), move(&s.velocity[i].Y, &s.gain[i].Y, g.Y)
		if length := math.Hypot(dx, dy); length > longestStep {
			dx, dy = dx*longestStep/length, dy*longestStep/length
		}
		s.y[i].X += dx
		s.y[i].Y += dy
	}
	s.centre()
	return nil
}

// gradientPoints is how many points' gradients are computed at a time.
const gradientPoints = 512

// gradient sets gradients to that of KL(p‖q), q_ij ∝ w_ij = 1/(1 + ‖y_i − y_j‖²), but for a factor 4, and
// with the attraction multiplied:
//
//	Σ_j exaggerated·p_ij w_ij (y_i − y_j) − Σ_j w_ij² (y_i − y_j) / Σ_kl w_kl.
func (s *descent) gradient(ctx context.Context, exaggerated float64) error {
	n := len(s.y)
	s.tree.build(s.y)
	err := parallel.ForErr(ctx, (n+gradientPoints-1)/gradientPoints, func(_, piece int) error {
		for k := piece * gradientPoints; k < min(n, (piece+1)*gradientPoints); k++ {
			i := s.tree.order[k]
			s.pushes[i], s.masses[i] = s.tree.repulsion(k)
			s.gradients[i] = s.pull(int(i))
		}
		return nil
	})
	if err != nil {
		return err
	}
	var whole float64
	for _, w := range s.masses {
		whole += w
	}
	for i := range s.gradients {
		g := &s.gradients[i]
		g.X, g.Y = exaggerated*g.X-s.pushes[i].X/whole, exaggerated*g.Y-s.pushes[i].Y/whole
	}
	return nil
}

// pull is the attraction on point i.
func (s *descent) pull(i int) (pull Point) {
	y := s.y[i]
	to, p := s.attract.row(i)
	for k, j := range to {
		dx, dy := y.X-s.y[j].X, y.Y-s.y[j].Y
		w := p[k] / (1 + dx*dx + dy*dy)
		pull.X += w * dx
		pull.Y += w * dy
	}
	return pull
}
