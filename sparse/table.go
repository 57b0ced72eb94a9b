package sparse

import (
	"math"

	"github.com/sparse-manifold/smt/internal/linalg"
	"github.com/sparse-manifold/smt/internal/simd"
)

// table is a dictionary laid out for the kernels.
type table struct {
	n, dim, stride int
	rows           []float32 // n × stride, for single products
	rounding       float32   // bound on the error of a float32 product
	panels32       []float32 // for Mask32, nil if panels8 is used
	panels8        []uint8   // for Mask8: round(scale·atom) + 128
	scale          float64   // 8-bit units of 1
	residual       float64   // largest ‖atom − quantized atom‖
}

func newTable(atoms []float32, dim int) *table {
	t := &table{n: len(atoms) / dim, dim: dim, stride: (dim + 15) / 16 * 16}
	t.rows = make([]float32, t.n*t.stride)
	for i := range t.n {
		copy(t.rows[i*t.stride:], atoms[i*dim:(i+1)*dim])
	}
	// |fl(x·y) − x·y| ≤ γ Σ|x||y| with γ just above dim·2⁻²⁴ and, for unit
	// vectors, Σ|x||y| ≤ 1; twice that leaves room for lengths not quite 1.
	t.rounding = float32(dim+8) / (1 << 23)
	if simd.HasBytes() {
		t.quantize()
	} else {
		t.panels32 = linalg.PackPanels(linalg.Wrap(t.n, dim, atoms).T())
	}
	return t
}

// steps is the number of four-value steps of the 8-bit kernel.
func (t *table) steps() int { return (t.dim + 3) / 4 }

// words is the number of 64-bit words of a mask over all atoms.
func (t *table) words() int { return (t.n + 63) / 64 }

// quantize chooses the 8-bit scale that makes the worst atom's residual small,
// clipping rare large values if that pays, and packs the atoms.
func (t *table) quantize() {
	var largest float64
	for _, v := range t.rows {
		largest = max(largest, math.Abs(float64(v)))
	}
	t.residual = math.Inf(1)
	q := make([]int8, t.stride)
	for clip := largest; clip > largest/3; clip *= 0.9 {
		scale, worst := 127/clip, 0.0
		for i := range t.n {
			_, r := quantizeRow(t.rows[i*t.stride:(i+1)*t.stride], scale, q)
			worst = max(worst, r)
		}
		if worst < t.residual {
			t.scale, t.residual = scale, worst
		}
	}
	width := simd.Columns()
	panels := (t.n + width - 1) / width
	t.panels8 = make([]uint8, panels*width*4*t.steps())
	for i := range t.panels8 {
		t.panels8[i] = 128
	}
	for i := range t.n {
		quantizeRow(t.rows[i*t.stride:(i+1)*t.stride], t.scale, q)
		panel := t.panels8[i/width*width*4*t.steps():]
		for k := range t.dim {
			panel[(k/4)*4*width+i%width*4+k%4] = uint8(int(q[k]) + 128)
		}
	}
}

// quantizeRow writes round(scale·x), clipped to ±127, and returns the sum of
// the integers and ‖x − q/scale‖.
func quantizeRow(x []float32, scale float64, q []int8) (sum int32, residual float64) {
	// Adding 1.5·2²³ rounds a small float32 to an integer, to even, and leaves
	// the integer in its low bits.
	const shift = 3 << 22
	s, inv := float32(scale), float32(1/scale)
	var energy float32
	q = q[:len(x)]
	for i, v := range x {
		r := min(max(v*s, -127), 127) + shift
		n := int32(math.Float32bits(r)) - 0x4b400000
		q[i] = int8(n)
		sum += n
		d := v - float32(n)*inv
		energy += d * d
	}
	return sum, math.Sqrt(float64(energy))
}

// dot is the cosine that decides: float64, in order of the values.
func (t *table) dot(x []float32, atom uint16) float64 {
	var sum float64
	row := t.rows[int(atom)*t.stride:][:t.dim]
	for i, v := range x[:t.dim] {
		sum += float64(v) * float64(row[i])
	}
	return sum
}

func (s *Scratch) dotRows(t *table, x []float32, atoms []uint16) []float32 {
	s.dots = grow(s.dots, len(atoms))
	simd.DotRows(atoms, x, t.rows, t.stride, s.dots)
	return s.dots
}

func grow[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n, n+n/4)
	}
	return s[:n]
}

// growRows is room for n rows, rounded up to whole kernel groups.
func growRows(s []float32, n, stride int) []float32 {
	return grow(s, (n+simd.Rows-1)/simd.Rows*simd.Rows*stride)
}
