package video

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/sparse-manifold/smt/dataset"
)

// A Frame is one image of a clip. It does not change when later ones are read.
type Frame interface {
	// Shape is its size, and one channel if it is gray.
	Shape() dataset.Shape
	// Pixels is the frame brought to a shape, as dataset.FromImage does.
	Pixels(dataset.Shape) []uint8
}

// A Reader reads a clip from its beginning.
type Reader interface {
	// Next is the next frame. After the last one the error is io.EOF; of a clip that breaks
	// off it is another one.
	Next() (Frame, error)
	io.Closer
}

// A Clip is frames in the order of time, in a file or in a folder of images.
type Clip struct {
	Name   string // within the path that was searched
	Path   string
	frames []string // the images of a folder
}

// Open begins to read the clip. Reading ends with ctx's error when that is done.
func (c Clip) Open(ctx context.Context) (Reader, error) {
	var r Reader
	var err error
	switch ext := strings.ToLower(filepath.Ext(c.Path)); {
	case c.frames != nil:
		return &folder{ctx: ctx, files: c.frames}, nil
	case ext == ".y4m":
		r, err = openFile(ctx, c.Path, newY4M)
	case ext == ".gif":
		r, err = openFile(ctx, c.Path, newGIF)
	default:
		r, err = openFFmpeg(ctx, c.Path)
	}
	if err != nil {
		return nil, fmt.Errorf("video: %s: %w", c.Path, err)
	}
	return named{r, ctx, c.Path}, nil
}

// named has errors name the file.
type named struct {
	Reader
	ctx  context.Context
	path string
}

func (n named) Next() (Frame, error) {
	f, err := n.Reader.Next()
	if ended := n.ctx.Err(); ended != nil && err != nil && err != io.EOF {
		return nil, ended
	}
	if err != nil && err != io.EOF {
		return nil, fmt.Errorf("video: %s: %w", n.path, err)
	}
	return f, err
}

// Files are what the clip is read from.
func (c Clip) Files() []string {
	if c.frames != nil {
		return c.frames
	}
	return []string{c.Path}
}
