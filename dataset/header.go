package dataset

import (
	"errors"
	"fmt"
	"image"
	"image/color"
	"io"
	"math"

	// The formats Open promises; others a program registers are read as well.
	_ "image/gif"
	_ "image/png"

	_ "golang.org/x/image/bmp"
	_ "golang.org/x/image/tiff"
	_ "golang.org/x/image/webp"

	"github.com/sparse-manifold/smt/internal/jpegplanes"
	"github.com/sparse-manifold/smt/internal/plural"
)

// Limits bound what an image file may declare, since a file of a few bytes can
// otherwise demand any amount of memory. They are checked before memory is taken.
type Limits struct {
	Pixels int64 // width × height; 0 stands for Open's limit, 100 megapixels
	Memory int64 // bytes that decoding takes, by what the header says; 0 for Open's limit, 800 megabytes
}

const (
	maxPixels = 100_000_000
	maxMemory = 8 * maxPixels // samples of 16 bits, four a pixel
)

// A header is what an image file declares of itself.
type header struct {
	format      string      // as package image calls it, or "pnm"
	stored      image.Point // width and height, before turning
	orientation int         // of EXIF
	gray        bool
	deep        bool  // samples are of 16 bits, and there is no alpha
	depth       int   // bits that samples of 16 bits are stated to have, 0 if nothing is stated
	bytes       int64 // of a pixel, while it is decoded
	more        int64 // bytes that decoding takes beside
	planar      bool  // a JPEG that is decoded to planes, not by image/jpeg
	several     bool  // the file has more pictures than this, the first; only a folder asks
}

// size is the width and height of the image as it is to be seen.
func (h header) size() image.Point {
	if sideways(h.orientation) {
		return image.Pt(h.stored.Y, h.stored.X)
	}
	return h.stored
}

func (h header) shape() Shape {
	s := Shape{h.size().Y, h.size().X, 3}
	if h.gray {
		s.Channels = 1
	}
	return s
}

// readHeader reads a header, and refuses one that declares more than the limits, or
// more than a file of this size can hold.
func readHeader(r File, limits Limits) (header, error) {
	size, err := r.Seek(0, io.SeekEnd)
	if err != nil {
		return header{}, err
	}
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return header{}, err
	}
	if size == 0 {
		return header{}, errors.New("image header: the file is empty")
	}
	config, format, planar, err := decodeConfig(r, size)
	if err != nil {
		return header{}, fmt.Errorf("image header: %w", noEOF(err))
	}
	h := header{
		format: format, stored: image.Pt(config.Width, config.Height), orientation: upright,
		gray: isGray(config.ColorModel), bytes: bytesOf(config.ColorModel),
		deep: config.ColorModel == color.Gray16Model || config.ColorModel == color.RGBA64Model,
	}
	perByte := pixelsPerByte[format]
	switch format {
	case "jpeg":
		h.readJPEG(r, size)
		if planar != nil {
			h.planar, h.bytes, h.more = true, 4, planar.Memory()
		}
	case "pnm":
		h.deep = false // the header states the largest sample, and they are spread
	case "png":
		err = h.readPNG(r, size)
	case "webp":
		err = h.readWebP(r, size)
	case "tiff":
		perByte, err = h.readTIFF(r, size)
	}
	if err != nil {
		return header{}, fmt.Errorf("image header: %w", noEOF(err))
	}
	if err := h.within(limits, size, perByte); err != nil {
		return header{}, fmt.Errorf("image header: %w", err)
	}
	return h, nil
}

// decodeConfig is what a file declares, the name of its format, and the frame of a JPEG that is decoded to planes.
func decodeConfig(r File, size int64) (config image.Config, format string, planar *jpegplanes.Frame, err error) {
	magic := make([]byte, 4)
	switch n, _ := r.ReadAt(magic, 0); {
	case n == 4 && isPNM(magic):
		config, err = pnmConfig(r)
		return config, "pnm", nil, err
	case string(magic) == "II*\x00" || string(magic) == "MM\x00*":
		config, err = decodeConfigTIFF(r, size)
		return config, "tiff", nil, err
	case n == 4 && string(magic[:3]) == "\xff\xd8\xff":
		config, planar, err = decodeConfigJPEG(r)
		return config, "jpeg", planar, err
	}
	config, format, err = image.DecodeConfig(r)
	if errors.Is(err, image.ErrFormat) {
		if name := foreignFormat(r); name != "" {
			return config, "", nil, foreignError(name)
		}
	}
	return config, format, nil, err
}

// pixelsPerByte is the most pixels that a byte of a file can stand for, where that is
// bounded: fewer than it declares mean that the file is cut, or was made to harm.
var pixelsPerByte = map[string]int64{
	"bmp":  8,        // one bit a pixel
	"pnm":  8,        // one bit a pixel
	"gif":  4096,     // the longest string of LZW, in more than a byte
	"jpeg": 8 * 64,   // one bit a block of 8×8 pixels
	"png":  8 * 1032, // one bit a pixel, and zlib's best
}

// within reports a size past the limits, or past what size bytes can hold.
func (h header) within(limits Limits, size, perByte int64) error {
	if limits.Pixels <= 0 {
		limits.Pixels = maxPixels
	}
	if limits.Memory <= 0 {
		limits.Memory = maxMemory
	}
	wide, high := int64(h.stored.X), int64(h.stored.Y)
	if wide <= 0 || high <= 0 || wide > limits.Pixels/high {
		return fmt.Errorf("size %d×%d (width×height), want 1 to %s", wide, high, plural.Of(limits.Pixels, "pixel"))
	}
	if need := wide*high*h.bytes + h.more; need > limits.Memory {
		return fmt.Errorf("size %d×%d (width×height) takes %s to decode, want at most %d", wide, high, plural.Of(need, "byte"), limits.Memory)
	}
	// The slack is for a last row or block that is not full.
	if perByte > 0 && size < math.MaxInt64/perByte && wide*high > size*perByte+8*(wide+high)+64 {
		return fmt.Errorf("size %d×%d (width×height): a file of %s cannot hold so many pixels", wide, high, plural.Of(size, "byte"))
	}
	return nil
}

// bytesOf is what a pixel of a color model takes in memory.
func bytesOf(m color.Model) int64 {
	switch m {
	case color.GrayModel:
		return 1
	case color.Gray16Model:
		return 2
	case color.YCbCrModel:
		return 3
	case color.RGBA64Model, color.NRGBA64Model:
		return 8
	}
	if _, ok := m.(color.Palette); ok {
		return 1
	}
	return 4
}

// isGray reports a color model that declares nothing but gray.
func isGray(m color.Model) bool {
	if palette, ok := m.(color.Palette); ok {
		for _, c := range palette {
			if r, g, b, _ := c.RGBA(); r != g || g != b {
				return false
			}
		}
		return len(palette) > 0
	}
	return m == color.GrayModel || m == color.Gray16Model
}
