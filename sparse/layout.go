package sparse

import "math"

// layout is the order in which the mask kernels read the values of a vector. With
// flips it is another basis, too: values that swap places in the flip of a patch
// become their even part e = (x + x′)/√2, which a flip keeps, and their odd part
// o = (x − x′)/√2, which it negates. A product with an atom and one with the
// atom's flip are then e·e′ + o·o′ and e·e′ − o·o′: two for the price of one.
// Even and odd parts take turns, unit values at a time.
type layout struct {
	width  int  // values the kernels read, zeros that fill up included
	stride int  // width, rounded up to whole chunks of 16
	unit   int  // even values in a row before the odd ones of the same number
	pairs  []of // none: the values stay as they are
}

// of says what becomes of values i and j: an even value and an odd one. A value
// that keeps its place in the flip (i = j) is even itself, and odd is -1.
type of struct{ i, j, even, odd int }

// newLayout makes the layout for vectors of dim values. flip[i] is the place of
// value i in the flip, nil without flips.
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
			l.pairs = append(l.pairs, of{i, j, place(&evens, 0), place(&odds, 1)})
		case i == j:
			l.pairs = append(l.pairs, of{i, i, place(&evens, 0), -1})
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

// arrange writes x, in the order and basis of the layout, to y, stride values
// that are zero where nothing belongs.
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
