package sparse

import (
	"math"

	"github.com/sparse-manifold/smt/internal/linalg"
	"github.com/sparse-manifold/smt/internal/reuse"
	"github.com/sparse-manifold/smt/internal/simd"
)

// table is a dictionary laid out for the kernels.
type table struct {
	n, dim, stride int
	rows           []float32 // the atoms, n × stride, for single products
	rounding       float32   // bound on the error of a product in float32

	// In the first `mirrored` panels atom a^8 is the flip of atom a.
	layout   layout
	mirrored int
	panels32 []float32 // for Mask32; nil if panels8 is used
	panels8  []uint8   // for Mask8: round(scale·atom) + 128
	scale    float64   // of the bytes: the number of units that a value of 1 has
	bytes    []int8    // round(scale·atom), n × layout.stride
	units    []float32 // of each atom, the value of a unit that suits it best: atom ≈ unit·bytes
	residual float64   // largest ‖atom − unit·bytes‖
	// shortest and longest are the least and the largest 1/(unit·scale): bytes/scale is that
	// much longer than the atom it is nearest to.
	shortest, longest float64
}

func newTable(atoms []float32, dim int, flip []int) *table {
	t := &table{n: len(atoms) / dim, dim: dim, stride: (dim + 15) / 16 * 16}
	t.rows = make([]float32, t.n*t.stride)
	for i := range t.n {
		copy(t.rows[i*t.stride:], atoms[i*dim:(i+1)*dim])
	}
	// |fl(x·y) − x·y| ≤ γ Σ|x||y|, with γ just above dim·2⁻²⁴, and Σ|x||y| ≤ 1 for unit
	// vectors. Twice that leaves room for lengths that are not quite 1, and for the rounding
	// of even and odd values.
	t.rounding = float32(dim+8) / (1 << 23)
	if flip != nil {
		t.mirrored = t.countMirrored(flip)
	}
	if t.mirrored == 0 {
		flip = nil
	}
	if simd.HasBytes() {
		t.layout = newLayout(dim, flip, 4)
		t.quantize()
	} else {
		t.layout = newLayout(dim, flip, 1)
		y := t.arranged()
		t.panels32 = pack(t, 0, func(a, k int) float32 { return y[a*t.layout.stride+k] })
	}
	return t
}

// countMirrored is the number of panels, from the first one on, in which atom a^8 is the flip of
// atom a.
func (t *table) countMirrored(flip []int) int {
	width := simd.Columns()
	for a := range t.n / width * width {
		for i, j := range flip {
			if t.rows[a*t.stride+i] != t.rows[(a^8)*t.stride+j] {
				return a / width
			}
		}
	}
	return t.n / width
}

// arranged is the atoms in the order of the layout, n × layout.stride.
func (t *table) arranged() []float32 {
	y := make([]float32, t.n*t.layout.stride)
	for a := range t.n {
		t.layout.arrange(t.rows[a*t.stride:][:t.dim], y[a*t.layout.stride:])
	}
	return y
}

// quantize makes the bytes of the atoms, and what is known of their errors.
func (t *table) quantize() {
	y, stride := t.arranged(), t.layout.stride
	t.scale = scaleFor(y, t.layout.width)
	t.bytes, t.units = make([]int8, len(y)), make([]float32, t.n)
	t.shortest, t.longest = math.Inf(1), 0
	for a := range t.n {
		atom, q := y[a*stride:(a+1)*stride], t.bytes[a*stride:]
		t.layout.quantize(atom, t.scale, q)
		unit, residual := bestUnit(atom, q)
		t.units[a] = float32(unit)
		t.residual = max(t.residual, residual)
		t.shortest, t.longest = min(t.shortest, 1/(unit*t.scale)), max(t.longest, 1/(unit*t.scale))
	}
	t.panels8 = pack(t, 128, func(a, k int) uint8 { return uint8(int(t.bytes[a*stride+k]) + 128) })
}

// bestUnit is the unit that makes ‖y − unit·q‖ smallest, and that length.
func bestUnit(y []float32, q []int8) (unit, residual float64) {
	var yq, qq float64
	for k, v := range y {
		yq += float64(v) * float64(q[k])
		qq += float64(q[k]) * float64(q[k])
	}
	if qq > 0 {
		unit = yq / qq
	}
	for k, v := range y {
		d := float64(v) - unit*float64(q[k])
		residual += d * d
	}
	return unit, math.Sqrt(residual)
}

// words is the number of 64-bit words of a mask over all atoms.
func (t *table) words() int { return (t.n + 63) / 64 }

// panelSize is the number of values of a mirrored panel, or of another one.
func (t *table) panelSize(mirrored bool) int {
	if size := simd.Columns() * t.layout.width; mirrored {
		return size / 2
	} else {
		return size
	}
}

// panel is where panel p starts.
func (t *table) panel(p int) int {
	m := min(p, t.mirrored)
	return m*t.panelSize(true) + (p-m)*t.panelSize(false)
}

// pack lays the atoms out in panels. value(a, k) is value k of atom a, in the layout's order.
// Columns behind the last atom are filled with empty.
func pack[T float32 | uint8](t *table, empty T, value func(a, k int) T) []T {
	cols, unit, width := simd.Columns(), t.layout.unit, t.layout.width
	panels := (t.n + cols - 1) / cols
	out := make([]T, t.panel(panels))
	for p := range panels {
		panel := out[t.panel(p):t.panel(p+1)]
		for j := range cols {
			if p < t.mirrored {
				// The first half of the columns are even parts, the second odd ones.
				half := j / (cols / 2)
				q := j % (cols / 2)
				a := p*cols + q/8*16 + q%8
				for k := range width / 2 {
					step, i := k/unit, k%unit
					panel[(step*cols+j)*unit+i] = value(a, (2*step+half)*unit+i)
				}
				continue
			}
			for k := range width {
				v := empty
				if a := p*cols + j; a < t.n {
					v = value(a, k)
				}
				panel[(k/unit*cols+j)*unit+k%unit] = v
			}
		}
	}
	return out
}

// atom is the vector of an atom.
func (t *table) atom(a uint16) []float32 { return t.rows[int(a)*t.stride:][:t.dim] }

// dot is the cosine that decides: a sum in float64, in the order of the values.
func (t *table) dot(x []float32, atom uint16) float64 {
	return linalg.Dot(x[:t.dim], t.rows[int(atom)*t.stride:])
}

// dotRows is the cosines of x with the atoms, in float32.
func (s *Scratch) dotRows(t *table, x []float32, atoms []uint16) []float32 {
	s.dots = reuse.Slice(s.dots, len(atoms))
	simd.DotRows(atoms, x, t.rows, t.stride, s.dots)
	return s.dots
}
