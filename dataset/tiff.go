package dataset

import (
	"image"
	"image/color"
	"io"

	"golang.org/x/image/tiff"
)

// readTIFF reads the header of a TIFF from its first directory, and the most pixels
// that a byte of it can stand for.
func (h *header) readTIFF(r io.ReaderAt, size int64) (perByte int64, err error) {
	f, err := readTIFF(r, size)
	if err != nil {
		return 0, err
	}
	if err := f.check(); err != nil {
		return 0, err
	}
	h.orientation = f.orientation()
	h.gray = f.photometric <= tiffBlackIsZero && f.each == 1 || f.photometric == tiffPalette && h.gray
	h.deep = f.bits == 16 && f.each == f.colours()
	// Beside the image, the planes or the file that it is put together from, and the block
	// that is unpacked: of eight bytes a pixel, if the file was made to harm.
	if h.bytes = max(h.bytes, int64(f.each)*int64(f.bits+7)/8); f.planar || f.grayAlpha() || f.photometric == tiffCMYK {
		h.bytes *= 2
	}
	if f.apart() { // planes, beside the image
		h.bytes += int64(f.each) * int64(f.bytesOfSample())
	}
	if f.jpegCode() {
		h.more = f.jpegMemory()
	} else if f.compression != tiffPlain {
		wide, high := int64(h.stored.X), int64(h.stored.Y)
		if w, t := f.first(tagTileWidth, 0), f.first(tagTileHeight, 0); w > 0 && t > 0 {
			wide, high = int64(w), int64(t)
		} else if rows := int64(f.first(tagRowsPerStrip, 0)); rows > 0 {
			high = min(high, rows)
		}
		// It grows by doubling, with a copy. Sides are of 32 bits at most.
		h.more = 2 * 8 * min(wide, 1<<24) * min(high, 1<<24)
		if f.apart() { // as gray bytes
			h.more *= max(1, int64(f.each)*int64(f.bits)/8)
		}
	}
	if f.lineByLine() { // the bytes of a block
		h.more += size
	}
	if f.apart() && !f.jpegCode() { // the bytes of all blocks
		h.more += f.blockPixels() * (int64(f.each)*int64(f.bits)/8 + 1)
	}
	if most := max(f.first(tagMaxSample, 0), f.first(tagSMaxSample, 0)); h.deep && most > 0 && most < 1<<16 {
		h.depth = depthOf(uint16(most))
	}
	return map[uint32]int64{tiffPlain: 8, tiffPackBits: 8 * 64, tiffDeflate: 8 * 1032, tiffDeflate0: 8 * 1032, tiffLZW: 8 * 4096, tiffOldJPEG: 8 * 64, tiffJPEG: 8 * 64}[f.compression], nil
}

// decodeConfigTIFF is the size and model of a TIFF whose kind the library may not know.
func decodeConfigTIFF(r File, size int64) (image.Config, error) {
	f, err := readTIFF(r, size)
	if err != nil {
		return image.Config{}, err
	}
	if err := f.check(); err != nil {
		return image.Config{}, err
	}
	if f.apart() {
		return f.configApart()
	}
	view := f.view(0)
	config, err := tiff.DecodeConfig(view)
	if f.grayAlpha() && !f.planar {
		config.Width /= 2
	}
	if f.planar || f.grayAlpha() || f.photometric == tiffCMYK {
		config.ColorModel = f.blank(image.Rectangle{}).ColorModel()
	}
	return config, err
}

// decodeTIFF decodes a TIFF with golang.org/x/image/tiff. Samples that are apart, CMYK,
// and alpha that the library does not know are decoded as what it knows, and put
// together here.
func decodeTIFF(r File) (image.Image, error) {
	size, err := r.Seek(0, io.SeekEnd)
	if err != nil {
		return nil, err
	}
	f, err := readTIFF(r, size)
	if err != nil {
		return nil, err
	}
	if f.apart() {
		return f.decodeApart()
	}
	var parts []image.Image
	for i := range f.planes() {
		part, err := tiff.Decode(f.view(i))
		if err != nil {
			return nil, err
		}
		parts = append(parts, part)
	}
	img := parts[0]
	if p, ok := img.(*image.Paletted); ok {
		// A byte v is written as 257·v by some, and as 256·v by others: the high byte is v.
		for i, c := range p.Palette {
			r, g, b, _ := c.RGBA()
			p.Palette[i] = color.RGBA{uint8(r >> 8), uint8(g >> 8), uint8(b >> 8), 0xff}
		}
	}
	switch {
	case f.planar || f.grayAlpha() || f.photometric == tiffCMYK:
		return f.join(parts)
	case f.photometric == tiffRGB && f.each == 4 && f.extra == 0:
		return opaque(img), nil
	case f.bilevelCode() && f.photometric == tiffBlackIsZero:
		// The library undoes the inversion of white-is-zero twice, but this one never.
		if g, ok := img.(*image.Gray); ok {
			for i := range g.Pix {
				g.Pix[i] = ^g.Pix[i]
			}
		}
	}
	return img, nil
}
