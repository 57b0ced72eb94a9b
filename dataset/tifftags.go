package dataset

import (
	"fmt"
	"io"
	"slices"

	"github.com/sparse-manifold/smt/internal/plural"
)

// Compressions and photometric interpretations of TIFF that are told apart.
const (
	tiffPlain    = 1
	tiffG3       = 3
	tiffG4       = 4
	tiffLZW      = 5
	tiffOldJPEG  = 6
	tiffJPEG     = 7
	tiffDeflate  = 8
	tiffPackBits = 32773
	tiffDeflate0 = 32946 // an older number

	tiffWhiteIsZero = 0
	tiffBlackIsZero = 1
	tiffRGB         = 2
	tiffPalette     = 3
	tiffCMYK        = 5
	tiffYCbCr       = 6

	tiffFloat        = 3 // formats of samples
	tiffComplex      = 5
	tiffComplexFloat = 6
)

// tiffFile is what the first directory of a TIFF says of its pixels.
type tiffFile struct {
	directory
	compression, photometric, predictor uint32

	bits   uint32 // of a sample
	each   int    // samples of a pixel
	planar bool   // samples are apart, a plane each
	extra  uint32 // what the sample after the colours is: 1 for alpha that colours are multiplied by, 2 for one they are not
}

// tiffTags are those that the pixels depend on.
var tiffTags = []uint16{tagWidth, tagHeight, tagBits, tagCompression, tagPhotometric, tagStripOffsets, tagSamples, tagRowsPerStrip,
	tagStripBytes, tagPlanar, tagT4Options, tagPredictor, tagTileWidth, tagTileHeight, tagTileOffsets, tagTileBytes, tagExtraSamples,
	tagFillOrder, tagColorMap, tagSampleFormat, tagSubsampling}

func readTIFF(r io.ReaderAt, size int64) (tiffFile, error) {
	d, err := readDirectory(r, size)
	if err != nil {
		return tiffFile{}, err
	}
	if d.cut {
		return tiffFile{}, fmt.Errorf("tiff: the directory is cut short: %w", io.ErrUnexpectedEOF)
	}
	for _, tag := range tiffTags {
		if f, ok := d.fields[tag]; ok && d.values(tag) == nil {
			return tiffFile{}, fmt.Errorf("tiff: tag %d declares %s of type %d, want whole numbers within the file", tag, plural.Of(f.count, "value"), f.kind)
		}
	}
	for _, tags := range [][2]uint16{{tagStripOffsets, tagStripBytes}, {tagTileOffsets, tagTileBytes}} {
		counts := d.values(tags[1])
		for i, at := range d.values(tags[0]) {
			if i < len(counts) && int64(at)+int64(counts[i]) > size {
				return tiffFile{}, fmt.Errorf("tiff: %s of pixels at %d, of a file of %d: %w", plural.Of(counts[i], "byte"), at, size, io.ErrUnexpectedEOF)
			}
		}
	}
	bits := d.values(tagBits)
	if len(bits) == 0 {
		bits = []uint32{1}
	}
	f := tiffFile{
		directory:   d,
		compression: d.first(tagCompression, tiffPlain), photometric: d.first(tagPhotometric, tiffWhiteIsZero),
		predictor: d.first(tagPredictor, 1), bits: bits[0], each: int(d.first(tagSamples, uint32(len(bits)))),
		extra: d.first(tagExtraSamples, 0),
	}
	f.planar = d.first(tagPlanar, 1) == 2 && f.each > 1
	for _, b := range bits {
		if b != f.bits {
			return f, fmt.Errorf("tiff: samples of %d and %s, want one number", f.bits, plural.Of(b, "bit"))
		}
	}
	return f, nil
}

// colours is the number of samples that are no alpha or the like, 0 if it is not known.
func (f tiffFile) colours() int {
	return map[uint32]int{tiffWhiteIsZero: 1, tiffBlackIsZero: 1, tiffRGB: 3, tiffPalette: 1, tiffCMYK: 4, tiffYCbCr: 3}[f.photometric]
}

// check reports what would be refused only when the pixels are read, or be read wrongly.
func (f tiffFile) check() error {
	colours := f.colours()
	sizes := []uint32{2, 4, 8, 12, 16}
	switch f.photometric {
	case tiffWhiteIsZero, tiffBlackIsZero:
		sizes = []uint32{1, 2, 4, 8, 12, 16}
	case tiffPalette:
		sizes = []uint32{1, 2, 4, 8}
	case tiffCMYK:
		sizes = []uint32{8, 16}
	case tiffYCbCr:
		sizes = []uint32{8}
	}
	if f.jpegCode() || f.reversed() {
		sizes = slices.DeleteFunc(sizes, func(bits uint32) bool { return f.jpegCode() && bits != 8 || bits == 16 })
	}
	switch {
	case colours == 0:
		return fmt.Errorf("tiff: photometric interpretation %d is not read, want gray, RGB, a palette, CMYK or YCbCr", f.photometric)
	case slices.Contains([]uint32{tiffFloat, tiffComplex, tiffComplexFloat}, f.first(tagSampleFormat, 0)):
		return fmt.Errorf("tiff: samples of format %d, want whole numbers: of others it is not stated what is white", f.first(tagSampleFormat, 0))
	case !slices.Contains(sizes, f.bits):
		return fmt.Errorf("tiff: samples of %s, want %v", plural.Of(f.bits, "bit"), sizes)
	case f.each != colours && f.each != colours+1:
		return fmt.Errorf("tiff: %s a pixel, want %d, and one for alpha at most", plural.Of(f.each, "sample"), colours)
	case f.each > colours && (f.photometric == tiffPalette || f.photometric == tiffCMYK || f.photometric == tiffYCbCr || f.bits == 1):
		return fmt.Errorf("tiff: alpha beside a palette, CMYK, YCbCr or samples of one bit is not read")
	case f.each > colours && f.extra > 2:
		return fmt.Errorf("tiff: extra sample of kind %d, want 0 to 2", f.extra)
	}
	return f.checkCode()
}

// checkCode does so of how samples are coded and laid.
func (f tiffFile) checkCode() error {
	switch {
	case f.bilevelCode() && f.bits != 1:
		return fmt.Errorf("tiff: compression %d of samples of %s, want 1", f.compression, plural.Of(f.bits, "bit"))
	case f.lineByLine() && f.first(tagT4Options, 0)&2 != 0:
		return fmt.Errorf("tiff: group 3 compression with lines that are not compressed is not read")
	case !f.bilevelCode() && !slices.Contains([]uint32{tiffPlain, tiffLZW, tiffOldJPEG, tiffJPEG, tiffDeflate, tiffPackBits, tiffDeflate0}, f.compression):
		return fmt.Errorf("tiff: compression %d is not read", f.compression)
	case f.compression == tiffOldJPEG && (f.planar || f.first(tagJPEGFile, 0) == 0):
		return fmt.Errorf("tiff: compression %d without a JPEG file of the whole image (tag %d) is not read", tiffOldJPEG, tagJPEGFile)
	case f.reversed() && !f.bilevelCode() && !f.jpegCode() && f.compression != tiffPlain:
		return fmt.Errorf("tiff: compression %d of bytes with the lowest bit first is not read", f.compression)
	case f.predictor > 2 || f.predictor == 2 && f.bits == 1 || f.predictor == 2 && f.apart() && !f.jpegCode():
		return fmt.Errorf("tiff: predictor %d of samples of %s is not read", f.predictor, plural.Of(f.bits, "bit"))
	case f.predictor == 2 && f.grayAlpha() && !f.planar:
		return fmt.Errorf("tiff: predictor 2 of gray with alpha is not read")
	case f.photometric == tiffYCbCr:
		return f.checkLuma()
	}
	return nil
}

func (f tiffFile) bilevelCode() bool { return f.compression == tiffG3 || f.compression == tiffG4 }

// Bits of the tag of group 3.
const (
	t4TwoDimensional = 1
	t4Filled         = 4
)

// lineByLine reports group 3 that x/image/tiff does not read: two-dimensional, which codes a line by the one above
// or alone, or with zeros between lines that fill bytes.
func (f tiffFile) lineByLine() bool {
	return f.compression == tiffG3 && f.first(tagT4Options, 0)&(t4TwoDimensional|t4Filled) != 0
}

func (f tiffFile) grayAlpha() bool { return f.photometric <= tiffBlackIsZero && f.each == 2 }

func (f tiffFile) planes() int {
	if f.planar {
		return f.each
	}
	return 1
}
