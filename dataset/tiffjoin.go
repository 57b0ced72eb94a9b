package dataset

import (
	"fmt"
	"image"
	"image/draw"
)

// blank is an image of the kind that the samples of f make.
func (f tiffFile) blank(r image.Rectangle) draw.Image {
	switch alpha := f.each > f.colours(); {
	case f.photometric == tiffCMYK:
		return image.NewCMYK(r)
	case f.bits == 16 && alpha && f.extra == 2:
		return image.NewNRGBA64(r)
	case f.bits == 16 && f.photometric <= tiffBlackIsZero && !alpha:
		return image.NewGray16(r)
	case f.bits == 16:
		return image.NewRGBA64(r)
	case alpha && f.extra == 2:
		return image.NewNRGBA(r)
	case f.photometric <= tiffBlackIsZero && !alpha:
		return image.NewGray(r)
	}
	return image.NewRGBA(r)
}

// join makes one image of the planes, of gray and alpha side by side, or of four
// samples that are CMYK.
func (f tiffFile) join(parts []image.Image) (image.Image, error) {
	// The bytes of a sample are side by side in all of them, the high one first.
	width := int(f.bits+7) / 8
	from := make([][]uint8, f.each)
	step := width
	size := parts[0].Bounds().Size()
	if f.planar {
		for i, part := range parts {
			if from[i] = pixelsOf(part); part.Bounds().Size() != size || from[i] == nil {
				return nil, fmt.Errorf("tiff: plane %d is not as the first", i)
			}
		}
	} else {
		all := pixelsOf(parts[0])
		if all == nil {
			return nil, fmt.Errorf("tiff: samples in an image of kind %T", parts[0])
		}
		for i := range from {
			from[i] = all[i*width:]
		}
		step = f.each * width
		if f.grayAlpha() {
			size.X /= 2
		}
	}
	img := f.blank(image.Rectangle{Max: size})
	to := pixelsOf(img)
	channels := len(to) / max(1, width*size.X*size.Y)
	gray := f.photometric <= tiffBlackIsZero
	for p := range size.X * size.Y {
		for c := range channels {
			s := c
			if gray && channels == 4 {
				s = c / 3 // three times the gray, and its alpha
			}
			for k := range width {
				v := uint8(0xff)
				if s < f.each && (s < f.colours() || f.extra > 0) {
					v = from[s][p*step+k]
				}
				if s == 0 && f.photometric == tiffWhiteIsZero {
					v = ^v
				}
				to[(p*channels+c)*width+k] = v
			}
		}
	}
	return img, nil
}

// pixelsOf are the bytes of an image without gaps, whose kind has one for a sample or two.
func pixelsOf(img image.Image) []uint8 {
	switch i := img.(type) {
	case *image.Gray:
		return i.Pix
	case *image.Gray16:
		return i.Pix
	case *image.RGBA:
		return i.Pix
	case *image.RGBA64:
		return i.Pix
	case *image.NRGBA:
		return i.Pix
	case *image.NRGBA64:
		return i.Pix
	case *image.CMYK:
		return i.Pix
	}
	return nil
}

// opaque is an image whose fourth sample is no alpha.
func opaque(img image.Image) image.Image {
	pix, width := pixelsOf(img), 1
	if _, ok := img.(*image.RGBA64); ok {
		width = 2
	}
	for i := 3 * width; i < len(pix); i += 4 * width {
		pix[i], pix[i+width-1] = 0xff, 0xff
	}
	return img
}
