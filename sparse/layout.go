package sparse

import "math"

// layout is the order in which the mask kernels read the values of a vector.
//
// With flips it is another basis, too. Two values x and x′ that swap places in a flip become an
// even value (x + x′)/√2, which the flip keeps, and an odd value (x − x′)/√2, which it negates.
// Two products, of the even values and of the odd ones, then serve an atom and its flip: one
// cosine is their sum, the other their difference. Even and odd values take turns, `unit` of
// them at a time.
type layout struct {
	width  int    // values that the kernels read, with the zeros that fill up
	stride int    // width, rounded up to whole chunks of 16
	unit   int    // even values in a row, before as many odd ones
	pairs  []pair // of values that swap places; nil where values stay as they are
}

// pair is two values, i and j, and the places of the even and the odd value that they become.
// A value that keeps its place in a flip (i = j) is even itself; odd is then -1.
type pair struct{ i, j, even, odd int }

// newLayout is the layout of vectors of dim values. flip[i] is the place of value i in the
// flip; flip is nil where there are none.
func newLayout(dim int, flip []int, unit int) layout {
	l := layout{unit: unit}
	if flip == nil {
		l.setWidth((dim + unit - 1) / unit * unit)
		return l
	}
	evens, odds := 0, 0
	place := func(n *int, half int) int {
		k := *n
		*n++
		return k/unit*2*unit + half*unit + k%unit
	}
	for i, j := range flip {
		switch {
		case i < j:
			l.pairs = append(l.pairs, pair{i, j, place(&evens, 0), place(&odds, 1)})
		case i == j:
			l.pairs = append(l.pairs, pair{i, i, place(&evens, 0), -1})
		}
	}
	l.setWidth((evens + unit - 1) / unit * 2 * unit)
	return l
}

func (l *layout) setWidth(n int) { l.width, l.stride = n, (n+15)/16*16 }

// steps is the number of kernel steps that cover a vector, or one of its halves.
func (l *layout) steps() int {
	if l.pairs == nil {
		return l.width / l.unit
	}
	return l.width / l.unit / 2
}

// arrange writes x to y in the order and basis of the layout. y has stride values, and must be
// zero where no value of x goes.
func (l *layout) arrange(x, y []float32) {
	if l.pairs == nil {
		copy(y, x)
		return
	}
	const scale = math.Sqrt2 / 2
	for _, p := range l.pairs {
		if p.odd < 0 {
			y[p.even] = x[p.i]
			continue
		}
		u, v := x[p.i], x[p.j]
		y[p.even] = (u + v) * scale
		y[p.odd] = (u - v) * scale
	}
}

// restore is the inverse of arrange.
func (l *layout) restore(y []float64, x []float32) {
	if l.pairs == nil {
		for i := range x {
			x[i] = float32(y[i])
		}
		return
	}
	const scale = math.Sqrt2 / 2
	for _, p := range l.pairs {
		if p.odd < 0 {
			x[p.i] = float32(y[p.even])
			continue
		}
		e, o := y[p.even], y[p.odd]
		x[p.i], x[p.j] = float32((e+o)*scale), float32((e-o)*scale)
	}
}
