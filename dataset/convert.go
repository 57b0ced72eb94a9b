package dataset

import (
	"fmt"
	"image"
	"image/color"
	"image/draw"

	xdraw "golang.org/x/image/draw"
)

// FromImage is img in the form of a source's image: shape.Height × shape.Width ×
// shape.Channels bytes, row-major, the channels of a pixel side by side. An image
// of an other size is cropped about its centre, to whole pixels, to the aspect of
// shape and scaled with the Catmull-Rom kernel of golang.org/x/image/draw, so that
// it covers the shape undistorted. Transparency is composed over white, deeper
// channels are rounded to 8 bits, and gray is made of colour as by
// color.GrayModel (ITU-R 601 luma). It panics if a side of shape is not positive
// or its channels are neither 1 nor 3.
func FromImage(img image.Image, shape Shape) []uint8 {
	if shape.Height <= 0 || shape.Width <= 0 || shape.Channels != 1 && shape.Channels != 3 {
		panic(fmt.Sprintf("dataset: image of shape %v: want positive sides and 1 or 3 channels", shape))
	}
	pix := make([]uint8, shape.Len())
	convert(img, upright, shape, pix)
	return pix
}

// convert writes FromImage of img, seen in this orientation, into pix.
func convert(img image.Image, orientation int, shape Shape, pix []uint8) {
	w, h := shape.Width, shape.Height
	if sideways(orientation) {
		w, h = h, w
	}
	// Sixteen bits hold what every color.Color holds, so that rounding is done once.
	canvas := image.NewRGBA64(image.Rect(0, 0, w, h))
	switch b := img.Bounds(); {
	case b.Empty(): // nothing to see: all white
	case b.Size() == canvas.Rect.Size():
		draw.Draw(canvas, canvas.Rect, img, b.Min, draw.Src)
	default:
		xdraw.CatmullRom.Scale(canvas, canvas.Rect, img, centre(b, w, h), draw.Src, nil)
	}
	for y := range shape.Height {
		for x := range shape.Width {
			c := canvas.RGBA64At(stored(orientation, x, y, w, h))
			white := 0xffff - c.A // what shows through, colours being premultiplied
			// No colour is more than its alpha but in files that were computed wrongly, or with loss.
			c = color.RGBA64{min(c.R, c.A) + white, min(c.G, c.A) + white, min(c.B, c.A) + white, 0xffff}
			if shape.Channels == 1 {
				pix[0] = luma(c)
			} else {
				pix[0], pix[1], pix[2] = round8(c.R), round8(c.G), round8(c.B)
			}
			pix = pix[shape.Channels:]
		}
	}
}

// luma is color.GrayModel, but rounds a gray of 16 bits where that truncates it.
func luma(c color.RGBA64) uint8 {
	if c.R == c.G && c.G == c.B {
		return round8(c.R)
	}
	return color.GrayModel.Convert(c).(color.Gray).Y
}

func round8(v uint16) uint8 { return uint8((uint32(v) + 128) / 257) }

// centre is the largest rectangle about the centre of b with the aspect of w×h.
func centre(b image.Rectangle, w, h int) image.Rectangle {
	bw, bh := int64(b.Dx()), int64(b.Dy())
	cw, ch := bw, bh
	if bw*int64(h) > bh*int64(w) {
		cw = max(1, (bh*int64(w)+int64(h)/2)/int64(h))
	} else {
		ch = max(1, (bw*int64(h)+int64(w)/2)/int64(w))
	}
	corner := b.Min.Add(image.Pt(int(bw-cw)/2, int(bh-ch)/2))
	return image.Rectangle{corner, corner.Add(image.Pt(int(cw), int(ch)))}
}
