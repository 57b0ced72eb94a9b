package explain

import (
	"context"
	"math"
	"slices"

	"gonum.org/v1/gonum/spatial/barneshut"
	"gonum.org/v1/gonum/spatial/r2"

	"github.com/sparse-manifold/smt/internal/parallel"
)

// Point is a place in the plane.
type Point struct{ X, Y float64 }

// The schedule of van der Maaten (JMLR 2014), with the learning rate of Belkina
// et al. (2019), n / exaggeration, which needs fewer steps.
const (
	tsneSteps    = 400
	tsneEarly    = 100  // steps with exaggerated attraction
	exaggeration = 12.0 // its factor
	leastRate    = 50.0
	startScale   = 1e-3 // standard deviation of the start
	farTheta     = 0.9  // see descent.theta
)

// Plane is TSNE of vectors that begins where their first two values lie.
func Plane(ctx context.Context, x []float32, d int, perplexity float64, progress func(done, total int)) ([]Point, error) {
	var start []Point
	for v := range slices.Chunk(x, d) {
		start = append(start, Point{X: float64(v[0]), Y: float64(v[min(1, d-1)])})
	}
	return TSNE(ctx, x, d, start, perplexity, progress)
}

// TSNE lays out vectors, n × d, in the plane so that those with a large cosine
// are neighbours: t-distributed stochastic neighbour embedding (van der Maaten
// and Hinton 2008), with the tree of Barnes and Hut for the repulsion. It goes on
// from the given start, whose scale does not matter, and nothing is random. The
// n × n cosines are held in memory, which is meant for some thousands of vectors.
func TSNE(ctx context.Context, x []float32, d int, start []Point, perplexity float64, progress func(done, total int)) ([]Point, error) {
	n := len(start)
	if n < 5 {
		return slices.Clone(start), nil // too few to have neighbours
	}
	attract := affinities(x, d, min(perplexity, float64(n-1)/4))
	s := newDescent(start)
	for step := range tsneSteps {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		progress(step, tsneSteps)
		if step < tsneEarly {
			s.step(attract, exaggeration, 0.5)
		} else {
			s.step(attract, 1, 0.8)
		}
	}
	progress(tsneSteps, tsneSteps)
	return s.y, nil
}

// descent is the state of gradient descent.
type descent struct {
	y, velocity, gain []Point
	plane             barneshut.Plane
	// theta is how large a far group of points may look and still count as one.
	theta float64
}

// particle is a point of the tree.
type particle struct{ at *Point }

func (p particle) Coord2() r2.Vec { return r2.Vec{X: p.at.X, Y: p.at.Y} }
func (p particle) Mass() float64  { return 1 }

// newDescent brings the start to a small scale, where no pair is far apart yet.
func newDescent(start []Point) *descent {
	n := len(start)
	s := &descent{theta: farTheta, y: slices.Clone(start), velocity: make([]Point, n), gain: make([]Point, n)}
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
		s.gain[i] = Point{1, 1}
		s.plane.Particles = append(s.plane.Particles, particle{&s.y[i]})
	}
	return s
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
func (s *descent) step(attract [][]affinity, attraction, momentum float64) {
	rate := max(float64(len(s.y))/exaggeration, leastRate)
	for i, g := range s.gradient(attract, attraction) {
		move := func(y, v, gain *float64, g float64) {
			if (g > 0) == (*v > 0) { // the last step went uphill
				*gain = max(0.01, *gain*0.8)
			} else {
				*gain += 0.2
			}
			*v = momentum**v - rate**gain*g
			*y += *v
		}
		move(&s.y[i].X, &s.velocity[i].X, &s.gain[i].X, g.X)
		move(&s.y[i].Y, &s.velocity[i].Y, &s.gain[i].Y, g.Y)
	}
	s.centre()
}

// gradient is that of KL(p‖q), q_ij ∝ w_ij = 1/(1 + ‖y_i − y_j‖²), but for a
// factor 4, and with the attraction multiplied:
//
//	Σ_j attraction·p_ij w_ij (y_i − y_j) − Σ_j w_ij² (y_i − y_j) / Σ_kl w_kl.
func (s *descent) gradient(attract [][]affinity, attraction float64) []Point {
	n := len(s.y)
	near := s.theta
	if s.plane.Reset() != nil {
		near = 0 // points too close for the tree: every pair on its own
	}
	pull, push, mass := make([]Point, n), make([]Point, n), make([]float64, n)
	parallel.For(n, func(_, i int) {
		y := s.y[i]
		for _, a := range attract[i] {
			dx, dy := y.X-s.y[a.to].X, y.Y-s.y[a.to].Y
			w := a.p / (1 + dx*dx + dy*dy)
			pull[i].X += w * dx
			pull[i].Y += w * dy
		}
		f := s.plane.ForceOn(s.plane.Particles[i], near, func(p, q barneshut.Particle2, _, m float64, v r2.Vec) r2.Vec {
			if p == q {
				return r2.Vec{}
			}
			w := 1 / (1 + v.X*v.X + v.Y*v.Y)
			mass[i] += m * w
			return r2.Scale(-m*w*w, v)
		})
		push[i] = Point{f.X, f.Y}
	})
	var whole float64
	for _, w := range mass {
		whole += w
	}
	for i := range pull {
		pull[i].X = attraction*pull[i].X - push[i].X/whole
		pull[i].Y = attraction*pull[i].Y - push[i].Y/whole
	}
	return pull
}
