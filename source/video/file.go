package video

import (
	"bufio"
	"context"
	"fmt"
	"image"
	"io"
	"os"

	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/internal/regular"
)

// mostPixels bounds a frame: film has 33,177,600 at the most (8K).
const mostPixels = 1 << 25

// checkSize reports frames that are empty, or larger than any film's.
func checkSize(width, height int) error {
	if width < 1 || height < 1 || int64(width)*int64(height) > mostPixels {
		return fmt.Errorf("frames of %d × %d: want at least 1 × 1, and at most %d pixels", width, height, mostPixels)
	}
	return nil
}

// picture is a frame that was decoded.
type picture struct {
	image.Image
	gray bool
}

func (p picture) Shape() dataset.Shape {
	s := dataset.Shape{Height: p.Bounds().Dy(), Width: p.Bounds().Dx(), Channels: 3}
	if p.gray {
		s.Channels = 1
	}
	return s
}

func (p picture) Pixels(s dataset.Shape) []uint8 { return dataset.FromImage(p.Image, s) }

// frames decodes a stream.
type frames interface{ Next() (Frame, error) }

// file reads the clip in one file.
type file struct {
	frames
	*os.File
}

// openFile opens the file at path and reads how its stream begins.
func openFile[T frames](ctx context.Context, path string, begin func(*bufio.Reader) (T, error)) (Reader, error) {
	f, _, err := regular.Open(path)
	if err != nil {
		return nil, err
	}
	s, err := begin(bufio.NewReaderSize(until{ctx, f}, 1<<16))
	if err != nil {
		_ = f.Close() // it was only read
		return nil, err
	}
	return file{s, f}, nil
}

// until ends reading with the error of a context.
type until struct {
	ctx context.Context
	io.Reader
}

func (u until) Read(b []byte) (int, error) {
	if err := u.ctx.Err(); err != nil {
		return 0, err
	}
	return u.Reader.Read(b)
}

// inside is err of a place where a stream must not end.
func inside(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}
