package probe

import (
	"math"

	"github.com/sparse-manifold/smt/internal/simd"
)

// rows are vectors x in 8 bits: x ≈ unit·q. With values of up to six times their root mean square, rounding moves a
// row by 1.4 % of its length, at random, and so nearly at right angles to whatever matters. The error of a model is
// far larger.
type rows struct {
	n, dim, stride int // stride is dim, filled up with zeros to whole chunks
	q              []int8
	unit           []float32 // of each row; NaN if a value is not finite
	sum            []int32   // of the row's q
	squares        []int64   // the sum of the row's q²
}

const (
	// chunk is a multiple of the widest panel, and of every other number of values that kernels take at a time.
	chunk = 64
	// quantum is the number of values that simd.Quantize takes at a time.
	quantum = 16
)

func whole(n, size int) int { return (n + size - 1) / size * size }

func newRows(n, dim int) *rows {
	stride := whole(dim, chunk)
	// Kernels read whole groups of simd.Rows rows, and of four.
	return &rows{n, dim, stride, make([]int8, whole(n, 2*simd.Rows)*stride), make([]float32, n), make([]int32, n), make([]int64, n)}
}

// set rounds x to row i.
func (r *rows) set(i int, x []float32) {
	q := r.q[i*r.stride : (i+1)*r.stride]
	r.unit[i], r.sum[i], r.squares[i] = 0, 0, 0
	body := len(x) / quantum * quantum
	var tail [quantum]float32
	copy(tail[:], x[body:])
	largest := simd.MaxAbs(tail[:])
	if body > 0 {
		largest = max(largest, simd.MaxAbs(x[:body]))
	}
	const tiny = 1e-30 // the inverse of a smaller number may not be a float32
	switch {
	case !finite(x):
		r.unit[i] = float32(math.NaN())
		return
	case largest < tiny:
		return // a unit of 0, whatever q is
	}
	r.unit[i] = largest / 127
	if body > 0 {
		simd.Quantize(x[:body], 127/largest, q)
	}
	if body < len(x) {
		simd.Quantize(tail[:], 127/largest, q[body:])
	}
	for _, v := range q {
		r.sum[i] += int32(v)
		r.squares[i] += int64(v) * int64(v)
	}
}

// finite reports whether all values of x are finite numbers. For any other v, v − v is not 0.
func finite(x []float32) bool {
	var sum float32
	for _, v := range x {
		sum += v - v
	}
	return sum == 0
}

// centred returns the rows scaled by 1/s, their mean, and s, the root of their mean squared distance from the mean.
// They share their bytes with r. scaled is nil if all rows are the same.
func (r *rows) centred() (scaled *rows, mean []float32, s float64) {
	weights := make([]float32, r.n)
	var squares float64
	for i, u := range r.unit {
		weights[i] = 1 / float32(r.n)
		squares += float64(u) * float64(u) * float64(r.squares[i])
	}
	mean = make([]float32, r.stride)
	r.sums(weights, 1, mean)
	variance := squares / float64(r.n)
	for _, m := range mean {
		variance -= float64(m) * float64(m)
	}
	// Rounding may leave as much of rows that are all the same.
	if variance <= 1e-6*squares/float64(r.n) {
		return nil, nil, 0
	}
	s = math.Sqrt(variance)
	c := *r
	c.unit = make([]float32, r.n)
	for i, u := range r.unit {
		c.unit[i] = float32(float64(u) / s)
	}
	for j, m := range mean {
		mean[j] = float32(float64(m) / s)
	}
	return &c, mean, s
}

// products writes to out, n × k, the products of all rows and the k rows of w,
// stride values each.
func (r *rows) products(w []float32, k int, out []float32) {
	if simd.HasBytes() {
		r.productsBytes(w, k, out)
	} else {
		r.productsFloats(w, k, out)
	}
}

// sums writes to row c of out, k × stride, the weighted sum of all rows: row i has the weight weights[i·k+c].
func (r *rows) sums(weights []float32, k int, out []float32) {
	if simd.HasBytes() {
		r.sumsBytes(weights, k, out)
	} else {
		r.sumsFloats(weights, k, out)
	}
}
