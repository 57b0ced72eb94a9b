package sparse

import (
	"math"

	"github.com/sparse-manifold/smt/internal/simd"
)

// maxScale is the largest scale, the number of 8-bit units that a value of 1 has, for vectors of
// width values. With it the two bounds of an 8-bit product stay within simd.MaxGap of each other:
// rounding moves either vector by at most √width/2 units, and the product by that times the scale
// of the other.
func maxScale(width int) float64 { return 12000 / math.Sqrt(float64(width)) }

// scaleFor is the scale at which the largest value of y uses the whole range of 8 bits, or
// maxScale if that is less. y is whole chunks of 16.
func scaleFor(y []float32, width int) float64 {
	limit := maxScale(width)
	if largest := float64(simd.MaxAbs(y)); largest*limit > 127 {
		return 127 / largest
	}
	return limit
}

// quantize writes q = round(scale·y). It returns the sum of the even values of q, the sum of the
// odd ones, and ‖y − q/scale‖. The scale is at most scaleFor's.
func (l *layout) quantize(y []float32, scale float64, q []int8) (even, odd int32, residual float64) {
	energy, sums := simd.Quantize(y[:l.stride], float32(scale), q)
	for i, n := range sums {
		if l.pairs != nil && i >= l.unit {
			odd += n
		} else {
			even += n
		}
	}
	return even, odd, math.Sqrt(float64(energy))
}

// Round moves atoms, n × dim, to the nearest directions that have no error in 8 bits: integers
// up to 127, scaled to unit length. They are integers in the basis of even and odd values where
// flip is given. An atom moves by about 0.015. Atoms that are flips of each other stay so, to the
// last bit.
func Round(atoms []float32, dim int, flip []int) {
	l := newLayout(dim, flip, 1)
	y := make([]float32, len(atoms)/dim*l.stride)
	for i := range len(atoms) / dim {
		l.arrange(atoms[i*dim:(i+1)*dim], y[i*l.stride:])
	}
	scale := scaleFor(y, l.width)
	rounded := make([]float64, l.stride)
	for i := range len(atoms) / dim {
		var energy float64
		for k, v := range y[i*l.stride : (i+1)*l.stride] {
			rounded[k] = math.Round(float64(v) * scale)
			energy += rounded[k] * rounded[k]
		}
		if energy == 0 {
			continue
		}
		for k := range rounded {
			rounded[k] /= math.Sqrt(energy)
		}
		l.restore(rounded, atoms[i*dim:(i+1)*dim])
	}
}
