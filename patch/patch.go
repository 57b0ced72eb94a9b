package patch

import (
	"image"

	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/internal/linalg"
	"github.com/sparse-manifold/smt/sparse"
)

// Center says over what the mean is taken that is subtracted from a patch.
type Center string

const (
	CenterImage Center = "image" // all patches of the image: one number an image
	CenterPatch Center = "patch" // the patch itself: one number a patch
	CenterNone  Center = "none"  // nothing is subtracted
)

// blank is the largest root-mean-square value of a patch without signal: a quarter of one gray level,
// pixels being in [0, 1].
const blank = 0.25 / 255

// Transform extracts, centres, whitens and normalises patches. It is immutable.
type Transform struct {
	Size, Channels int    // a patch has Size × Size × Channels values
	Center         Center // what is subtracted
	// Deskew makes patches of the straightened image (dataset.Straighten). Images are gray then.
	Deskew bool
	// Whitening is the Dim × Dim symmetric matrix W, nil for none.
	Whitening []float32
}

// Dim is the number of values of a patch.
func (t *Transform) Dim() int { return t.Size * t.Size * t.Channels }

// Grid is the number of patches along the height and the width of an image.
func (t *Transform) Grid(s dataset.Shape) (rows, cols int) {
	return Grid(s, t.Size)
}

// Box is the pixels that patch i of an image covers.
func (t *Transform) Box(s dataset.Shape, i int) image.Rectangle { return Box(s, t.Size, i) }

// Patches are the whitened patches of one image, rows of the image first. They are used again for the
// next image.
type Patches struct {
	sparse.Vectors

	raw    linalg.Matrix // the centred patches, before whitening
	pixels []float32     // the rows of the image that the patches cover
}

// Apply computes the patches of an image into out. pix is what dataset.Source gives. stride, at least
// Dim, is the distance between patches in out.X.
func (t *Transform) Apply(pix []uint8, shape dataset.Shape, stride int, out *Patches) {
	t.ApplyTo(pix, shape, nil, stride, out)
}

// ApplyTo is Apply for the patches that have the given numbers, nil for all.
func (t *Transform) ApplyTo(pix []uint8, shape dataset.Shape, which []int, stride int, out *Patches) {
	c := t.Cut(pix, shape, which)
	c.Band(0, c.Len(), stride, out)
}
