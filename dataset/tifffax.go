package dataset

import (
	"fmt"
	"image"
	"math/bits"

	"github.com/sparse-manifold/smt/internal/fax"
)

// faxPlane is the plane of group 3 that is two-dimensional or has bits that fill bytes, black as the largest sample.
func (f tiffFile) faxPlane() ([]image.Image, error) {
	plane := image.NewGray(image.Rectangle{Max: f.extent()})
	offsets, lengths, err := f.places(0)
	if err != nil {
		return nil, err
	}
	block, number := f.blocks()
	for i := range offsets {
		data := make([]byte, lengths[i])
		if _, err := f.r.ReadAt(data, int64(offsets[i])); err != nil {
			return nil, noEOF(err)
		}
		if f.reversed() {
			for k, b := range data {
				data[k] = bits.Reverse8(b)
			}
		}
		place := image.Rectangle{Max: block}.Add(image.Pt(i%number.X*block.X, i/number.X*block.Y))
		within := place.Intersect(plane.Rect)
		pix := make([]uint8, block.X*within.Dy())
		if err := fax.Decode(data, block.X, f.first(tagT4Options, 0)&t4TwoDimensional != 0, pix); err != nil {
			return nil, fmt.Errorf("tiff: strip or tile %d: %w", i, err)
		}
		for y := range within.Dy() {
			copy(plane.Pix[plane.PixOffset(within.Min.X, within.Min.Y+y):], pix[y*block.X:][:within.Dx()])
		}
	}
	return []image.Image{plane}, nil
}
