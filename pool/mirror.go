package pool

import "math"

// Flipping an image left to right mirrors its cells and, where the dictionary is
// closed under flips, keeps the even coordinates and negates the odd ones: the
// embedding of the flip is a signed permutation F of the embedding. EvenOdd
// changes to the basis in which F is diagonal; there the flip costs a change of
// signs, and the cosines to an image and to its flip together as much as one.

// Flip writes to out the embedding of the left-right flip of a grid of patches with embedding e.
// It panics without Parity.
func (l Layout) Flip(e []float32, rows, cols int, out []float32) {
	if l.Parity == nil {
		panic("pool: Flip: the layout has no parity")
	}
	d := l.Dims
	for i, t := range l.mirrors(rows, cols) {
		from, to := e[i*d:], out[t.place*d:]
		for j, p := range l.Parity {
			to[j] = float32(t.sign*p) * from[j]
		}
	}
}

// EvenDim is the number of even values of EvenOdd's result.
func (l Layout) EvenDim(rows, cols int) int { return l.even(l.mirrors(rows, cols)) }

func (l Layout) even(mirrors []mirror) int {
	d, even := l.Dims, 0 // even coordinates
	for _, p := range l.Parity {
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

// EvenOdd writes an embedding in the basis of even values, then odd ones. It is
// a rotation: cosines stay what they are.
func (l Layout) EvenOdd(e []float32, rows, cols int, out []float32) {
	d := l.Dims
	mirrors := l.mirrors(rows, cols)
	even, odd := 0, l.even(mirrors)
	for i, t := range mirrors {
		left, right := e[i*d:][:d], e[t.place*d:][:d]
		for j, p := range l.Parity {
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
func (l Layout) mirrors(rows, cols int) []mirror {
	down, across := l.Grid(rows, cols)
	var all []mirror
	for i, place := range l.places(down, across) {
		x := place % across
		if l.Spectrum > 0 {
			all = append(all, mirror{i, int8(1 - x%2*2)})
		} else {
			all = append(all, mirror{i - x + across - 1 - x, 1})
		}
	}
	return all
}
