package explain

import "github.com/sparse-manifold/smt/dataset"

// Image is one image, with its pixels as dataset.Source gives them.
type Image struct {
	Shape dataset.Shape
	Pix   []uint8
}

// ImageOf is image i of src.
func ImageOf(src dataset.Source, i int) (Image, error) {
	im := Image{src.Shape(), make([]uint8, src.Shape().Len())}
	return im, src.Image(i, im.Pix)
}

// Flipped is the left-right flip.
func (im Image) Flipped() Image {
	c, w := im.Shape.Channels, im.Shape.Width
	out := Image{im.Shape, make([]uint8, len(im.Pix))}
	for i := range im.Shape.Height * w {
		to := i - i%w + w - 1 - i%w
		copy(out.Pix[to*c:(to+1)*c], im.Pix[i*c:])
	}
	return out
}

// single is a source of one image.
type single struct{ im Image }

func (s single) Len() int                       { return 1 }
func (s single) Shape() dataset.Shape           { return s.im.Shape }
func (s single) Image(_ int, pix []uint8) error { copy(pix, s.im.Pix); return nil }
func (s single) Label(int) int                  { return -1 }
func (s single) Classes() []string              { return nil }
