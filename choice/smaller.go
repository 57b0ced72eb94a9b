package choice

import (
	"image"

	"github.com/sparse-manifold/smt/dataset"
)

// smaller is a source whose images are brought to a shape, as those of a folder are.
type smaller struct {
	dataset.Source
	shape dataset.Shape
}

// bounded is src, its images no larger than those that are chosen for where their size is open (Size).
func bounded(src dataset.Source) dataset.Source {
	shape := Size(src.Shape())
	if shape == src.Shape() {
		return src
	}
	return smaller{src, shape}
}

func (s smaller) Shape() dataset.Shape { return s.shape }

func (s smaller) Image(i int, pix []uint8) error {
	large := s.Source.Shape()
	from := make([]uint8, large.Len())
	if err := s.Source.Image(i, from); err != nil {
		return err
	}
	copy(pix, dataset.FromImage(picture(from, large), s.shape))
	return nil
}

// picture is the pixels of an image of a source, gray or in colour.
func picture(pix []uint8, s dataset.Shape) image.Image {
	bounds := image.Rect(0, 0, s.Width, s.Height)
	if s.Channels == 1 {
		return &image.Gray{Pix: pix, Stride: s.Width, Rect: bounds}
	}
	img := image.NewRGBA(bounds)
	for at := range s.Width * s.Height {
		copy(img.Pix[4*at:], pix[3*at:3*at+3])
		img.Pix[4*at+3] = 255
	}
	return img
}
