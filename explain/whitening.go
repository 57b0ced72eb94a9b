package explain

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/sparse-manifold/smt"
)

// Whitening is the matrix W = (E[ppᵀ] + εI)^(−1/2) of a model, taken apart
// ("The image pipeline" in docs/method.md). W and the covariance E[ppᵀ] share their eigenvectors, so the
// variances of the patches can be read off W.
type Whitening struct {
	Dim int
	// Variances are the eigenvalues of E[ppᵀ], largest first, and Gains what W
	// multiplies their directions by: 1/√(variance + ε).
	Variances, Gains []float64
	// Components has their unit eigenvectors as rows, dim × dim.
	Components []float32
	// Filters is W, dim × dim: row i makes value i of a whitened patch.
	Filters []float32
}

// WhiteningOf takes the whitening of a model apart; nil without whitening.
func WhiteningOf(m *smt.Model) (*Whitening, error) {
	t := m.Stages().Transform
	if t.Whitening == nil {
		return nil, nil
	}
	n := t.Dim()
	gains, vectors, err := eigen(t.Whitening, n)
	if err != nil {
		return nil, err
	}
	w := &Whitening{Dim: n, Gains: gains, Filters: append([]float32(nil), t.Whitening...)}
	for k, g := range gains { // smallest gain first is largest variance first
		w.Variances = append(w.Variances, max(0, 1/(g*g)-m.Config().Epsilon))
		for i := range n {
			w.Components = append(w.Components, float32(vectors.At(i, k)))
		}
	}
	return w, nil
}

// eigen is the eigendecomposition of a symmetric n × n matrix, smallest first.
func eigen(a []float32, n int) ([]float64, *mat.Dense, error) {
	sym := mat.NewSymDense(n, nil)
	for i := range n {
		for j := i; j < n; j++ {
			sym.SetSym(i, j, (float64(a[i*n+j])+float64(a[j*n+i]))/2)
		}
	}
	var e mat.EigenSym
	if !e.Factorize(sym, true) {
		return nil, nil, fmt.Errorf("explain: the eigendecomposition of the whitening did not converge")
	}
	var vectors mat.Dense
	e.VectorsTo(&vectors)
	return e.Values(nil), &vectors, nil
}

// Unwhiten takes whitened vectors, n × dim, back to pixels: W⁻¹x, n × dim. Length
// and mean, which coding takes from a patch, do not come back. Without whitening
// it returns a copy.
func Unwhiten(m *smt.Model, x []float32) ([]float32, error) {
	w, err := WhiteningOf(m)
	if w == nil || err != nil {
		return append([]float32(nil), x...), err
	}
	n := w.Dim
	vectors := make([]float64, n*n)
	for i, v := range w.Components {
		vectors[i] = float64(v)
	}
	e := mat.NewDense(n, n, vectors)
	scaled := mat.NewDense(n, n, nil)
	for k, g := range w.Gains {
		if !(math.Abs(g) > 0) {
			return nil, fmt.Errorf("explain: the whitening is singular: eigenvalue %d of W is %g", k, g)
		}
		for i := range n {
			scaled.Set(k, i, e.At(k, i)/g)
		}
	}
	var inverse mat.Dense
	inverse.Mul(e.T(), scaled)
	values := make([]float64, len(x))
	for i, v := range x {
		values[i] = float64(v)
	}
	var out mat.Dense
	out.Mul(mat.NewDense(len(x)/n, n, values), &inverse) // W⁻¹ is symmetric
	pixels := make([]float32, len(x))
	for i, v := range out.RawMatrix().Data {
		pixels[i] = float32(v)
	}
	return pixels, nil
}
