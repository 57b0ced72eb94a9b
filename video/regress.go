package video

import (
	"fmt"

	"gonum.org/v1/gonum/mat"

	"github.com/sparse-manifold/smt/internal/plural"
)

// Regression predicts values of frames from their embeddings, by least squares with a constant.
type Regression struct {
	dim, values int
	weights     *mat.Dense // dim + 1 rows, the last one the constant
}

// Regress fits embeddings, dim values a frame, to what is known of the same frames, so many values each.
func Regress(embeddings []float32, dim int, known []float64, values int) (*Regression, error) {
	if dim < 1 || values < 1 {
		return nil, fmt.Errorf("video: regression of %s on embeddings of %s: want at least 1 of each", plural.Of(values, "value"), plural.Of(dim, "value"))
	}
	n := len(embeddings) / dim
	if n*dim != len(embeddings) || n*values != len(known) || n <= dim {
		return nil, fmt.Errorf("video: regression of %s on embeddings of %s, %s each: want as many frames, and more of them than values", plural.Of(len(known), "value"), plural.Of(n, "frame"), plural.Of(dim, "value"))
	}
	// Of the normal equations, since frames are many more than values, with a ridge as small as rounding
	// allows: pixels of an edge do not vary.
	x := withConstant(embeddings, dim)
	var xx, xy, w mat.Dense
	xx.Mul(x.T(), x)
	ridge := 1e-9 * mat.Trace(&xx) / float64(dim+1)
	for j := range dim {
		xx.Set(j, j, xx.At(j, j)+ridge)
	}
	xy.Mul(x.T(), mat.NewDense(n, values, known))
	if err := w.Solve(&xx, &xy); err != nil {
		return nil, fmt.Errorf("video: regression: %w", err)
	}
	return &Regression{dim, values, &w}, nil
}

func withConstant(embeddings []float32, dim int) *mat.Dense {
	n := len(embeddings) / dim
	x := mat.NewDense(n, dim+1, nil)
	for i := range n {
		row := x.RawRowView(i)
		for j, v := range embeddings[i*dim : (i+1)*dim] {
			row[j] = float64(v)
		}
		row[dim] = 1
	}
	return x
}

// Predict is what is read from embeddings: as many values a frame as were known.
func (r *Regression) Predict(embeddings []float32) []float64 {
	var y mat.Dense
	y.Mul(withConstant(embeddings, r.dim), r.weights)
	return y.RawMatrix().Data
}

// R2 is, of each value, the share of its variance over frames that the embeddings predict: 1 less the
// mean squared error over the variance.
func (r *Regression) R2(embeddings []float32, known []float64) []float64 {
	y := r.Predict(embeddings)
	n := len(embeddings) / r.dim
	out := make([]float64, r.values)
	for j := range out {
		var mean, squared, total float64
		for i := range n {
			mean += known[i*r.values+j] / float64(n)
		}
		for i := range n {
			v := known[i*r.values+j]
			squared += (v - y[i*r.values+j]) * (v - y[i*r.values+j])
			total += (v - mean) * (v - mean)
		}
		out[j] = 1 - squared/total
	}
	return out
}
