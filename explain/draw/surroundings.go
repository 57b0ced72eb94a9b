package draw

import (
	"image"

	"github.com/sparse-manifold/smt/explain"
	"github.com/sparse-manifold/smt/patch"
)

// Surroundings is patch i of an image, size × size pixels, with what is around it,
// enlarged to about side pixels, and framed: a window of three patches' width,
// moved to lie within the image.
func Surroundings(im explain.Image, i, size, side int) *image.NRGBA {
	box := patch.Box(im.Shape, size, i)
	window := min(3*size, im.Shape.Width, im.Shape.Height)
	x0 := min(max(0, box.Min.X+size/2-window/2), im.Shape.Width-window)
	y0 := min(max(0, box.Min.Y+size/2-window/2), im.Shape.Height-window)
	factor := max(1, side/window)
	out := Enlarge(Crop(Photo(im), image.Rect(x0, y0, x0+window, y0+window)), factor)
	Frame(out, box.Sub(image.Pt(x0, y0)), factor)
	return out
}

// Crop is a part of an image, moved to the origin.
func Crop(im *image.NRGBA, r image.Rectangle) *image.NRGBA {
	out := image.NewNRGBA(image.Rect(0, 0, r.Dx(), r.Dy()))
	for y := range r.Dy() {
		copy(out.Pix[y*out.Stride:(y+1)*out.Stride], im.Pix[im.PixOffset(r.Min.X, r.Min.Y+y):])
	}
	return out
}
