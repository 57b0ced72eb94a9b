package spectral

import (
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/mat"

	"github.com/sparse-manifold/smt/internal/linalg"
)

// lanczosSteps is enough for the largest eigenvalue to a thousandth.
const lanczosSteps = 40

// largest is an upper bound of the largest eigenvalue of a: the largest Ritz
// value of a short Lanczos run, plus its residual and a little (Zhou and Saad 2007).
func largest(a linalg.Matrix, rng *rand.Rand) float64 {
	n := a.Rows
	v, previous := linalg.New(n, 1), linalg.New(n, 1)
	for i := range v.Data {
		v.Data[i] = float32(rng.NormFloat64())
	}
	scale := func(x linalg.Matrix, s float64) {
		for i := range x.Data {
			x.Data[i] = float32(float64(x.Data[i]) * s)
		}
	}
	length := func(x linalg.Matrix) float64 { return math.Sqrt(inner(x, x)) }
	scale(v, 1/length(v))
	steps := min(lanczosSteps, n)
	t := mat.NewSymDense(steps, nil)
	beta := 0.0
	for j := range steps {
		w := linalg.New(n, 1)
		linalg.AddMul(w, 1, a, v)
		alpha := inner(w, v)
		for i := range w.Data {
			w.Data[i] -= float32(alpha)*v.Data[i] + float32(beta)*previous.Data[i]
		}
		t.SetSym(j, j, alpha)
		if beta = length(w); beta < 1e-6 {
			break
		}
		if j+1 < steps {
			t.SetSym(j, j+1, beta)
		}
		previous = v
		v = w
		scale(v, 1/beta)
	}
	var e mat.EigenSym
	e.Factorize(t, true)
	values := e.Values(nil)
	var vectors mat.Dense
	e.VectorsTo(&vectors)
	last := steps - 1
	residual := beta * math.Abs(vectors.At(last, last))
	return values[last] + residual + 0.002*(values[last]-values[0])
}

func inner(x, y linalg.Matrix) (s float64) {
	for i, v := range x.Data {
		s += float64(v) * float64(y.Data[i])
	}
	return s
}
