package explain

import (
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"
)

// clusters are three groups of vectors far from each other.
func clusters(n, d int) []float32 {
	rng := rand.New(rand.NewPCG(1, 2))
	x := make([]float32, n*d)
	for i := range n {
		for j := range d {
			x[i*d+j] = float32(0.3 * rng.NormFloat64())
		}
		x[i*d+i%3] += 2
	}
	return x
}

func scattered(n int) []Point {
	rng := rand.New(rand.NewPCG(3, 4))
	y := make([]Point, n)
	for i := range y {
		y[i] = Point{rng.NormFloat64(), rng.NormFloat64()}
	}
	return y
}

// Affinities are symmetric, add up to 1, and each Gaussian has the perplexity
// asked for.
func TestAffinities(t *testing.T) {
	const n, d = 60, 8
	all := affinities(clusters(n, d), d, 7)
	p := make([]float64, n*n)
	for i, list := range all {
		for _, a := range list {
			p[i*n+a.to] = a.p
		}
	}
	for i := range n {
		for j := range n {
			if math.Abs(p[i*n+j]-p[j*n+i]) > 1e-15 {
				t.Errorf("p[%d,%d] is %g, p[%d,%d] %g", i, j, p[i*n+j], j, i, p[j*n+i])
			}
		}
		if p[i*n+i] != 0 {
			t.Errorf("point %d is drawn to itself", i)
		}
	}
	if s := sum(p); math.Abs(s-1) > 1e-9 {
		t.Errorf("affinities add up to %g", s)
	}
	list := []affinity{{1, 0.1}, {2, 0.2}, {3, 0.5}, {4, 0.9}, {5, 1.4}}
	calibrate(list, 3)
	entropy := 0.0
	for _, a := range list {
		entropy -= a.p * math.Log(a.p)
	}
	if math.Abs(math.Exp(entropy)-3) > 1e-6 {
		t.Errorf("the perplexity is %g, want 3", math.Exp(entropy))
	}
}

// The gradient is a quarter of the derivative of KL(p‖q) by differences, and with
// the tree not far from it.
func TestTSNEGradient(t *testing.T) {
	const n, d = 40, 6
	attract := affinities(clusters(n, d), d, 7)
	s := newDescent(scattered(n))
	for i := range s.y {
		s.y[i].X *= 1000
		s.y[i].Y *= 1000
	}
	divergence := func() (kl float64) {
		w := func(i, j int) float64 {
			dx, dy := s.y[i].X-s.y[j].X, s.y[i].Y-s.y[j].Y
			return 1 / (1 + dx*dx + dy*dy)
		}
		var all float64
		for i := range n {
			for j := range n {
				if i != j {
					all += w(i, j)
				}
			}
		}
		for i, list := range attract {
			for _, a := range list {
				kl += a.p * math.Log(a.p/(w(i, a.to)/all))
			}
		}
		return kl
	}
	s.theta = 0
	exact := s.gradient(attract, 1)
	for _, i := range []int{0, 13, 39} {
		for _, part := range []struct {
			y    *float64
			want float64
		}{{&s.y[i].X, exact[i].X}, {&s.y[i].Y, exact[i].Y}} {
			const h = 1e-5
			at := *part.y
			*part.y = at + h
			up := divergence()
			*part.y = at - h
			down := divergence()
			*part.y = at
			if got := (up - down) / (2 * h) / 4; math.Abs(got-part.want) > 1e-8 {
				t.Errorf("point %d: derivative %g, gradient %g", i, got, part.want)
			}
		}
	}
	s.theta = 0.3
	for i, g := range s.gradient(attract, 1) {
		if math.Hypot(g.X-exact[i].X, g.Y-exact[i].Y) > 2e-3 {
			t.Errorf("point %d: gradient by the tree %v, exactly %v", i, g, exact[i])
		}
	}
}

// Points of a cluster come to lie nearer each other than to other clusters,
// whatever the number of workers.
func TestTSNESeparates(t *testing.T) {
	const n, d = 90, 8
	var layouts [][]Point
	for _, workers := range []int{1, 2} {
		old := runtime.GOMAXPROCS(workers)
		y, err := TSNE(t.Context(), clusters(n, d), d, scattered(n), 10, quiet)
		runtime.GOMAXPROCS(old)
		if err != nil {
			t.Fatal(err)
		}
		layouts = append(layouts, y)
	}
	if !slices.Equal(layouts[0], layouts[1]) {
		t.Error("1 and 2 workers gave different layouts")
	}
	y := layouts[0]
	for i := range n {
		near, best := -1, math.Inf(1)
		for j := range n {
			if r := math.Hypot(y[i].X-y[j].X, y[i].Y-y[j].Y); j != i && r < best {
				near, best = j, r
			}
		}
		if near%3 != i%3 {
			t.Errorf("point %d of cluster %d has a neighbour of cluster %d", i, i%3, near%3)
		}
	}
}

func TestTSNEOfFewPoints(t *testing.T) {
	for n := range 8 {
		y, err := TSNE(t.Context(), clusters(n, 3), 3, scattered(n), 30, quiet)
		if err != nil || len(y) != n {
			t.Errorf("%d points: %v, %v", n, y, err)
		}
		for _, p := range y {
			if math.IsNaN(p.X + p.Y) {
				t.Errorf("%d points: %v", n, y)
			}
		}
	}
}

func TestMap(t *testing.T) {
	m := fitted(t, colour(120), small())
	atoms := []int{5, 2, 40, 41, 17, 9, 8}
	l, err := MapOf(t.Context(), m, atoms, quiet)
	if err != nil {
		t.Fatal(err)
	}
	for i, a := range atoms {
		if p := m.Stages().Projection.Row(a); l.Spectral[i] != (Point{float64(p[0]), float64(p[1])}) {
			t.Errorf("atom %d lies at %v", a, l.Spectral[i])
		}
	}
	if len(l.TSNE) != len(atoms) {
		t.Errorf("%d places of %d atoms", len(l.TSNE), len(atoms))
	}
}
