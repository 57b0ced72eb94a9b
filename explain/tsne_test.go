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
		y[i] = Point{X: rng.NormFloat64(), Y: rng.NormFloat64()}
	}
	return y
}

// The nearest are those of the smallest angle, by the definition.
func TestNearestVectors(t *testing.T) {
	const n, d, k = 40, 6, 7
	x := clusters(n, d)
	angle := func(i, j int) float64 {
		var ij, ii, jj float64
		for c := range d {
			a, b := float64(x[i*d+c]), float64(x[j*d+c])
			ij, ii, jj = ij+a*b, ii+a*a, jj+b*b
		}
		return ij / math.Sqrt(ii*jj)
	}
	for i, list := range nearest(x, d, k) {
		least := math.Inf(1)
		for r, to := range list {
			c := angle(i, int(to.Index))
			if math.Abs(float64(to.Square)-2+2*c) > 1e-5 || int(to.Index) == i || c > least+1e-6 {
				t.Errorf("vector %d has %v as its neighbour %d: the cosine is %g", i, to, r, c)
			}
			least = c
		}
		farther := 0
		for j := range n {
			if j != i && angle(i, j) < least-1e-6 {
				farther++
			}
		}
		if len(list) != k || farther < n-1-k {
			t.Errorf("vector %d has %d neighbours, and %d vectors are farther", i, len(list), farther)
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
		if p := m.Stages().Projection.Row(a); l.Spectral[i] != (Point{X: float64(p[0]), Y: float64(p[1])}) {
			t.Errorf("atom %d lies at %v", a, l.Spectral[i])
		}
	}
	if len(l.TSNE) != len(atoms) {
		t.Errorf("%d places of %d atoms", len(l.TSNE), len(atoms))
	}
}
