package explain

import (
	"math"

	"github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/embedding"
	"github.com/sparse-manifold/smt/pool"
)

// newProduct is that of the two images of p, whose cells are known.
func newProduct(m *smt.Model, p *Pair) product {
	s := m.Stages()
	if s.Components == nil {
		return newForm(s.Layout, p.CellRows, p.CellCols, p.A.cells, p.B.cells)
	}
	f := newShortForm(s, &p.A)
	f.of(0, p.A.cells)
	f.of(1, p.B.cells)
	return f
}

// newShortForm is that of images with as many patches as s.
func newShortForm(m smt.Stages, s *Side) *shortForm {
	f := &shortForm{layout: m.Layout, c: m.Components}
	f.d = m.Layout.Dims
	f.rows, f.cols = m.Layout.Grid(s.Rows, s.Cols)
	if m.Layout.Parity != nil {
		f.turns = m.Layout.Turns(s.Rows, s.Cols)
	}
	return f
}

// of takes the weights and the length of an image from its cells.
func (f *shortForm) of(side int, cells []float64) {
	f.weights[side] = f.weigh(cells)
	y := f.short(f.long(side, cells), 1)
	if n := math.Sqrt(dot(y, y)); n > 0 {
		f.scales[side] = 1 / n
	}
}

// shortForm is the product of embeddings with components,
//
//	y = A(R W D a − μ)/‖A(R W D a − μ)‖
//
// of cells a: D is the cosine transform, or 1; W is diagonal, with the amplitudes of the frequencies of an
// image, or the length of its cells, given; R turns to even and odd values; and A = Λ^(−p/2) U are the components.
type shortForm struct {
	form    // D
	layout  pool.Layout
	turns   []pool.Turn           // R, nil where flips cannot be told
	c       *embedding.Components // A and μ, nil for 1 and 0
	weights [2][]float64          // W of A and of B, 0 for frequencies that are not kept
	scales  [2]float64            // 1/‖·‖ of either
}

// with has v in the space of the components, where the cosine is a dot product, and goes back from there
// to the cells of the other side.
func (f *shortForm) with(side int, v []float64, w float64) ([]float64, float64) {
	other := 1 - side
	y := f.short(f.long(side, v), w)
	for k := range y {
		y[k] *= f.scales[side] * f.scales[other]
	}
	taken := dot(f.short(make([]float64, f.dim()), -1), y)
	return f.cells(other, f.back(y)), taken
}

// weigh is W of an image.
func (f *shortForm) weigh(cells []float64) []float64 {
	w := make([]float64, len(cells))
	if f.layout.Frequencies == 0 {
		if n := math.Sqrt(dot(cells, cells)); n > 0 {
			for i := range w {
				w[i] = 1 / n
			}
		}
		return w
	}
	z, sum := f.rotate(cells, false), 0.0
	f.kept(func(_, at int) { sum += math.Abs(z[at]) })
	f.kept(func(_, at int) {
		if x := math.Abs(z[at]); x > vanishing {
			w[at] = 1 / math.Sqrt(x*sum)
		}
	})
	return w
}

// kept calls do with the number of every value of an embedding, and of the same value of all cells or
// frequencies.
func (f *shortForm) kept(do func(value, at int)) {
	n := 0
	for i := range f.rows * f.cols {
		if f.layout.Frequencies > 0 && !f.layout.Keeps(i/f.cols, i%f.cols) {
			continue
		}
		for j := range f.d {
			do(n, i*f.d+j)
			n++
		}
	}
}

// dim is the number of values of an embedding without components.
func (f *shortForm) dim() int {
	if f.c == nil {
		n := 0
		f.kept(func(int, int) { n++ })
		return n
	}
	parts := f.c.Parts()
	return parts[len(parts)-1].To
}

// long is R W D v of cells v.
func (f *shortForm) long(side int, v []float64) []float64 {
	if f.layout.Frequencies > 0 {
		v = f.rotate(v, false)
	}
	e := make([]float64, f.dim())
	f.kept(func(value, at int) { e[value] = f.weights[side][at] * v[at] })
	if f.turns == nil {
		return e
	}
	out := make([]float64, len(e))
	for i, t := range f.turns {
		if out[i] = e[t.From]; t.With != t.From {
			out[i] = (e[t.From] + t.Sign*e[t.With]) / math.Sqrt2
		}
	}
	return out
}

// cells is the transpose of long.
func (f *shortForm) cells(side int, x []float64) []float64 {
	e := x
	if f.turns != nil {
		e = make([]float64, len(x))
		for i, t := range f.turns {
			if t.With == t.From {
				e[t.From] += x[i]
				continue
			}
			e[t.From] += x[i] / math.Sqrt2
			e[t.With] += t.Sign * x[i] / math.Sqrt2
		}
	}
	v := make([]float64, len(f.weights[side]))
	f.kept(func(value, at int) { v[at] = f.weights[side][at] * e[value] })
	if f.layout.Frequencies > 0 {
		return f.rotate(v, true)
	}
	return v
}

// short is A(x − wμ).
func (f *shortForm) short(x []float64, w float64) (y []float64) {
	if f.c == nil {
		return x
	}
	for j, v := range f.c.Mean() {
		x[j] -= w * float64(v)
	}
	for _, p := range f.c.Parts() {
		for k := range p.Variances {
			y = append(y, dot(row(p.Rows, k, p.To-p.From), x[p.From:p.To]))
		}
	}
	return y
}

// back is Aᵀy.
func (f *shortForm) back(y []float64) []float64 {
	if f.c == nil {
		return y
	}
	x := make([]float64, f.dim())
	for _, p := range f.c.Parts() {
		for k := range p.Variances {
			to := x[p.From:p.To]
			for j, v := range row(p.Rows, k, p.To-p.From) {
				to[j] += y[0] * float64(v)
			}
			y = y[1:]
		}
	}
	return x
}
