package probe

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"
)

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
