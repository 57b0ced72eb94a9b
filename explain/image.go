package explain

import (
	"image"
	"iter"

	"github.com/sparse-manifold/smt/dataset"
)

// Image is one image, with its pixels as dataset.Source gives them.
type Image struct {
	Shape dataset.Shape
	Pix   []uint8
	ID    string // its name, as dataset.Source gives it; "" for none
}

// ImageOf is image i of src.
func ImageOf(src dataset.Source, i int) (Image, error) {
	im := Image{src.Shape(), make([]uint8, src.Shape().Len()), src.ID(i)}
	return im, src.Image(i, im.Pix)
}

// Lines yields the rows of pixels of a part of the image, which lies within it.
func (im Image) Lines(part image.Rectangle) iter.Seq2[int, []uint8] {
	return func(yield func(row int, pix []uint8) bool) {
		c := im.Shape.Channels
		for y := range part.Dy() {
			from := ((part.Min.Y+y)*im.Shape.Width + part.Min.X) * c
			if !yield(y, im.Pix[from:from+part.Dx()*c]) {
				return
			}
		}
	}
}

// Flipped is the left-right flip. It goes by the same name.
func (im Image) Flipped() Image {
	c, w := im.Shape.Channels, im.Shape.Width
	out := Image{im.Shape, make([]uint8, len(im.Pix)), im.ID}
	for i := range im.Shape.Height * w {
		to := i - i%w + w - 1 - i%w
		copy(out.Pix[to*c:(to+1)*c], im.Pix[i*c:])
	}
	return out
}

// Source is a source of the one image, without a label. Its id is a number.
func (im Image) Source() dataset.Source { return dataset.Single(im.Shape, im.Pix) }
