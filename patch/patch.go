// Package patch turns an image into whitened patches of unit length, the first
// stage of the method (METHOD §2; paper, section 3, "whitening"):
//
//	x = W (p − m),  x / ‖x‖
//
// with p the pixel values of a patch in [0, 1], m the mean over its context and
// W the ZCA matrix (Cov + εI)^(−1/2).
package patch

import (
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

	raw linalg.Matrix
}

// Apply computes the patches of an image, pix as dataset.Source gives it, into
// out. stride, at least Dim, is the distance between patches in out.X.
func (t *Transform) Apply(pix []uint8, shape dataset.Shape, stride int, out *Patches) {
	t.raw(pix, shape, out)
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

func (t *Transform) extract(pix []uint8, shape dataset.Shape, out linalg.Matrix) {
	rows, cols := t.Grid(shape)
	run, line := t.Size*t.Channels, shape.Width*t.Channels
	scaled := buffer(shape.Len())
	defer buffers.Put(scaled)
	for i, v := range pix[:shape.Len()] {
		(*scaled)[i] = float32(v) / 255
	}
	for y := range rows {
		for x := range cols {
			dst := out.Row(y*cols + x)
			src := (*scaled)[y*line+x*t.Channels:]
			for r := range t.Size {
				copy(dst[r*run:(r+1)*run], src[r*line:])
			}
		}
	}
}

// center subtracts the context mean and finds the blank patches.
func (t *Transform) center(p *Patches) {
	var imageMean float64
	if t.Center == CenterImage {
		for _, v := range p.raw.Data {
			imageMean += float64(v)
		}
		imageMean /= float64(len(p.raw.Data))
	}
	for i := range p.N {
		row := p.raw.Row(i)
		mean := float32(imageMean)
		if t.Center == CenterPatch {
			var sum float32
			for _, v := range row {
				sum += v
			}
			mean = sum / float32(len(row))
		}
		var energy float32
		for j := range row {
			row[j] -= mean
			energy += row[j] * row[j]
		}
		p.Blank[i] = energy <= blank*blank*float32(len(row))
	}
}

func normalize(x []float32, blank bool) {
	if !blank {
		if n := norm(x); n > 0 {
			for j := range x {
				x[j] *= 1 / n
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
