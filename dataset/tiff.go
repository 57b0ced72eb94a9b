package dataset

import (
	"encoding/binary"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"io"
	"slices"

	"golang.org/x/image/tiff"
)

// Compressions and photometric interpretations of TIFF that are told apart.
const (
	tiffPlain    = 1
	tiffG3       = 3
	tiffG4       = 4
	tiffLZW      = 5
	tiffDeflate  = 8
	tiffPackBits = 32773
	tiffDeflate0 = 32946 // an older number

	tiffWhiteIsZero = 0
	tiffBlackIsZero = 1
	tiffRGB         = 2
	tiffPalette     = 3
	tiffCMYK        = 5
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
	tagStripBytes, tagPlanar, tagT4Options, tagPredictor, tagTileWidth, tagTileHeight, tagTileOffsets, tagTileBytes, tagExtraSamples}

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
			return tiffFile{}, fmt.Errorf("tiff: tag %d declares %d values of type %d, want whole numbers within the file", tag, f.count, f.kind)
		}
	}
	for _, tags := range [][2]uint16{{tagStripOffsets, tagStripBytes}, {tagTileOffsets, tagTileBytes}} {
		counts := d.values(tags[1])
		for i, at := range d.values(tags[0]) {
			if i < len(counts) && int64(at)+int64(counts[i]) > size {
				return tiffFile{}, fmt.Errorf("tiff: %d bytes of pixels at %d, of a file of %d: %w", counts[i], at, size, io.ErrUnexpectedEOF)
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
			return f, fmt.Errorf("tiff: samples of %d and %d bits, want one number", f.bits, b)
		}
	}
	return f, nil
}

// colours is the number of samples that are no alpha or the like, 0 if it is not known.
func (f tiffFile) colours() int {
	return map[uint32]int{tiffWhiteIsZero: 1, tiffBlackIsZero: 1, tiffRGB: 3, tiffPalette: 1, tiffCMYK: 4}[f.photometric]
}

// check reports what golang.org/x/image/tiff would refuse only when the pixels are
// read, or would read wrongly.
func (f tiffFile) check() error {
	colours := f.colours()
	sizes := []uint32{8, 16}
	switch f.photometric {
	case tiffWhiteIsZero, tiffBlackIsZero:
		sizes = []uint32{1, 8, 16}
	case tiffPalette:
		sizes = []uint32{1, 8}
	case tiffCMYK:
		sizes = []uint32{8}
	}
	switch {
	case colours == 0:
		return fmt.Errorf("tiff: photometric interpretation %d is not read, want gray, RGB, a palette or CMYK", f.photometric)
	case !slices.Contains(sizes, f.bits):
		return fmt.Errorf("tiff: samples of %d bits, want %v", f.bits, sizes)
	case f.each != colours && f.each != colours+1:
		return fmt.Errorf("tiff: %d samples a pixel, want %d, and one for alpha at most", f.each, colours)
	case f.each > colours && (f.photometric == tiffPalette || f.photometric == tiffCMYK || f.bits == 1):
		return fmt.Errorf("tiff: alpha beside a palette, CMYK or samples of one bit is not read")
	case f.each > colours && f.extra > 2:
		return fmt.Errorf("tiff: extra sample of kind %d, want 0 to 2", f.extra)
	case f.bilevelCode() && f.bits != 1:
		return fmt.Errorf("tiff: compression %d of samples of %d bits, want 1", f.compression, f.bits)
	case f.compression == tiffG3 && f.first(tagT4Options, 0)&1 != 0:
		return fmt.Errorf("tiff: two-dimensional group 3 compression is not read")
	case !f.bilevelCode() && !slices.Contains([]uint32{tiffPlain, tiffLZW, tiffDeflate, tiffPackBits, tiffDeflate0}, f.compression):
		return fmt.Errorf("tiff: compression %d is not read", f.compression)
	case f.predictor > 2 || f.predictor == 2 && f.bits == 1:
		return fmt.Errorf("tiff: predictor %d of samples of %d bits is not read", f.predictor, f.bits)
	case f.predictor == 2 && f.grayAlpha() && !f.planar:
		return fmt.Errorf("tiff: predictor 2 of gray with alpha is not read")
	}
	return nil
}

func (f tiffFile) bilevelCode() bool { return f.compression == tiffG3 || f.compression == tiffG4 }
func (f tiffFile) grayAlpha() bool   { return f.photometric <= tiffBlackIsZero && f.each == 2 }

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
	if f.compression != tiffPlain {
		wide, high := int64(h.stored.X), int64(h.stored.Y)
		if w, t := f.first(tagTileWidth, 0), f.first(tagTileHeight, 0); w > 0 && t > 0 {
			wide, high = int64(w), int64(t)
		} else if rows := int64(f.first(tagRowsPerStrip, 0)); rows > 0 {
			high = min(high, rows)
		}
		// It grows by doubling, with a copy. Sides are of 32 bits at most.
		h.more = 2 * 8 * min(wide, 1<<24) * min(high, 1<<24)
	}
	if most := max(f.first(tagMaxSample, 0), f.first(tagSMaxSample, 0)); h.deep && most > 0 && most < 1<<16 {
		h.depth = depthOf(uint16(most))
	}
	return map[uint32]int64{tiffPlain: 8, tiffPackBits: 8 * 64, tiffDeflate: 8 * 1032, tiffDeflate0: 8 * 1032, tiffLZW: 8 * 4096}[f.compression], nil
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

func (f tiffFile) planes() int {
	if f.planar {
		return f.each
	}
	return 1
}

// view is the file as the library reads it, or plane i of it as gray.
func (f tiffFile) view(i int) io.Reader {
	file := io.NewSectionReader(f.r, 0, f.size)
	switch {
	case f.planar:
		set := map[uint16][]uint32{
			tagBits: {f.bits}, tagPhotometric: {tiffBlackIsZero}, tagSamples: {1}, tagPlanar: {1}, tagExtraSamples: nil,
		}
		for _, tag := range []uint16{tagStripOffsets, tagStripBytes, tagTileOffsets, tagTileBytes} {
			all := f.values(tag)
			n := len(all) / f.each
			set[tag] = all[i*n : (i+1)*n]
		}
		return f.with(file, set)
	case f.grayAlpha():
		// As gray of twice the width.
		return f.with(file, map[uint16][]uint32{
			tagBits: {f.bits}, tagPhotometric: {tiffBlackIsZero}, tagSamples: {1}, tagExtraSamples: nil,
			tagWidth: doubled(f.values(tagWidth)), tagTileWidth: doubled(f.values(tagTileWidth)),
		})
	case f.photometric == tiffCMYK && f.each == 4:
		// Four samples that are taken as they are.
		return f.with(file, map[uint16][]uint32{tagPhotometric: {tiffRGB}, tagExtraSamples: {1}})
	case f.photometric == tiffRGB && f.each == 4 && f.extra == 0:
		return f.with(file, map[uint16][]uint32{tagExtraSamples: {1}})
	}
	return file
}

func doubled(values []uint32) []uint32 {
	var twice []uint32
	for _, v := range values {
		if v > 1<<30 {
			return nil
		}
		twice = append(twice, 2*v)
	}
	return twice
}

// with is the file with another first directory, behind its end: one with these tags,
// without those set to nothing.
func (f tiffFile) with(file io.ReaderAt, set map[uint16][]uint32) io.Reader {
	order, ok := f.order.(interface {
		binary.ByteOrder
		binary.AppendByteOrder
	})
	if !ok {
		panic("dataset: a byte order that appends nothing")
	}
	tags := map[uint16][]uint32{}
	for _, tag := range tiffTags {
		tags[tag] = f.values(tag)
	}
	for tag, values := range set {
		tags[tag] = values
	}
	var numbers []uint16
	for tag, values := range tags {
		if len(values) > 0 {
			numbers = append(numbers, tag)
		}
	}
	slices.Sort(numbers)
	// Directories begin at even places, and the values come after all entries.
	at := f.size + f.size&1
	behind := at + 2 + 12*int64(len(numbers)) + 4
	entries := order.AppendUint16(make([]byte, at-f.size), uint16(len(numbers)))
	var far []byte
	for _, tag := range numbers {
		values := tags[tag]
		entries = order.AppendUint16(entries, tag)
		entries = order.AppendUint16(entries, typeLong)
		entries = order.AppendUint32(entries, uint32(len(values)))
		if len(values) == 1 {
			entries = order.AppendUint32(entries, values[0])
			continue
		}
		entries = order.AppendUint32(entries, uint32(behind)+uint32(len(far)))
		for _, v := range values {
			far = order.AppendUint32(far, v)
		}
	}
	tail := append(append(entries, 0, 0, 0, 0), far...)
	head := make([]byte, 8)
	if n, _ := file.ReadAt(head, 0); n == 8 {
		f.order.PutUint32(head[4:], uint32(at))
	}
	return io.NewSectionReader(&patched{file, head, tail, f.size}, 0, f.size+int64(len(tail)))
}

// patched is a file of size bytes with another head, and more behind its end.
type patched struct {
	file       io.ReaderAt
	head, tail []byte
	size       int64
}

func (p *patched) ReadAt(b []byte, at int64) (int, error) {
	for _, part := range []struct {
		r         io.ReaderAt
		from, end int64
	}{
		{sliceAt(p.head), 0, 8}, {p.file, 8, p.size}, {sliceAt(p.tail), p.size, p.size + int64(len(p.tail))},
	} {
		if at < part.from || at >= part.end {
			continue
		}
		start := at
		if part.r != p.file {
			start -= part.from
		}
		here := b[:min(int64(len(b)), part.end-at)]
		n, err := part.r.ReadAt(here, start)
		if n < len(here) || len(here) == len(b) {
			return n, err
		}
		more, err := p.ReadAt(b[n:], at+int64(n))
		return n + more, err
	}
	return 0, io.EOF
}

type sliceAt []byte

func (s sliceAt) ReadAt(b []byte, at int64) (int, error) { return copy(b, s[at:]), nil }

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
