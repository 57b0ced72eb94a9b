package explain

import (
	"cmp"
	"context"
	"math"
	"slices"

	"gonum.org/v1/gonum/spatial/barneshut"
	"gonum.org/v1/gonum/spatial/r2"

	"github.com/sparse-manifold/smt/internal/linalg"
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

// affinity is how much a point is drawn to another: p_ij.
type affinity struct {
	to int
	p  float64
}

// affinities are, for each vector, those it is drawn to. For each i a Gaussian of
// the distances to the 3·perplexity nearest, as wide as the perplexity asks for,
// made symmetric; all p_ij add up to 1.
func affinities(x []float32, d int, perplexity float64) [][]affinity {
	n := len(x) / d
	unit := slices.Clone(x)
	for i := range n {
		toUnit(row(unit, i, d))
	}
	cosines := linalg.New(n, n)
	linalg.AddMul(cosines, 1, linalg.Wrap(n, d, unit), linalg.Wrap(n, d, unit).T())
	k := min(n-1, int(3*perplexity))
	near := make([][]affinity, n)
	parallel.For(n, func(_, i int) {
		c := cosines.Row(i)
		order := make([]int, 0, n-1)
		for j := range n {
			if j != i {
				order = append(order, j)
			}
		}
		slices.SortFunc(order, func(a, b int) int { return cmp.Or(cmp.Compare(c[b], c[a]), a-b) })
		near[i] = make([]affinity, k)
		for r, j := range order[:k] {
			near[i][r] = affinity{j, 2 - 2*float64(c[j])} // ‖x_i − x_j‖², for now
		}
		calibrate(near[i], perplexity)
	})
	all := make([]map[int]float64, n)
	for i := range all {
		all[i] = map[int]float64{}
	}
	for i, list := range near {
		for _, a := range list {
			all[i][a.to] += a.p / float64(2*n)
			all[a.to][i] += a.p / float64(2*n)
		}
	}
	for i, m := range all {
		near[i] = near[i][:0]
		for j, p := range m {
			near[i] = append(near[i], affinity{j, p})
		}
		slices.SortFunc(near[i], func(a, b affinity) int { return cmp.Compare(a.to, b.to) })
	}
	return near
}

// calibrate replaces squared distances, smallest first, by the probabilities of
// a Gaussian of the given perplexity.
func calibrate(list []affinity, perplexity float64) {
	p := make([]float64, len(list))
	low, high, precision := 0.0, math.Inf(1), 1.0
	for range 64 {
		var sum, moment float64
		for k, a := range list {
			d := a.p - list[0].p
			p[k] = math.Exp(-precision * d)
			sum += p[k]
			moment += p[k] * d
		}
		for k := range p {
			p[k] /= sum
		}
		if math.Exp(math.Log(sum)+precision*moment/sum) > perplexity { // of the distribution p
			low = precision
		} else {
			high = precision
		}
		if precision = (low + high) / 2; math.IsInf(high, 1) {
			precision = 2 * low
		}
	}
	for k := range list {
		list[k].p = p[k]
	}
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
