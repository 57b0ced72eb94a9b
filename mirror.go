package smt

import (
	"math"

	"github.com/sparse-manifold/smt/dataset"
)

// Flipping an image left to right mirrors its cells and, where the dictionary is
// closed under flips, keeps the even coordinates and negates the odd ones: the
// embedding of the flip is a signed permutation F of the embedding. evenOdd
// changes to the basis in which F is diagonal; there the flip costs a change of
// signs, and the cosines to an image and to its flip together as much as one.

// Flip writes to out the embedding of the left-right flip of the image with the
// given shape and embedding. It panics if the model was fitted without flips.
func (m *Model) Flip(e []float32, s dataset.Shape, out []float32) {
	if m.parity == nil {
		panic("smt: Flip: the model was fitted without flips")
	}
	rows, cols := m.grid(s)
	d := m.enc.cfg.Dims
	for y := range rows {
		for x := range cols {
			place, sign := m.mirrored(x, cols)
			from, to := e[(y*cols+x)*d:], out[(y*cols+place)*d:]
			for j, p := range m.parity {
				to[j] = float32(sign*p) * from[j]
			}
		}
	}
}

// evenDims is the number of even values of evenOdd's result, the same for cells and
// for their spectrum.
func (m *Model) evenDims(s dataset.Shape) int {
	rows, cols := m.grid(s)
	n := rows * (cols / 2) * m.enc.cfg.Dims
	if cols%2 == 1 {
		for _, p := range m.parity {
			if p > 0 {
				n += rows
			}
		}
	}
	return n
}

// evenOdd writes an embedding in the basis of even values, then odd ones. It is
// a rotation: cosines stay what they are.
func (m *Model) evenOdd(e []float32, s dataset.Shape, out []float32) {
	rows, cols := m.grid(s)
	d := m.enc.cfg.Dims
	even, odd := 0, m.evenDims(s)
	for y := range rows {
		for x := range cols {
			place, sign := m.mirrored(x, cols)
			left, right := e[(y*cols+x)*d:][:d], e[(y*cols+place)*d:][:d]
			for j, p := range m.parity {
				switch {
				case place < x: // written with its mirror
				case place > x:
					out[even] = (left[j] + float32(p)*right[j]) / math.Sqrt2
					out[odd] = (left[j] - float32(p)*right[j]) / math.Sqrt2
					even++
					odd++
				case sign*p > 0: // its own mirror: a cell in the middle, or a frequency
					out[even] = left[j]
					even++
				default:
					out[odd] = left[j]
					odd++
				}
			}
		}
	}
}

// mirrored is the column that a flip moves column x of cells to, and the sign that it
// multiplies values by, beside their coordinates' parity. A spectrum has frequencies in
// place of columns: they stay, and odd ones are negated.
func (m *Model) mirrored(x, cols int) (place int, sign int8) {
	if m.enc.cfg.Spectrum {
		return x, int8(1 - x%2*2)
	}
	return cols - 1 - x, 1
}
