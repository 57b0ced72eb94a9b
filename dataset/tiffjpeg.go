package dataset

import (
	"bytes"
	"fmt"
	"image"
	"io"

	"github.com/sparse-manifold/smt/internal/jpegplanes"
	"github.com/sparse-manifold/smt/internal/plural"
)

// Strips and tiles of a TIFF that are JPEG each are a whole file without the tables, which the
// directory has once for all. Of the older kind, a JPEG of the whole image is read. Colours are those that the TIFF states, whatever is in the JPEG.

func (f tiffFile) jpegCode() bool {
	return f.compression == tiffJPEG || f.compression == tiffOldJPEG
}

// jpegPlanes are the planes of samples, red, green and blue of luma and chroma.
func (f tiffFile) jpegPlanes() ([]image.Image, error) {
	size := f.extent()
	planes := make([]image.Image, f.each)
	for i := range planes {
		planes[i] = image.NewGray(image.Rectangle{Max: size})
	}
	tables, err := f.jpegTables()
	if err != nil {
		return nil, err
	}
	block, number := f.blocks()
	for plane := range f.planes() {
		to := planes
		if f.planar {
			to = planes[plane : plane+1]
		}
		offsets, lengths, err := f.places(plane)
		if err != nil {
			return nil, err
		}
		for i := range offsets {
			corner := image.Pt(i%number.X*block.X, i/number.X*block.Y)
			file := io.NewSectionReader(f.r, int64(offsets[i]), int64(lengths[i]))
			if err := f.jpegBlock(to, image.Rectangle{corner, corner.Add(block)}, tables, file); err != nil {
				return nil, fmt.Errorf("tiff: strip or tile %d of plane %d: %w", i, plane, err)
			}
		}
	}
	return planes, nil
}

// jpegTables are the segments that all blocks share, after the mark that a file begins with.
func (f tiffFile) jpegTables() ([]byte, error) {
	tables := f.octets(tagJPEGTables)
	if f.fields[tagJPEGTables].count == 0 {
		return []byte("\xff\xd8"), nil
	}
	end := bytes.TrimSuffix(tables, []byte("\xff\xd9"))
	if !bytes.HasPrefix(end, []byte("\xff\xd8")) || len(end) == len(tables) {
		return nil, fmt.Errorf("tiff: %s of JPEG tables, want them between marks of begin and end", plural.Of(len(tables), "byte"))
	}
	return end, nil
}

// jpegBlock decodes a strip or tile into its place in the planes.
func (f tiffFile) jpegBlock(to []image.Image, place image.Rectangle, tables []byte, block *io.SectionReader) error {
	within := place.Intersect(to[0].Bounds())
	open := func() io.Reader {
		block.Seek(2, io.SeekStart) // past a mark that the tables have
		return io.MultiReader(bytes.NewReader(tables), block)
	}
	frame, err := jpegplanes.ReadFrame(open())
	if err != nil {
		return err
	}
	// The last strip may be as high as the others.
	if frame.Width != place.Dx() || frame.Height > place.Dy() || frame.Height < within.Dy() || len(frame.Components) != len(to) {
		return fmt.Errorf("%d×%d pixels of %s, want %d×%d of %d", frame.Width, frame.Height, plural.Of(len(frame.Components), "component"), place.Dx(), within.Dy(), len(to))
	}
	decoded, err := jpegplanes.Decode(open())
	if err != nil {
		return err
	}
	rows := make([]uint8, len(to)*frame.Width)
	for y := range within.Dy() {
		for c := range to {
			decoded.Row(c, y, rows[c*frame.Width:])
		}
		if f.photometric == tiffYCbCr {
			for x := range within.Dx() {
				r, g, b := &rows[x], &rows[frame.Width+x], &rows[2*frame.Width+x]
				*r, *g, *b = fromJFIF(*r, *g, *b)
			}
		}
		for c, plane := range to {
			gray := plane.(*image.Gray)
			copy(gray.Pix[gray.PixOffset(within.Min.X, within.Min.Y+y):], rows[c*frame.Width:][:within.Dx()])
		}
	}
	return nil
}

// jpegMemory is what decoding a block takes beside the planes: samples of whole units of up to 32
// pixels a side, and coefficients of two bytes if it is progressive.
func (f tiffFile) jpegMemory() int64 {
	block, _ := f.blocks()
	wide, tall := min(int64(block.X), 1<<24), min(int64(block.Y), 1<<24)
	return 3 * int64(f.each/f.planes()) * (wide + 32) * (tall + 32)
}
