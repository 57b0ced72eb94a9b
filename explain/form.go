package explain

import (
	"math"

	"github.com/sparse-manifold/smt/internal/dct"
	"github.com/sparse-manifold/smt/pool"
)

// product is the cosine of two images as a function of their cells: of cells v of one of them and of
// cells u of the other it is u·p − w·q. w is the share of the other that u is, from 0 to 1: what the
// mean of all embeddings takes off is spread evenly over an image.
type product interface {
	// with is p and q of v, cells of side A or B, 0 or 1, and the share w of its image that they are.
	with(side int, v []float64, w float64) (p []float64, q float64)
}

// form is the symmetric M by which the cosine of two images is aᵀ M b, a and b
// their cells, where embeddings have no components. For an embedding of cells it is a number. For one of frequencies it is
// DᵀWD, D the cosine transform and W diagonal, 0 for frequencies that are not kept: with z = Da, a value of the embedding
// is sign(z)√|z| = z/√|z|, over its length √Σ|z|.
type form struct {
	rows, cols, d int
	weights       []float64 // the diagonal of W, nil for cells
	scale         float64
}

// vanishing is more than rounding leaves of a frequency that cells, of unit length, do not
// have: its weight would make that as large as the others.
const vanishing = 0x1p-40

// newForm is that of two images with the given cells, rows × cols × d.
func newForm(l pool.Layout, rows, cols int, a, b []float64) *form {
	f := &form{rows: rows, cols: cols, d: l.Dims}
	length := dot(a, a) * dot(b, b)
	if l.Frequencies > 0 {
		a, b = f.rotate(a, false), f.rotate(b, false)
		for i := range rows * cols {
			if !l.Keeps(i/cols, i%cols) {
				clear(row(a, i, f.d))
				clear(row(b, i, f.d))
			}
		}
		length = absolute(a) * absolute(b)
		f.weights = make([]float64, len(a))
		for i := range a {
			if x, y := math.Abs(a[i]), math.Abs(b[i]); min(x, y) > vanishing {
				f.weights[i] = 1 / math.Sqrt(x*y)
			}
		}
	}
	if length > 0 {
		f.scale = 1 / math.Sqrt(length)
	}
	return f
}

func (f *form) with(_ int, v []float64, _ float64) ([]float64, float64) { return f.apply(v), 0 }

func absolute(x []float64) (sum float64) {
	for _, v := range x {
		sum += math.Abs(v)
	}
	return sum
}

// apply is Mx.
func (f *form) apply(x []float64) []float64 {
	out := make([]float64, len(x))
	if f.weights == nil {
		for i, v := range x {
			out[i] = f.scale * v
		}
		return out
	}
	for i, v := range f.rotate(x, false) {
		out[i] = f.scale * f.weights[i] * v
	}
	return f.rotate(out, true)
}

// rotate is Dx, or Dᵀx for back.
func (f *form) rotate(x []float64, back bool) []float64 {
	x = rotateLines(x, f.rows, f.cols, f.d, back)
	return rotateLines(x, 1, f.rows, f.cols*f.d, back)
}

// rotateLines transforms lines of n vectors of width values.
func rotateLines(x []float64, lines, n, width int, back bool) []float64 {
	waves, out := dct.Matrix(n), make([]float64, len(x))
	for l := range lines {
		for i := range n {
			to := row(out, l*n+i, width)
			for k := range n {
				w := waves[i*n+k]
				if back {
					w = waves[k*n+i]
				}
				for j, v := range row(x, l*n+k, width) {
					to[j] += w * v
				}
			}
		}
	}
	return out
}
