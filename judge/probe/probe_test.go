package probe

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"
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

// oracle is the objective from its definition, in float64: parameters are W, b of
// each class after the other.
type oracle struct {
	x        [][]float64 // centred and scaled
	mean     []float64   // by which they were centred
	scale    float64     // by which they were divided
	class    []int
	k        int
	strength float64
}

func newOracle(x [][]float64, class []int, k int, strength float64) *oracle {
	n, dim := float64(len(x)), len(x[0])
	mean := make([]float64, dim)
	for _, row := range x {
		for j, v := range row {
			mean[j] += v / n
		}
	}
	var square float64
	for _, row := range x {
		for j, v := range row {
			square += (v - mean[j]) * (v - mean[j]) / n
		}
	}
	o := &oracle{mean: mean, scale: math.Sqrt(square), class: class, k: k, strength: strength}
	for _, row := range x {
		y := make([]float64, dim+1)
		for j, v := range row {
			y[j] = (v - mean[j]) / o.scale
		}
		y[dim] = 1 // of b
		o.x = append(o.x, y)
	}
	return o
}

// parameters are those of a classifier of all classes, for rows centred and scaled.
func (o *oracle) parameters(c *Classifier) (p []float64) {
	for class := range o.k {
		b := c.bias[class]
		for j, m := range o.mean {
			w := float64(c.weights[class*c.stride+j])
			p = append(p, w*o.scale)
			b += w * m
		}
		p = append(p, b)
	}
	return p
}

// largest is the largest product of a weight and a value of a row that is not centred.
func (o *oracle) largest(p []float64) (v float64) {
	width := len(o.x[0])
	for _, x := range o.x {
		for at, w := range p {
			if j := at % width; j < width-1 {
				v = max(v, math.Abs(w*(x[j]+o.mean[j]/o.scale)))
			}
		}
	}
	return v
}

func (o *oracle) size() int { return o.k * len(o.x[0]) }

func (o *oracle) probabilities(p, x []float64) []float64 {
	e := make([]float64, o.k)
	var total float64
	for c := range e {
		for j, v := range x {
			e[c] += v * p[c*len(x)+j]
		}
		e[c] = math.Exp(e[c])
		total += e[c]
	}
	for c := range e {
		e[c] /= total
	}
	return e
}

func (o *oracle) loss(p []float64) (sum float64) {
	for i, x := range o.x {
		sum -= math.Log(o.probabilities(p, x)[o.class[i]]) / float64(len(o.x))
	}
	width := len(o.x[0])
	for at, v := range p {
		if at%width < width-1 {
			sum += o.strength / 2 * v * v
		}
	}
	return sum
}

// newton is the optimum, by Newton's method with the whole Hessian.
func (o *oracle) newton() []float64 {
	size, width := o.size(), len(o.x[0])
	p := make([]float64, size)
	for range 100 {
		g := mat.NewVecDense(size, nil)
		h := mat.NewSymDense(size, nil)
		for at, v := range p {
			if at%width < width-1 {
				g.SetVec(at, o.strength*v)
				h.SetSym(at, at, o.strength)
			} else {
				h.SetSym(at, at, 1e-9) // adding to all of b changes nothing
			}
		}
		for i, x := range o.x {
			e := o.probabilities(p, x)
			for at := range size {
				c, v := at/width, x[at%width]/float64(len(o.x))
				r := e[c]
				if c == o.class[i] {
					r--
				}
				g.SetVec(at, g.AtVec(at)+r*v)
				for to := at; to < size; to++ {
					d := to / width
					s := -e[c] * e[d]
					if c == d {
						s += e[c]
					}
					h.SetSym(at, to, h.At(at, to)+s*v*x[to%width])
				}
			}
		}
		var chol mat.Cholesky
		if !chol.Factorize(h) {
			panic("the Hessian is not positive definite")
		}
		var step mat.VecDense
		if err := chol.SolveVecTo(&step, g); err != nil {
			panic(err)
		}
		// Half as far until it leads down.
		before, by := o.loss(p), 1.0
		for ; by > 1e-6; by /= 2 {
			next := slices.Clone(p)
			for at := range next {
				next[at] -= by * step.AtVec(at)
			}
			if o.loss(next) <= before {
				p = next
				break
			}
		}
		if mat.Norm(g, 2) < 1e-12 {
			break
		}
	}
	return p
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
