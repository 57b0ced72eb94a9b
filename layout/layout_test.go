package layout

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"
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
