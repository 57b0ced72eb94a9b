package pool

import "math"

// A flip moves each cell to the other side of the image. Where the dictionary is closed under flips, it
// also keeps the even coordinates and negates the odd ones. So the embedding of the flip is a signed
// permutation F of the embedding. EvenOdd changes to the basis in which F is diagonal. There a flip is a
// change of signs, and the cosines to an image and to its flip cost as much together as one of them.

// Flip writes to out the embedding of the left-right flip of a grid of patches. e is the embedding of the
// grid. It panics without Parity.
func (l Layout) Flip(e []float32, rows, cols int, out []float32) {
	if l.Parity == nil {
		panic("pool: Flip: the layout has no parity")
	}
	d := l.Dims
	for i, m := range l.moves(rows, cols) {
		from, to := e[i*d:], out[m.place*d:]
		for j, p := range l.Parity {
			to[j] = float32(m.sign*p) * from[j]
		}
	}
}

// EvenDim is the number of even values of EvenOdd's result.
func (l Layout) EvenDim(rows, cols int) int { return l.even(l.moves(rows, cols)) }

func (l Layout) even(moves []move) int {
	d, even := l.Dims, 0 // even coordinates
	for _, p := range l.Parity {
		if p > 0 {
			even++
		}
	}
	n := 0
	for i, m := range moves {
		switch {
		case m.place > i: // one of each pair
			n += d
		case m.place == i && m.sign > 0:
			n += even
		case m.place == i:
			n += d - even
		}
	}
	return n
}

// EvenOdd writes the embedding e to out in the basis of even values, then odd ones. This is a rotation:
// cosines stay what they are.
func (l Layout) EvenOdd(e []float32, rows, cols int, out []float32) {
	d := l.Dims
	moves := l.moves(rows, cols)
	even, odd := 0, l.even(moves)
	for i, m := range moves {
		left, right := e[i*d:][:d], e[m.place*d:][:d]
		for j, p := range l.Parity {
			switch {
			case m.place < i: // written with the other of the pair
			case m.place > i:
				out[even] = (left[j] + float32(p)*right[j]) / math.Sqrt2
				out[odd] = (left[j] - float32(p)*right[j]) / math.Sqrt2
				even++
				odd++
			case m.sign*p > 0: // it stays: a cell in the middle, or a frequency
				out[even] = left[j]
				even++
			default:
				out[odd] = left[j]
				odd++
			}
		}
	}
}

// move is what a flip does to the Dims values of a cell or a frequency: the place that it moves them to, and
// the sign that it multiplies them by, beside the parity of each.
type move struct {
	place int
	sign  int8
}

// moves are those of an embedding. Cells move to the other side. Frequencies stay, and those odd across are
// negated.
func (l Layout) moves(rows, cols int) []move {
	down, across := l.Grid(rows, cols)
	var all []move
	for i, place := range l.places(down, across) {
		x := place % across
		if l.Frequencies > 0 {
			all = append(all, move{i, int8(1 - x%2*2)})
		} else {
			all = append(all, move{i - x + across - 1 - x, 1})
		}
	}
	return all
}
