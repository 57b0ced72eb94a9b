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
	if m.enc.cfg.Spectrum {
		for i, sign := range m.signs(s) {
			out[i] = float32(sign) * e[i]
		}
		return
	}
	rows, cols := m.grid(s)
	d := m.enc.cfg.Dims
	for y := range rows {
		for x := range cols {
			from, to := e[(y*cols+x)*d:], out[(y*cols+cols-1-x)*d:]
			for j, p := range m.parity {
				to[j] = float32(p) * from[j]
			}
		}
	}
}

// evenDims is the number of even values of evenOdd's result.
func (m *Model) evenDims(s dataset.Shape) int {
	rows, cols := m.grid(s)
	if m.enc.cfg.Spectrum {
		n := 0
		for _, sign := range m.signs(s) {
			if sign > 0 {
				n++
			}
		}
		return n
	}
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
	even, odd := 0, m.evenDims(s)
	if m.enc.cfg.Spectrum {
		for i, sign := range m.signs(s) {
			if sign > 0 {
				out[even] = e[i]
				even++
			} else {
				out[odd] = e[i]
				odd++
			}
		}
		return
	}
	rows, cols := m.grid(s)
	d := m.enc.cfg.Dims
	for y := range rows {
		for x := range (cols + 1) / 2 {
			left, right := e[(y*cols+x)*d:][:d], e[(y*cols+cols-1-x)*d:][:d]
			for j, p := range m.parity {
				switch {
				case x != cols-1-x:
					out[even] = (left[j] + float32(p)*right[j]) / math.Sqrt2
					out[odd] = (left[j] - float32(p)*right[j]) / math.Sqrt2
					even++
					odd++
				case p > 0:
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

// signs are what a flip multiplies the values of a spectrum by: the parity of the
// coordinate, and −1 for odd frequencies across.
func (m *Model) signs(s dataset.Shape) []int8 {
	rows, cols := m.grid(s)
	signs := make([]int8, 0, m.Dim(s))
	for range rows {
		for f := range cols {
			for _, p := range m.parity {
				signs = append(signs, p*int8(1-f%2*2))
			}
		}
	}
	return signs
}
