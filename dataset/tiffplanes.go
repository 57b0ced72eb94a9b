package dataset

import (
	"encoding/binary"
	"fmt"
	"image"
	"image/color"
	"math/bits"

	"github.com/sparse-manifold/smt/internal/plural"
)

// What golang.org/x/image/tiff refuses is taken apart here: into planes, one for each sample of a
// pixel, which are joined as those of a planar file are. The library unpacks the bytes of packed
// samples (2, 4 and 12 bits, 16 of ink) and of luma with chroma of fewer samples, as gray ones.

// apart reports a kind of pixels that is taken apart here.
func (f tiffFile) apart() bool {
	return f.jpegCode() || f.lineByLine() || f.photometric == tiffYCbCr || f.bits < 8 && f.bits > 1 || f.bits == 12 ||
		f.photometric == tiffCMYK && f.bits == 16 || f.reversed() && !f.bilevelCode()
}

// reversed reports bytes whose first bit is the lowest.
func (f tiffFile) reversed() bool { return f.first(tagFillOrder, 1) == 2 }

// decodeApart decodes what is apart.
func (f tiffFile) decodeApart() (image.Image, error) {
	var planes []image.Image
	var err error
	switch {
	case f.jpegCode():
		planes, err = f.jpegPlanes()
	case f.lineByLine():
		planes, err = f.faxPlane()
	case f.photometric == tiffYCbCr:
		planes, err = f.lumaPlanes()
	default:
		planes, err = f.packedPlanes()
	}
	if err != nil {
		return nil, err
	}
	if f.photometric == tiffPalette {
		return f.paletted(planes[0])
	}
	f.photometric = f.seen()
	f.planar, f.bits = true, 8*f.bytesOfSample()
	return f.join(planes)
}

// seen is the photometric interpretation of the planes that a file is taken apart into.
func (f tiffFile) seen() uint32 {
	if f.photometric == tiffYCbCr {
		return tiffRGB
	}
	return f.photometric
}

// bytesOfSample is what a sample takes once it is apart: one of ink, as package image has no more.
func (f tiffFile) bytesOfSample() uint32 {
	if f.photometric == tiffCMYK {
		return 1
	}
	return (f.bits + 7) / 8
}

// extent is the width and height of the image.
func (f tiffFile) extent() image.Point {
	return image.Pt(int(f.first(tagWidth, 0)), int(f.first(tagHeight, 0)))
}

// configApart is the size and model of what is apart.
func (f tiffFile) configApart() (image.Config, error) {
	size := f.extent()
	config := image.Config{Width: size.X, Height: size.Y}
	if f.photometric == tiffPalette {
		palette, err := f.palette()
		config.ColorModel = palette
		return config, err
	}
	f.photometric, f.bits = f.seen(), 8*f.bytesOfSample()
	config.ColorModel = f.blank(image.Rectangle{}).ColorModel()
	return config, nil
}

// palette is the one of the file.
func (f tiffFile) palette() (color.Palette, error) {
	numbers := f.values(tagColorMap)
	n := 1 << f.bits
	if len(numbers) != 3*n {
		return nil, fmt.Errorf("tiff: a palette of %s, want %d", plural.Of(len(numbers), "number"), 3*n)
	}
	var p color.Palette
	for i := range n {
		p = append(p, color.RGBA{uint8(numbers[i] >> 8), uint8(numbers[n+i] >> 8), uint8(numbers[2*n+i] >> 8), 0xff})
	}
	return p, nil
}

// paletted is the image of a plane of indices, spread over eight bits.
func (f tiffFile) paletted(plane image.Image) (image.Image, error) {
	palette, err := f.palette()
	if err != nil {
		return nil, err
	}
	img := image.NewPaletted(plane.Bounds(), palette)
	for i, v := range pixelsOf(plane) {
		img.Pix[i] = v / uint8(0xff/(1<<f.bits-1))
	}
	return img, nil
}

// packedPlanes are the planes of samples that are packed into bytes.
func (f tiffFile) packedPlanes() ([]image.Image, error) {
	size := f.extent()
	each := f.each / f.planes() // side by side in a row
	var planes []image.Image
	for i := range f.planes() {
		rows, err := f.unpackedRows(i, func(width int) int { return (width*each*int(f.bits) + 7) / 8 }, 1)
		if err != nil {
			return nil, err
		}
		for s := range each {
			planes = append(planes, f.unpack(rows, size, s, each))
		}
	}
	return planes, nil
}

// unpack is sample s of each pixel, which has so many, spread over 8 or 16 bits.
func (f tiffFile) unpack(rows unpacked, size image.Point, s, each int) image.Image {
	most := uint32(1)<<f.bits - 1
	var plane image.Image
	var set func(i int, v uint32)
	if f.bytesOfSample() == 1 {
		gray := image.NewGray(image.Rectangle{Max: size})
		plane = gray
		set = func(i int, v uint32) { gray.Pix[i] = uint8((v*0xff + most/2) / most) }
	} else {
		deep := image.NewGray16(image.Rectangle{Max: size})
		plane = deep
		set = func(i int, v uint32) { binary.BigEndian.PutUint16(deep.Pix[2*i:], uint16((v*0xffff+most/2)/most)) }
	}
	for y := range size.Y {
		for x := range size.X {
			row, inner := rows.at(x, y)
			at := (inner*each + s) * int(f.bits)
			two := uint32(row[at/8]) << 8
			if at/8+1 < len(row) {
				two |= uint32(row[at/8+1])
			}
			if f.bits == 16 && f.order == binary.LittleEndian {
				two = uint32(bits.ReverseBytes16(uint16(two)))
			}
			set(y*size.X+x, two>>(16-int(f.bits)-at%8)&most)
		}
	}
	return plane
}
