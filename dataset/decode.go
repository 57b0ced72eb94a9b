package dataset

import (
	"fmt"
	"io"
)

// DecodeShape reads the shape of an image file, in a format that Open knows in
// folders, as it is to be seen: with a JPEG turned as its EXIF orientation says,
// and one channel if all colours it declares are gray. A file that declares more
// than limit pixels is an error; 0 stands for Open's limit.
func DecodeShape(r io.ReadSeeker, limit int) (Shape, error) {
	head, err := readHeader(r, orMost(limit))
	if err != nil {
		return Shape{}, fmt.Errorf("dataset: %w", err)
	}
	s := Shape{head.size().Y, head.size().X, 3}
	if head.gray {
		s.Channels = 1
	}
	return s, nil
}

// Decode reads an image file, the first image of an animation, in the form of a
// source's image: brought to shape as FromImage does, and turned and limited as by
// DecodeShape.
func Decode(r io.ReadSeeker, shape Shape, limit int) ([]uint8, error) {
	img, head, err := decode(r, orMost(limit))
	if err != nil {
		return nil, fmt.Errorf("dataset: %w", err)
	}
	pix := make([]uint8, shape.Len())
	convert(img, head.orientation, shape, pix)
	return pix, nil
}

func orMost(limit int) int64 {
	if limit <= 0 {
		return maxPixels
	}
	return int64(limit)
}
