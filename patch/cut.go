package patch

import (
	"math"
	"sync"

	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/internal/linalg"
	"github.com/sparse-manifold/smt/internal/reuse"
	"github.com/sparse-manifold/smt/sparse"
)

// Cut is an image whose patches are taken some at a time. All patches of a large image take a hundred
// times the memory of its pixels.
type Cut struct {
	t     *Transform
	pix   []uint8
	shape dataset.Shape
	which []int   // the numbers of the patches, nil for all
	mean  float32 // what is subtracted from all pixels
}

// Cut prepares to take the patches of an image that have the given numbers, nil for all. pix must not
// change while the Cut is used.
func (t *Transform) Cut(pix []uint8, shape dataset.Shape, which []int) Cut {
	c := Cut{t: t, pix: pix[:shape.Len()], shape: shape, which: which}
	if t.Deskew {
		c.pix = dataset.Straighten(c.pix, shape)
	}
	if t.Center == CenterImage {
		c.mean = float32(t.imageMean(c.pix, shape))
	}
	return c
}

// Len is the number of patches.
func (c *Cut) Len() int {
	if c.which != nil {
		return len(c.which)
	}
	rows, cols := c.t.Grid(c.shape)
	return rows * cols
}

// BandLen is the number of patches that are best taken at a time.
func (t *Transform) BandLen() int { return sparse.BandLen(t.Dim()) }

// Band computes patches first to last-1 into out, as Apply does.
func (c *Cut) Band(first, last, stride int, out *Patches) {
	t := c.t
	out.Reset(last-first, stride)
	c.centred(first, last, out)
	dim := t.Dim()
	x := linalg.Matrix{Rows: out.N, Cols: dim, RowStride: stride, ColStride: 1, Data: out.X}
	if t.Whitening != nil {
		linalg.AddMulSerial(x, out.raw, linalg.Wrap(dim, dim, t.Whitening))
	} else {
		for i := range out.N {
			copy(x.Row(i), out.raw.Row(i))
		}
	}
	for i := range out.N {
		normalize(x.Row(i), out.Blank[i])
	}
}

// bands is the working memory of Vectors, beside the vectors.
var bands = sync.Pool{New: func() any { return new(Patches) }}

// Vectors is Band for the vectors alone.
func (c *Cut) Vectors(first, last, stride int, out *sparse.Vectors) {
	p := bands.Get().(*Patches)
	defer bands.Put(p)
	p.Vectors = *out
	c.Band(first, last, stride, p)
	*out, p.Vectors = p.Vectors, sparse.Vectors{}
}

// number is the number, in the image, of patch i.
func (c *Cut) number(i int) int {
	if c.which != nil {
		return c.which[i]
	}
	return i
}

// centred extracts patches first to last-1, subtracts the mean of Center, and finds the blank ones.
func (c *Cut) centred(first, last int, out *Patches) {
	t := c.t
	dim := t.Dim()
	out.N = last - first
	out.Blank = reuse.Slice(out.Blank, out.N)
	out.raw = linalg.Wrap(out.N, dim, reuse.Slice(out.raw.Data, out.N*dim))
	run, line := t.Size*t.Channels, c.shape.Width*t.Channels

	// The rows of pixels that the patches cover are converted once, unless the patches are so few, and
	// so scattered, that these rows have more values than they.
	top, bottom := c.shape.Height, 0
	for i := first; i < last; i++ {
		box := t.Box(c.shape, c.number(i))
		top, bottom = min(top, box.Min.Y), max(bottom, box.Max.Y)
	}
	scattered := out.N*dim < (bottom-top)*line
	if !scattered {
		out.pixels = reuse.Slice(out.pixels, (bottom-top)*line)
		c.convert(out.pixels, c.pix[top*line:])
	}
	for i := range out.N {
		dst, from := out.raw.Row(i), t.Box(c.shape, c.number(first+i)).Min
		y, x := from.Y, from.X*t.Channels
		for r := range t.Size {
			if scattered {
				c.convert(dst[r*run:(r+1)*run], c.pix[(y+r)*line+x:])
			} else {
				copy(dst[r*run:(r+1)*run], out.pixels[(y-top+r)*line+x:])
			}
		}
		if t.Center == CenterPatch {
			subtractMean(dst)
		}
		out.Blank[i] = energy(dst) <= blank*blank*float32(dim)
	}
}

// convert fills out with values of pix, less the mean.
func (c *Cut) convert(out []float32, pix []uint8) {
	for i, p := range pix[:len(out)] {
		out[i] = float32(p)/255 - c.mean
	}
}

// imageMean is the mean over all values of all patches. A pixel counts as often as patches cover it.
func (t *Transform) imageMean(pix []uint8, shape dataset.Shape) float64 {
	rows, cols := t.Grid(shape)
	sum := 0
	for y := range shape.Height {
		line := 0
		for x := range shape.Width {
			pixel := 0
			for c := range t.Channels {
				pixel += int(pix[(y*shape.Width+x)*t.Channels+c])
			}
			line += pixel * t.covering(x, cols)
		}
		sum += line * t.covering(y, rows)
	}
	return float64(sum) / 255 / float64(rows*cols*t.Dim())
}

// covering is the number of n patches in a line that cover pixel x.
func (t *Transform) covering(x, n int) int {
	return min(x, n-1) - max(0, x-t.Size+1) + 1
}

// subtractMean subtracts their mean from the values of x.
func subtractMean(x []float32) {
	var sum float32
	for _, v := range x {
		sum += v
	}
	mean := sum / float32(len(x))
	for i := range x {
		x[i] -= mean
	}
}

// energy is ‖x‖², in four sums that do not wait for each other. Two values of each are taken at a
// time, as the loop itself would else cost as much.
func energy(x []float32) float32 {
	var a, b, c, d float32
	for ; len(x) >= 8; x = x[8:] {
		y := (*[8]float32)(x)
		a += y[0] * y[0]
		b += y[1] * y[1]
		c += y[2] * y[2]
		d += y[3] * y[3]
		a += y[4] * y[4]
		b += y[5] * y[5]
		c += y[6] * y[6]
		d += y[7] * y[7]
	}
	if len(x) >= 4 {
		a += x[0] * x[0]
		b += x[1] * x[1]
		c += x[2] * x[2]
		d += x[3] * x[3]
		x = x[4:]
	}
	for _, v := range x {
		a += v * v
	}
	return a + b + (c + d)
}

// normalize scales x to length 1. A blank patch, and one that has no direction, is zero.
func normalize(x []float32, blank bool) {
	if !blank {
		if e := energy(x); e > 0 {
			inverse := float32(1 / math.Sqrt(float64(e)))
			for ; len(x) >= 4; x = x[4:] { // a value at a time, the loop would cost more than the product
				y := (*[4]float32)(x)
				y[0] *= inverse
				y[1] *= inverse
				y[2] *= inverse
				y[3] *= inverse
			}
			for j := range x {
				x[j] *= inverse
			}
			return
		}
	}
	clear(x)
}
