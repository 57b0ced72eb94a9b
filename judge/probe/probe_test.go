package probe

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// data are rows around a point of their class's own, far from the origin.
type data struct {
	x     [][]float32
	class []int
}

func draw(rng *rand.Rand, n, dim, classes int, spread float64) data {
	random := func(size float64) []float64 {
		v := make([]float64, dim)
		for j := range v {
			v[j] = size * rng.NormFloat64()
		}
		return v
	}
	far := random(2)
	centres := make([][]float64, classes)
	for c := range centres {
		centres[c] = random(1)
	}
	var d data
	for i := range n {
		class := i % classes
		if i >= 2*classes {
			class = rng.IntN(classes)
		}
		x := make([]float32, dim)
		for j, v := range random(spread) {
			x[j] = float32(far[j] + centres[class][j] + v)
		}
		d.x, d.class = append(d.x, x), append(d.class, class)
	}
	return d
}

func (d data) trainer(t testing.TB, classes int) *Trainer {
	t.Helper()
	tr, err := New(len(d.x), len(d.x[0]), classes)
	if err != nil {
		t.Fatal(err)
	}
	for i, x := range d.x {
		tr.Set(i, x, d.class[i])
	}
	return tr
}

// rounded are the rows as a trainer keeps them.
func (tr *Trainer) rounded() (x [][]float64) {
	r := tr.rows
	for i := range r.n {
		row := make([]float64, r.dim)
		for j := range row {
			row[j] = float64(r.unit[i]) * float64(r.q[i*r.stride+j])
		}
		x = append(x, row)
	}
	return x
}

func TestTrainReachesNewtonsOptimum(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		dim := rapid.SampledFrom([]int{1, 3, 7, 17}).Draw(rt, "dim")
		k := rapid.IntRange(2, 4).Draw(rt, "classes")
		n := rapid.IntRange(2*k, 90).Draw(rt, "rows")
		strength := rapid.SampledFrom([]float64{1e-1, 1e-2, 1e-3}).Draw(rt, "strength")
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 0))
		d := draw(rng, n, dim, k, 1)
		tr := d.trainer(t, k)
		c, err := tr.Train(context.Background(), Options{Strengths: []float64{strength}, Tolerance: 1e-5, MaxPasses: 2000})
		if err != nil {
			rt.Fatal(err)
		}
		o := newOracle(tr.rounded(), d.class, k, strength)
		want := o.newton()
		least, p := o.loss(want), o.parameters(c)
		reached := o.loss(p)
		if reached > least+1e-5 {
			rt.Fatalf("objective %g, want %g", reached, least)
		}
		// What it says of it comes from float32: each logit is W·x − W·mean, and no more exact than those.
		if e := math.Abs(c.Objective - reached); e > 1e-6*(1+o.largest(p)) {
			rt.Fatalf("says it reached %g, and reached %g", c.Objective, reached)
		}
		scores := make([]float32, k)
		for i, x := range tr.rounded() {
			y := make([]float32, dim)
			for j, v := range x {
				y[j] = float32(v)
			}
			c.Scores(y, scores)
			got := softmaxOf(scores)
			for class, w := range o.probabilities(want, o.x[i]) {
				// What a gradient of 1e-5 of the first one leaves, at curvatures down to 1e-3.
				if math.Abs(got[class]-w) > 2e-3 {
					rt.Fatalf("row %d class %d: probability %g, want %g", i, class, got[class], w)
				}
			}
		}
	})
}

func softmaxOf(scores []float32) []float64 {
	e := make([]float64, len(scores))
	total, _ := softmax(scores, e)
	for c := range e {
		e[c] /= total
	}
	return e
}

// The gradient is that of the definition's finite differences, and along's slope and
// curvature those of its values.
func TestGradientAndSlopeAgreeWithFiniteDifferences(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		const k, strength = 3, 0.05
		dim := rapid.SampledFrom([]int{1, 5, 18}).Draw(rt, "dim")
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 0))
		d := draw(rng, 40, dim, k, 1)
		tr := d.trainer(t, k)
		scaled, mean, _ := tr.rows.centred()
		o := &objective{rows: scaled, mean: mean, k: k, class: tr.class, count: make([]bool, 40), n: 40, strength: strength}
		for i := range o.count {
			o.count[i] = true
		}
		want := newOracle(tr.rounded(), d.class, k, strength)
		p, dir := make([]float32, o.size()), make([]float32, o.size())
		exact, step := make([]float64, want.size()), make([]float64, want.size())
		place := func(at int) int { // of a parameter of the oracle among ours
			if c, j := at/(dim+1), at%(dim+1); j < dim {
				return c*o.rows.stride + j
			} else {
				return k*o.rows.stride + c
			}
		}
		for at := range exact {
			p[place(at)], dir[place(at)] = float32(rng.NormFloat64()), float32(rng.NormFloat64())
			exact[at], step[at] = float64(p[place(at)]), float64(dir[place(at)])
		}
		z, zd, g := make([]float32, 40*k), make([]float32, 40*k), make([]float32, o.size())
		o.logits(p, z)
		o.logits(dir, zd)
		o.gradient(p, z, g)
		const h = 1e-4
		for at := range exact {
			up, down := slices.Clone(exact), slices.Clone(exact)
			up[at] += h
			down[at] -= h
			// Differences err by h² and by 1e-16/h, ours by float32's rounding of logits as large as 10.
			if w := (want.loss(up) - want.loss(down)) / (2 * h); math.Abs(float64(g[place(at)])-w) > 1e-5 {
				rt.Fatalf("parameter %d: gradient %g, want %g", at, g[place(at)], w)
			}
		}
		value := func(a float64) float64 {
			q := slices.Clone(exact)
			for at := range q {
				q[at] += a * step[at]
			}
			return want.loss(q)
		}
		const a = 0.7
		v, slope, curve := o.along(p, dir, z, zd, a)
		wantSlope, wantCurve := (value(a+h)-value(a-h))/(2*h), (value(a+h)-2*value(a)+value(a-h))/(h*h)
		if math.Abs(v-value(a)) > 1e-5 || math.Abs(slope-wantSlope) > 1e-5 || math.Abs(curve-wantCurve) > 1e-4 {
			rt.Fatalf("at %g: %g, %g, %g, want %g, %g, %g", a, v, slope, curve, value(a), wantSlope, wantCurve)
		}
	})
}
