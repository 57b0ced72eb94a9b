package layout

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func quiet(int, int) {}

// exactly is a theta by which no points are taken together.
const exactly = 1e-300

// clusters are n points in three groups, which are drawn to k of their own group each.
func clusters(n, k int) [][]Near {
	rng := rand.New(rand.NewPCG(1, 2))
	near := make([][]Near, n)
	for i := range near {
		taken := map[int]bool{i: true}
		for square := float32(0); len(near[i]) < k; {
			j := rng.IntN(n)
			if taken[j] || j%3 != i%3 {
				continue
			}
			taken[j] = true
			square += rng.Float32()
			near[i] = append(near[i], Near{int32(j), square})
		}
	}
	return near
}

func scattered(n int, scale float64) []Point {
	rng := rand.New(rand.NewPCG(3, 4))
	y := make([]Point, n)
	for i := range y {
		y[i] = Point{scale * rng.NormFloat64(), scale * rng.NormFloat64()}
	}
	return y
}

// dense is affinities as a matrix, n × n.
func dense(a *Affinities) []float64 {
	n := a.Len()
	p := make([]float64, n*n)
	for i := range n {
		to, values := a.row(i)
		for k, j := range to {
			p[i*n+int(j)] = values[k]
		}
	}
	return p
}

// The definition of affinities: p_ij = (p_j|i + p_i|j)/2n, each p_·|i a Gaussian of the entropy asked for.
func TestAffinities(t *testing.T) {
	const n, k, perplexity = 60, 12, 7.0
	near := clusters(n, k)
	want := make([]float64, n*n)
	for i, list := range near {
		given := func(precision float64) (p []float64, entropy float64) {
			var sum float64
			for _, to := range list {
				p = append(p, math.Exp(-precision*float64(to.Square)))
				sum += p[len(p)-1]
			}
			for j := range p {
				p[j] /= sum
				entropy -= p[j] * math.Log(p[j])
			}
			return p, entropy
		}
		low, high := 0.0, 50.0
		for range 60 {
			if _, entropy := given((low + high) / 2); entropy > math.Log(perplexity) {
				low = (low + high) / 2
			} else {
				high = (low + high) / 2
			}
		}
		p, entropy := given(low)
		if math.Abs(math.Exp(entropy)-perplexity) > 1e-6 {
			t.Fatalf("the oracle's perplexity is %g", math.Exp(entropy))
		}
		for r, to := range list {
			want[i*n+int(to.Index)] += p[r] / (2 * n)
			want[int(to.Index)*n+i] += p[r] / (2 * n)
		}
	}
	var sum float64
	for i, p := range dense(Gaussian(near, perplexity)) {
		if math.Abs(p-want[i]) > 1e-9 {
			t.Errorf("p[%d,%d] is %g, want %g", i/n, i%n, p, want[i])
		}
		sum += p
	}
	if math.Abs(sum-1) > 1e-9 {
		t.Errorf("affinities add up to %g", sum)
	}
	for _, p := range Gaussian(near, k).p {
		if r := p * 2 * n * k; math.Abs(r-math.Round(r)) > 1e-9 {
			t.Errorf("with a perplexity of all neighbours an affinity is %g times 1/2nk", r)
		}
	}
}

// repelled is the definition of the repulsion.
func repelled(y []Point, i int) (push Point, mass float64) {
	for j := range y {
		if j != i {
			dx, dy := y[i].X-y[j].X, y[i].Y-y[j].Y
			w := 1 / (1 + dx*dx + dy*dy)
			mass += w
			push.X += w * w * dx
			push.Y += w * w * dy
		}
	}
	return push, mass
}

// The tree has each other point once, wherever points lie, in one place too. What it takes together it
// gets right to some per cent: at theta 0.9 a square's points are at most 0.45·√2 of their distance off its middle.
func TestRepulsion(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		places := rapid.SampledFrom([]float64{0, 1e-3, 1, 1, 7, 30})
		y := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Point {
			return Point{places.Draw(t, "x") + rapid.Float64Range(-3, 3).Draw(t, "dx"), places.Draw(t, "y")}
		}), 1, 200).Draw(t, "points")
		y = append(y, y[:len(y)/2]...)
		exact, far := tree{theta: exactly}, tree{theta: farTheta}
		exact.build(y)
		far.build(y)
		for k := range y {
			i := int(exact.order[k])
			want, wantMass := repelled(y, i)
			if push, mass := exact.repulsion(k); math.Hypot(push.X-want.X, push.Y-want.Y) > 1e-9 || math.Abs(mass-wantMass) > 1e-9 {
				t.Fatalf("point %d of %v: %v and %g, want %v and %g", i, y, push, mass, want, wantMass)
			}
			if _, mass := far.repulsion(k); math.Abs(mass-wantMass) > 0.2*wantMass {
				t.Fatalf("point %d of %v: together %g, want %g", i, y, mass, wantMass)
			}
		}
	})
}

// Far points are taken together: of 4,000 points a walk meets a small part.
func TestTreeIsShort(t *testing.T) {
	y := scattered(4000, 100)
	tr := tree{theta: farTheta}
	tr.build(y)
	var off, whole float64
	for k := range y {
		want, _ := repelled(y, int(tr.order[k]))
		push, _ := tr.repulsion(k)
		off += math.Hypot(push.X-want.X, push.Y-want.Y)
		whole += math.Hypot(want.X, want.Y)
	}
	if off == 0 || off > 0.03*whole {
		t.Errorf("the repulsion is off by %.2g of it, want a little", off/whole)
	}
}

// The gradient is a quarter of the derivative of KL(p‖q), by differences.
func TestGradient(t *testing.T) {
	const n = 40
	attract := Gaussian(clusters(n, 8), 5)
	s := newDescent(attract, scattered(n, 1))
	s.y, s.tree = scattered(n, 1), tree{theta: exactly}
	p := dense(attract)
	divergence := func() (kl float64) {
		var all float64
		for i := range s.y {
			_, mass := repelled(s.y, i)
			all += mass
		}
		for k, p := range p {
			if p > 0 {
				dx, dy := s.y[k/n].X-s.y[k%n].X, s.y[k/n].Y-s.y[k%n].Y
				kl += p * math.Log(p*all*(1+dx*dx+dy*dy))
			}
		}
		return kl
	}
	if err := s.gradient(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	for i := range n {
		for _, part := range []struct {
			y    *float64
			want float64
		}{{&s.y[i].X, s.gradients[i].X}, {&s.y[i].Y, s.gradients[i].Y}} {
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
}

// Points come to lie among those of their group, whatever the number of workers.
func TestGroupsComeTogether(t *testing.T) {
	const n = 1500
	attract := Gaussian(clusters(n, 10), 6)
	var layouts [][]Point
	for _, workers := range []int{1, 2} {
		old := runtime.GOMAXPROCS(workers)
		y, err := TSNE(t.Context(), attract, scattered(n, 1), quiet)
		runtime.GOMAXPROCS(old)
		if err != nil {
			t.Fatal(err)
		}
		layouts = append(layouts, y)
	}
	if !slices.Equal(layouts[0], layouts[1]) {
		t.Error("1 and 2 workers gave different layouts")
	}
	y, wrong := layouts[0], 0
	for i := range y {
		near, best := -1, math.Inf(1)
		for j := range y {
			if r := math.Hypot(y[i].X-y[j].X, y[i].Y-y[j].Y); j != i && r < best {
				near, best = j, r
			}
		}
		if near%3 != i%3 {
			wrong++
		}
	}
	if wrong > n/100 {
		t.Errorf("%d of %d points have their nearest in another group", wrong, n)
	}
}

func TestFewPoints(t *testing.T) {
	for n := range 6 {
		near := make([][]Near, n)
		for i := range near {
			for j := range n {
				if j != i {
					near[i] = append(near[i], Near{int32(j), 1})
				}
			}
		}
		for name, start := range map[string][]Point{"apart": scattered(n, 1), "in one place": make([]Point, n)} {
			y, err := TSNE(t.Context(), Gaussian(near, 30), start, quiet)
			if err != nil || len(y) != n {
				t.Errorf("%d points %s: %v, %v", n, name, y, err)
			}
			for _, p := range y {
				if math.IsNaN(p.X+p.Y) || math.IsInf(p.X+p.Y, 0) {
					t.Errorf("%d points %s: %v", n, name, y)
				}
			}
		}
	}
}

func TestInterrupted(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	last := -1
	_, err := TSNE(ctx, Gaussian(clusters(90, 8), 5), scattered(90, 1), func(done, _ int) {
		if last = done; done == 3 {
			stop()
		}
	})
	if !errors.Is(err, context.Canceled) || last != 3 {
		t.Errorf("stopped at step 3: error %v after step %d", err, last)
	}
}
