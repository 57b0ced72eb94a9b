package sparse

import (
	"slices"

	"github.com/sparse-manifold/smt/internal/simd"
)

// Vectors are units to be coded, the patches of an image for instance, as the kernels read them.
// They are used again for the next group.
type Vectors struct {
	N      int       // number of units
	Stride int       // values from one unit to the next
	X      []float32 // N × Stride: a unit vector, then zeros; zero rows complete a kernel's group
	Blank  []bool    // units without signal, whose vectors are zero
}

// Reset makes v n vectors of zeros, none of them blank.
func (v *Vectors) Reset(n, stride int) {
	values := (n + simd.Rows - 1) / simd.Rows * simd.Rows * stride
	v.N, v.Stride = n, stride
	v.X, v.Blank = slices.Grow(v.X[:0], values)[:values], slices.Grow(v.Blank[:0], n)[:n]
	clear(v.X)
	clear(v.Blank)
}

// Pack makes v the vectors x, n × dim.
func (v *Vectors) Pack(x []float32, dim, stride int) {
	v.Reset(len(x)/dim, stride)
	for i := range v.N {
		copy(v.X[i*stride:], x[i*dim:(i+1)*dim])
	}
}
