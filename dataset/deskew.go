package dataset

import (
	"io"
	"math"
	"slices"
)

const (
	// steepest is the largest slope that is taken back, in pixels to the side for a pixel down. Of MNIST's
	// 60,000 training images none leans by more. What does is flat, as a minus sign is, not slanted.
	steepest = 2
	// width is the standard deviation of the columns of straightened ink, as a part of the width of the image: about the mean of
	// MNIST's. Ink is made wider or narrower by no more than a factor stretch: a 1 stays narrow.
	width, stretch = 0.15, 2
	// Places between pixels are counted in parts of a pixel.
	parts = 256
)

// Deskew is src, of gray images, with each of them straightened.
func Deskew(src Source) Source { return deskewed{src} }

type deskewed struct{ Source }

func (d deskewed) Image(i int, pix []uint8) error {
	pix = target(pix, d.Shape(), i, d.Len())
	if err := d.Source.Image(i, pix); err != nil {
		return err
	}
	copy(pix, Straighten(pix, d.Shape()))
	return nil
}

func (d deskewed) Close() error {
	if c, ok := d.Source.(io.Closer); ok {
		return c.Close()
	}
	return nil
}

// Straighten is a gray image whose ink is upright and of one width: a new one, of the same shape.
//
// The ink of a pixel is how far its value is from the ground, the median of the pixels at the edge: light on
// dark or dark on light. Each row is moved to the side by a multiple of its distance from the row of the centre of the ink. The
// multiple is the one for which rows and columns of the ink do not correlate, their covariance over the variance of the rows.
// Columns are then spread around that of the centre until their standard deviation is that of width. Between pixels values are
// interpolated, and beyond the edge is ground. Ink in one row alone is not moved, that in one column is spread by stretch, and an image
// of one value stays as it is.
//
// The straightened flip of an image is the flip of the straightened image, byte for byte.
func Straighten(pix []uint8, s Shape) []uint8 {
	ground := edge(pix, s)
	f := formOf(pix, s, ground)
	out := make([]uint8, s.Len())
	for y := range s.Height {
		line := pix[y*s.Width : (y+1)*s.Width]
		moved := float64(f.slope * (float64(y) - f.row))
		for x := range s.Width {
			// Half pixels from the middle, for which a flip is a change of sign.
			at := f.column + float64(f.scale*(float64(2*x-(s.Width-1))-f.column)) + 2*moved
			place := int(math.Round(at*parts/2)) + (s.Width-1)*parts/2
			out[y*s.Width+x] = between(line, place, ground)
		}
	}
	return out
}

// between is the value of a line at a place, counted in parts of a pixel from the middle of the first.
func between(line []uint8, place int, ground uint8) uint8 {
	rest := (place%parts + parts) % parts
	x := (place - rest) / parts
	at := func(x int) int {
		if x < 0 || x >= len(line) {
			return int(ground)
		}
		return int(line[x])
	}
	return uint8((at(x)*(parts-rest) + at(x+1)*rest + parts/2) / parts)
}

// form is what straightening takes back: how far ink leans to the right for a row further down, and how much wider than width it is.
// The centre of the ink is a row, from the top, and a column, in half pixels from the middle.
type form struct{ slope, scale, row, column float64 }

// formOf finds the form of ink. Sums are of integers, and exact for images of up to 1,000 × 1,000 pixels.
func formOf(pix []uint8, s Shape, ground uint8) form {
	var ink, down, across, both, tall, wide float64
	for y := range s.Height {
		row := float64(y)
		for x := range s.Width {
			v := math.Abs(float64(pix[y*s.Width+x]) - float64(ground))
			column := float64(2*x - (s.Width - 1))
			ink += v
			down += v * row
			across += v * column
			tall += v * row * row
			both += v * row * column
			wide += v * column * column
		}
	}
	if ink == 0 {
		return form{scale: 1}
	}
	// Conversions keep a product and a sum from being one operation, which rounds otherwise.
	rows := float64(ink*tall) - float64(down*down) // variances and the covariance, times ink²
	columns := float64(ink*wide) - float64(across*across)
	covariance := float64(ink*both) - float64(across*down)
	f := form{row: down / ink, column: across / ink}
	if rows > 0 {
		f.slope = max(-steepest, min(steepest, covariance/rows/2))
		columns -= float64(4*f.slope*covariance) - float64(4*f.slope*f.slope*rows) // of straightened ink
	}
	deviation := math.Sqrt(max(0, columns)) / ink / 2
	f.scale = max(1.0/stretch, min(stretch, deviation/(width*float64(s.Width))))
	return f
}

// edge is the median of the pixels at the edge of an image.
func edge(pix []uint8, s Shape) uint8 {
	var values []uint8
	for y := range s.Height {
		line := pix[y*s.Width : (y+1)*s.Width]
		if y == 0 || y == s.Height-1 {
			values = append(values, line...)
		} else {
			values = append(values, line[0], line[s.Width-1])
		}
	}
	slices.Sort(values)
	return values[len(values)/2]
}
