package dataset

import (
	"errors"
	"fmt"
	"image"
	"math"
	"math/bits"

	"golang.org/x/image/tiff"

	"github.com/sparse-manifold/smt/internal/plural"
)

// unpacked are the bytes of strips or tiles, one below the other.
type unpacked struct {
	*image.Gray
	block, number image.Point // in pixels, and how many across and down
	high          int         // rows of pixels that are one of bytes
}

// at is the row of bytes that has a pixel, and the pixel's place in it.
func (u unpacked) at(x, y int) (row []uint8, inner int) {
	block := y/u.block.Y*u.number.X + x/u.block.X
	r := block*(u.block.Y/u.high) + y%u.block.Y/u.high
	return u.Pix[r*u.Stride:][:u.Stride], x % u.block.X
}

func (f tiffFile) tiled() bool {
	return f.first(tagTileWidth, 0) > 0 && f.first(tagTileHeight, 0) > 0
}

// blocks are the strips or tiles of a plane: their size, and how many there are across and down.
func (f tiffFile) blocks() (block, number image.Point) {
	size := f.extent()
	block = size
	if f.compression == tiffOldJPEG {
		return block, image.Pt(1, 1)
	}
	if f.tiled() {
		block = image.Pt(int(min(f.first(tagTileWidth, 0), 1<<24)), int(min(f.first(tagTileHeight, 0), 1<<24)))
	} else if rows := f.first(tagRowsPerStrip, 0); rows > 0 {
		block.Y = int(min(int64(rows), int64(size.Y)))
	}
	return block, image.Pt((size.X+block.X-1)/max(1, block.X), (size.Y+block.Y-1)/max(1, block.Y))
}

// blockPixels are the pixels of all blocks of a plane, those beside the image among them, or the most of 32 bits.
func (f tiffFile) blockPixels() int64 {
	block, number := f.blocks()
	pixels := int64(1)
	for _, n := range []int{block.X, number.X, block.Y, number.Y} {
		if n > 0 && pixels > math.MaxInt32/int64(n) {
			return math.MaxInt32
		}
		pixels *= int64(n)
	}
	return pixels
}

// places are where the blocks of plane i are, and their lengths.
func (f tiffFile) places(i int) (offsets, lengths []uint32, err error) {
	offsets, lengths = f.values(tagStripOffsets), f.values(tagStripBytes)
	if f.compression == tiffOldJPEG {
		at := f.first(tagJPEGFile, 0)
		return []uint32{at}, []uint32{f.first(tagJPEGLength, math.MaxUint32-at)}, nil
	}
	if f.tiled() {
		offsets, lengths = f.values(tagTileOffsets), f.values(tagTileBytes)
	}
	_, number := f.blocks()
	n := number.X * number.Y
	if want := n * f.planes(); len(offsets) < want || len(lengths) < want {
		return nil, nil, fmt.Errorf("tiff: strips or tiles at %s with %s, want %d", plural.Of(len(offsets), "place"), plural.Of(len(lengths), "length"), want)
	}
	return offsets[i*n : (i+1)*n], lengths[i*n : (i+1)*n], nil
}

// unpackedRows are the bytes of plane i as the library unpacks them, of an image whose rows, and
// those of tiles, have so many of them; high rows of pixels are one of bytes.
func (f tiffFile) unpackedRows(i int, inRow func(width int) int, high int) (unpacked, error) {
	block, number := f.blocks()
	if block.Y%high != 0 && (f.tiled() || number.Y > 1) {
		return unpacked{}, fmt.Errorf("tiff: strips or tiles of %s, want a multiple of %d", plural.Of(block.Y, "row"), high)
	}
	if f.blockPixels() == math.MaxInt32 {
		return unpacked{}, fmt.Errorf("tiff: %d×%d strips or tiles of %d×%d pixels, want fewer than %d in all", number.X, number.Y, block.X, block.Y, math.MaxInt32)
	}
	offsets, lengths, err := f.places(i)
	if err != nil {
		return unpacked{}, err
	}
	wide, rows, all := inRow(block.X), (block.Y+high-1)/high, (f.extent().Y+high-1)/high
	if f.tiled() {
		all = rows * number.X * number.Y
	}
	img, err := tiff.Decode(f.with(f.file(), map[uint16][]uint32{
		tagBits: {8}, tagPhotometric: {tiffBlackIsZero}, tagSamples: {1}, tagPlanar: {1}, tagExtraSamples: nil, tagPredictor: nil,
		tagWidth: {uint32(wide)}, tagHeight: {uint32(all)}, tagRowsPerStrip: {uint32(rows)}, tagStripOffsets: offsets, tagStripBytes: lengths,
		tagTileWidth: nil, tagTileHeight: nil, tagTileOffsets: nil, tagTileBytes: nil,
	}))
	if err != nil {
		return unpacked{}, err
	}
	gray, ok := img.(*image.Gray)
	if !ok {
		return unpacked{}, errors.New("tiff: bytes that are not read as gray")
	}
	if f.reversed() {
		for i, b := range gray.Pix {
			gray.Pix[i] = bits.Reverse8(b)
		}
	}
	return unpacked{gray, block, number, high}, nil
}
