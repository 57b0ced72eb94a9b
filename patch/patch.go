// Package patch turns an image into whitened patches of unit length, the first
// stage of the method (METHOD §2; paper, section 3, "whitening"):
//
//	x = W (p − m),  x / ‖x‖
//
// with p the pixel values of a patch in [0, 1], m the mean over its context and
// W the ZCA matrix (Cov + εI)^(−1/2).
package patch

import (
	"fmt"
	"math"

	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/internal/linalg"
	"github.com/sparse-manifold/smt/internal/simd"
)

// Center says over what the mean is taken that is subtracted from a patch.
type Center string

const (
	CenterImage Center = "image" // all patches of the image: one number an image
	CenterPatch Center = "patch" // the patch itself: one number a patch
	CenterNone  Center = "none"  // nothing is subtracted
)

// blank is the largest root-mean-square value, on the [0, 1] scale of pixels,
// of a patch that holds no signal: a quarter of one gray level.
const blank = 0.25 / 255

// Transform extracts, centres, whitens and normalises patches. It is immutable.
type Transform struct {
	Size, Channels int    // a patch has Size × Size × Channels values
	Center         Center // what is subtracted
	// Whitening is the Dim × Dim symmetric matrix W, nil for none.
	Whitening []float32
}

// Check reports a whitening with which the length of a patch may not be finite: centred
// values are within ±1, those of Wx within Dim·|W|, and the sum of their squares within Dim
// times the square of that. Half of the largest float32 is left for rounding.
func (t *Transform) Check() error {
	dim := t.Dim()
	most := float32(math.Sqrt(math.MaxFloat32/2/float64(dim)) / float64(dim))
	for i, w := range t.Whitening {
		if !(max(w, -w) <= most) {
			return fmt.Errorf("the value in row %d, column %d (index %d) is %g, want at most %.4g in size", i/dim, i%dim, i, w, most)
		}
	}
	return nil
}

// Dim is the number of values of a patch.
func (t *Transform) Dim() int { return t.Size * t.Size * t.Channels }

// Grid is the number of patches along the height and the width of an image.
func (t *Transform) Grid(s dataset.Shape) (rows, cols int) {
	return s.Height - t.Size + 1, s.Width - t.Size + 1
}

// Patches is the result for one image; it is reused from image to image.
type Patches struct {
	N      int       // number of patches, rows first
	Stride int       // values from one patch to the next
	X      []float32 // N × Stride, a patch is Dim values, then zeros; zero rows complete a kernel group
	Blank  []bool    // patches without signal, whose vectors are zero

	raw   linalg.Matrix // centred, before whitening
	image []float32     // pixels
}

// Apply computes the patches of an image, pix as dataset.Source gives it, into
// out. stride, at least Dim, is the distance between patches in out.X.
func (t *Transform) Apply(pix []uint8, shape dataset.Shape, stride int, out *Patches) {
	t.ApplyTo(pix, shape, nil, stride, out)
}

// ApplyTo is Apply for the patches that have the given numbers, nil for all.
func (t *Transform) ApplyTo(pix []uint8, shape dataset.Shape, which []int, stride int, out *Patches) {
	t.centred(pix, shape, which, out)
	dim := t.Dim()
	out.Stride = stride
	rows := (out.N + simd.Rows - 1) / simd.Rows * simd.Rows
	out.X = resize(out.X, rows*stride)
	x := linalg.Matrix{Rows: out.N, Cols: dim, RowStride: stride, ColStride: 1, Data: out.X}
	clear(out.X)
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

// centred extracts patches, subtracts the context mean and finds the blank ones.
func (t *Transform) centred(pix []uint8, shape dataset.Shape, which []int, out *Patches) {
	rows, cols := t.Grid(shape)
	dim := t.Dim()
	out.N = rows * cols
	if which != nil {
		out.N = len(which)
	}
	out.Blank = resize(out.Blank, out.N)
	out.raw = linalg.Wrap(out.N, dim, resize(out.raw.Data, out.N*dim))
	var mean float32
	if t.Center == CenterImage {
		mean = float32(t.imageMean(pix, shape))
	}
	out.image = resize(out.image, shape.Len())
	for i, v := range pix[:shape.Len()] {
		out.image[i] = float32(v)/255 - mean
	}
	run, line := t.Size*t.Channels, shape.Width*t.Channels
	for i := range out.N {
		at := i
		if which != nil {
			at = which[i]
		}
		dst := out.raw.Row(i)
		src := out.image[at/cols*line+at%cols*t.Channels:]
		for r := range t.Size {
			copy(dst[r*run:(r+1)*run], src[r*line:])
		}
		if t.Center == CenterPatch {
			subtractMean(dst)
		}
		out.Blank[i] = energy(dst) <= blank*blank*float32(dim)
	}
}

// imageMean is the mean over all values of all patches: a pixel counts as often
// as patches cover it.
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

// energy is ‖x‖², in four sums that do not wait for each other.
func energy(x []float32) float32 {
	var a, b, c, d float32
	for ; len(x) >= 4; x = x[4:] {
		a += x[0] * x[0]
		b += x[1] * x[1]
		c += x[2] * x[2]
		d += x[3] * x[3]
	}
	for _, v := range x {
		a += v * v
	}
	return a + b + (c + d)
}

func normalize(x []float32, blank bool) {
	if !blank {
		if e := energy(x); e > 0 {
			inverse := float32(1 / math.Sqrt(float64(e)))
			for j := range x {
				x[j] *= inverse
			}
			return
		}
	}
	clear(x)
}

func resize[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}
