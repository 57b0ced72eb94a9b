package dataset

import (
	"context"
	"fmt"
	"image"
	"image/draw"
	"io"
)

// A File is what image files are read from: an os.File or a bytes.Reader.
type File interface {
	io.ReadSeeker
	io.ReaderAt
}

// A Picture is a decoded image file, the first image of an animation.
type Picture struct {
	img  image.Image
	head header
}

// ReadPicture decodes an image file in a format that Open knows in folders. Samples of
// 16 bits are of depth bits where the file does not state how many they are, and of
// 16 if depth is 0. It ends with ctx's error when that is done while it still reads.
func ReadPicture(ctx context.Context, r File, limits Limits, depth int) (*Picture, error) {
	p, err := decode(within{ctx, r}, limits, depth)
	if err != nil {
		return nil, fmt.Errorf("dataset: %w", err)
	}
	return p, nil
}

// Shape is the size of the picture as it is to be seen, turned as its EXIF orientation
// says, and one channel if all colours that the file declares are gray.
func (p *Picture) Shape() Shape { return p.head.shape() }

// Pixels is the picture in the form of a source's image: brought to shape as FromImage
// does.
func (p *Picture) Pixels(shape Shape) []uint8 {
	pix := make([]uint8, shape.Len())
	convert(p.img, p.head.orientation, shape, pix)
	return pix
}

// PictureShape is the Shape of the picture in a file, of which it reads only what is
// declared. The limits are checked.
func PictureShape(r File, limits Limits) (Shape, error) {
	head, err := readHeader(r, limits)
	if err != nil {
		return Shape{}, fmt.Errorf("dataset: %w", err)
	}
	return head.shape(), nil
}

// within ends reading with the error of a context.
type within struct {
	ctx context.Context
	File
}

func (w within) Read(b []byte) (int, error) {
	if err := w.ctx.Err(); err != nil {
		return 0, err
	}
	return w.File.Read(b)
}

func (w within) ReadAt(b []byte, at int64) (int, error) {
	if err := w.ctx.Err(); err != nil {
		return 0, err
	}
	return w.File.ReadAt(b, at)
}

// decode reads the image, or the first one of an animation, and its header.
func decode(r File, limits Limits, depth int) (*Picture, error) {
	head, err := readHeader(r, limits)
	if err != nil {
		return nil, err
	}
	img, err := head.decode(r)
	if err != nil {
		return nil, fmt.Errorf("decode %s: %w", head.format, noEOF(err))
	}
	if err := head.spread(img, depth); err != nil {
		return nil, err
	}
	// The first frame of a GIF may cover a part of its screen only.
	if screen := (image.Rectangle{Max: head.stored}); img.Bounds() != screen {
		canvas := image.NewNRGBA(screen)
		draw.Draw(canvas, img.Bounds(), img, img.Bounds().Min, draw.Src)
		img = canvas
	}
	return &Picture{img, head}, nil
}

// decode reads the pixels that the header is of. Where a decoder of the libraries is
// wrong, or refuses what it could read, it is worked around here.
func (h header) decode(r File) (image.Image, error) {
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	switch {
	case h.format == "pnm":
		return decodePNM(r)
	case h.format == "webp":
		return decodeWebP(r)
	case h.format == "tiff":
		return decodeTIFF(r)
	case h.planar:
		return decodePlanar(r)
	}
	img, _, err := image.Decode(r)
	return img, err
}
