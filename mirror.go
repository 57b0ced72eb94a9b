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
	d := m.enc.cfg.Dims
	for i, t := range m.mirrors(s) {
		from, to := e[i*d:], out[t.place*d:]
		for j, p := range m.parity {
			to[j] = float32(t.sign*p) * from[j]
		}
	}
}

// evenDims is the number of even values of evenOdd's result.
func (m *Model) evenDims(s dataset.Shape) int { return m.evenOf(m.mirrors(s)) }

func (m *Model) evenOf(mirrors []mirror) int {
	d, even := m.enc.cfg.Dims, 0 // even coordinates
	for _, p := range m.parity {
		if p > 0 {
			even++
		}
	}
	n := 0
	for i, t := range mirrors {
		switch {
		case t.place > i: // one of each pair
			n += d
		case t.place == i && t.sign > 0:
			n += even
		case t.place == i:
			n += d - even
		}
	}
	return n
}

// evenOdd writes an embedding in the basis of even values, then odd ones. It is
// a rotation: cosines stay what they are.
func (m *Model) evenOdd(e []float32, s dataset.Shape, out []float32) {
	d := m.enc.cfg.Dims
	mirrors := m.mirrors(s)
	even, odd := 0, m.evenOf(mirrors)
	for i, t := range mirrors {
		left, right := e[i*d:][:d], e[t.place*d:][:d]
		for j, p := range m.parity {
			switch {
			case t.place < i: // written with its mirror
			case t.place > i:
				out[even] = (left[j] + float32(p)*right[j]) / math.Sqrt2
				out[odd] = (left[j] - float32(p)*right[j]) / math.Sqrt2
				even++
				odd++
			case t.sign*p > 0: // its own mirror: a cell in the middle, or a frequency
				out[even] = left[j]
				even++
			default:
				out[odd] = left[j]
				odd++
			}
		}
	}
}

// mirror is where a flip moves the Dims values of a cell or a frequency to, and the sign that it
// multiplies them by, beside their coordinates' parity.
type mirror struct {
	place int
	sign  int8
}

// mirrors are those of an embedding. Cells move to the other side; frequencies stay,
// and those odd across are negated.
func (m *Model) mirrors(s dataset.Shape) []mirror {
	rows, cols := m.enc.cfg.grid(s)
	var all []mirror
	for i, place := range m.places(rows, cols) {
		x := place % cols
		if m.enc.cfg.Spectrum > 0 {
			all = append(all, mirror{i, int8(1 - x%2*2)})
		} else {
			all = append(all, mirror{i - x + cols - 1 - x, 1})
		}
	}
	return all
}
