package sparse

import (
	"github.com/sparse-manifold/smt/internal/reuse"
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
	values := WholeGroups(n) * stride
	v.N, v.Stride = n, stride
	v.X, v.Blank = reuse.Zeros(v.X, values), reuse.Zeros(v.Blank, n)
}

// Pack makes v the vectors x, n × dim.
func (v *Vectors) Pack(x []float32, dim, stride int) {
	v.Reset(len(x)/dim, stride)
	for i := range v.N {
		copy(v.X[i*stride:], x[i*dim:(i+1)*dim])
	}
}

// WholeGroups is n vectors and those that complete a kernel's group: X has so many.
func WholeGroups(n int) int { return (n + simd.Rows - 1) / simd.Rows * simd.Rows }
