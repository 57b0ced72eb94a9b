package duplicates

import (
	"math"
	"slices"
)

const (
	// Side is that of the pictures that are compared.
	Side = 32
	// leastSide is that of the smallest crop that is looked for: a quarter off width and height.
	leastSide = 24
	// blur is the standard deviation, in pixels, of the mean about a pixel that is taken off it. What two pictures have in
	// common that is smoother than this, as a pale ground, makes no copy.
	blur = 3.0
	// flat is the standard deviation, in levels of gray, below which there is nothing in a picture to compare.
	flat = 1.0
	// rounding bounds that of sums in float32, of a correlation.
	rounding = 1e-4
)

// detail is a square picture less the mean about each pixel, row-major.
type detail struct {
	side   int
	values []float32
}

// scale brings a picture of Side × Side to a side, and takes the mean about each pixel off. Both are linear, and the same in rows
// and columns: with X the picture, R·X·Rᵀ − B·X·Bᵀ.
type scale struct {
	side            int
	resize, blurred []float32 // R and B = G·R, side × Side
}

// scales are those of every side from Side down to leastSide.
var scales = func() (all []scale) {
	for side := Side; side >= leastSide; side-- {
		resize := resizing(side)
		all = append(all, scale{side, resize, times(blurring(side), resize, side, side, Side)})
	}
	return all
}()

// resizing is R: of each pixel of a smaller side the mean of those of a larger one, weighted by a triangle as wide as two
// pixels of the smaller.
func resizing(side int) []float32 {
	m, width := make([]float32, side*Side), float64(Side)/float64(side)
	for i := range side {
		at := (float64(i)+0.5)*width - 0.5
		for j := range Side {
			m[i*Side+j] = float32(max(0, 1-math.Abs(float64(j)-at)/width))
		}
		ofSumOne(m[i*Side : (i+1)*Side])
	}
	return m
}

// blurring is G: the normal distribution about each pixel, as far as the picture goes.
func blurring(side int) []float32 {
	m := make([]float32, side*side)
	for i := range side {
		for j := range side {
			d := float64(i-j) / blur
			m[i*side+j] = float32(math.Exp(-d * d / 2))
		}
		ofSumOne(m[i*side : (i+1)*side])
	}
	return m
}

func ofSumOne(row []float32) {
	var sum float32
	for _, v := range row {
		sum += v
	}
	for i := range row {
		row[i] /= sum
	}
}

// times is the product of a, rows × inner, and b, inner × columns.
func times(a, b []float32, rows, inner, columns int) []float32 {
	c := make([]float32, rows*columns)
	for i := range rows {
		to := c[i*columns : (i+1)*columns]
		for k, v := range a[i*inner : (i+1)*inner] {
			if v == 0 {
				continue
			}
			for j, w := range b[k*columns : (k+1)*columns] {
				to[j] += v * w
			}
		}
	}
	return c
}

// of is a picture of Side × Side bytes at the scale.
func (s scale) of(picture []byte) detail {
	x := make([]float32, Side*Side)
	for i := range Side {
		for j := range Side {
			x[j*Side+i] = float32(picture[i*Side+j]) // Xᵀ
		}
	}
	both := func(m []float32) []float32 { // M·X·Mᵀ
		half := times(m, x, s.side, Side, Side) // M·Xᵀ
		turned := make([]float32, len(half))
		for i := range s.side {
			for j := range Side {
				turned[j*s.side+i] = half[i*Side+j]
			}
		}
		return times(m, turned, s.side, Side, s.side)
	}
	d := detail{s.side, both(s.resize)}
	for i, v := range both(s.blurred) {
		d.values[i] -= v
	}
	return d
}

// flipped turns a detail left to right.
func (d detail) flipped() detail {
	f := detail{d.side, slices.Clone(d.values)}
	for y := range d.side {
		slices.Reverse(f.values[y*d.side : (y+1)*d.side])
	}
	return f
}

// unit is a detail less its mean, and of length 1. Of a flat one ok is false.
func (d detail) unit() (u detail, ok bool) {
	n := float64(len(d.values))
	var sum, squares float64
	for _, v := range d.values {
		sum, squares = sum+float64(v), squares+float64(v)*float64(v)
	}
	mean, length := sum/n, math.Sqrt(max(0, squares-sum*sum/n))
	if length < flat*math.Sqrt(n) {
		return d, false
	}
	u = detail{d.side, make([]float32, len(d.values))}
	for i, v := range d.values {
		u.values[i] = float32((float64(v) - mean) / length)
	}
	return u, true
}

// crop is a picture as a crop of another might show it: of length 1, and its mean 0.
type crop struct {
	detail
	above []float64 // the sum of the rows above each
	below []float64 // the length of each row and those below it
}

// crops are a picture at every scale at which it is not flat.
func crops(picture []byte) (all []crop) {
	for _, s := range scales {
		u, ok := s.of(picture).unit()
		if !ok {
			continue
		}
		c := crop{u, make([]float64, s.side+1), make([]float64, s.side+1)}
		for y := range s.side {
			c.above[y+1] = c.above[y]
			for _, v := range u.values[y*s.side : (y+1)*s.side] {
				c.above[y+1] += float64(v)
			}
		}
		var squares float64
		for y := s.side - 1; y >= 0; y-- {
			for _, v := range u.values[y*s.side : (y+1)*s.side] {
				squares += float64(v) * float64(v)
			}
			c.below[y] = math.Sqrt(squares)
		}
		all = append(all, c)
	}
	return all
}

// area has the sum of the values above and to the left of each pixel.
type area [(Side + 1) * (Side + 1)]float64

// of is the sum in rows from to to, of columns x to x+width.
func (a *area) of(from, to, x, width int) float64 {
	top, bottom := from*(Side+1)+x, to*(Side+1)+x
	return a[bottom+width] - a[bottom] - a[top+width] + a[top]
}

// whole is a picture that crops are looked for in.
type whole struct {
	detail
	sums, squares area
}

func newWhole(d detail) *whole {
	w := &whole{detail: d}
	for y := range Side {
		var sum, square float64
		for x := range Side {
			v := float64(d.values[y*Side+x])
			sum, square = sum+v, square+v*v
			at := (y+1)*(Side+1) + x + 1
			w.sums[at], w.squares[at] = w.sums[at-Side-1]+sum, w.squares[at-Side-1]+square
		}
	}
	return w
}

// agreement is the largest correlation of a crop with a square of the whole of its size. One below least is 0: most are, and
// are given up early.
func (w *whole) agreement(crops []crop, least float64) (most float64) {
	for i := range crops {
		for y := range Side - crops[i].side + 1 {
			for x := range Side - crops[i].side + 1 {
				most = max(most, w.at(y, x, &crops[i], max(least, most)))
			}
		}
	}
	return min(1, most)
}

// at is the correlation of a crop with the square at (y, x), 0 if it is below least. What the rows that are not yet multiplied can
// add is bounded by their lengths (Cauchy and Schwarz).
func (w *whole) at(y, x int, c *crop, least float64) float64 {
	const rows = 4 // between two looks at the bound
	side, n := c.side, float64(c.side*c.side)
	mean := w.sums.of(y, y+side, x, side) / n
	length := func(from int) float64 { // of the rows from there on, less the mean
		sum := w.sums.of(y+from, y+side, x, side)
		return math.Sqrt(max(0, w.squares.of(y+from, y+side, x, side)-2*mean*sum+mean*mean*float64((side-from)*side)))
	}
	all := length(0)
	if all < flat*math.Sqrt(n) {
		return 0
	}
	var product float64
	for r := range side {
		if r%rows == 0 && r > 0 && product-mean*c.above[r]+c.below[r]*length(r) < (least-rounding)*all {
			return 0
		}
		from := (y+r)*Side + x
		product += float64(dot(c.values[r*side:(r+1)*side], w.values[from:from+side]))
	}
	if product < least*all {
		return 0
	}
	return product / all
}

// dot is the product of two rows of the same length.
func dot(a, b []float32) float32 {
	var s0, s1, s2, s3 float32
	b = b[:len(a)]
	for len(a) >= 4 && len(b) >= 4 {
		s0, s1, s2, s3 = s0+a[0]*b[0], s1+a[1]*b[1], s2+a[2]*b[2], s3+a[3]*b[3]
		a, b = a[4:], b[4:]
	}
	for i, v := range a {
		s0 += v * b[i]
	}
	return s0 + s1 + s2 + s3
}
