package main

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/explain"
	"github.com/sparse-manifold/smt/internal/output"
)

// numbered splits FILE#INDEX. A file whose name looks like that comes first.
func numbered(path string) (file string, index int, ok bool) {
	at := strings.LastIndexByte(path, '#')
	if at < 0 || exists(path) {
		return path, 0, false
	}
	index, err := strconv.Atoi(path[at+1:])
	return path[:at], index, err == nil && index >= 0
}

// imagePath is the file that an image is in.
func imagePath(path string) string {
	file, _, ok := numbered(path)
	if !ok {
		return path
	}
	return file
}

// readImage reads an image, a file or FILE#INDEX, as a model sees it.
func readImage(ctx context.Context, m *smt.Model, path string) (im explain.Image, err error) {
	data := m.Record().Data
	depth := data.Depth
	if depth == 0 {
		depth = 16
	}
	var src dataset.Source
	file, index, many := numbered(path)
	if many {
		set, err := dataset.OpenContext(ctx, file, dataset.Options{Fitted: data.Shape, Depth: depth})
		if err != nil {
			return im, err
		}
		defer set.Close()
		if src = set.Train; index >= src.Len() {
			return im, usagef("%s: there is no image %d: want 0 to %d", file, index, src.Len()-1)
		}
		if data.Shape.Channels == 1 && src.Shape().Channels == 3 {
			src = dataset.Gray(src)
		}
	} else {
		p, err := readPicture(ctx, path, depth)
		if err != nil {
			return im, err
		}
		src = dataset.Single(data.Shape, p.Pixels(data.Shape))
	}
	if src.Shape() != data.Shape {
		return im, fmt.Errorf("%s: the image is %v: want %v, as the model was fitted on", path, src.Shape(), data.Shape)
	}
	return explain.ImageOf(m.See(src), index)
}

// pictureEndings are those of files that pictures are drawn to.
var pictureEndings = []string{".svg", ".html", ".png"}

func pictureEnding(path string) string { return strings.ToLower(filepath.Ext(path)) }

// checkPicture refuses a file that no picture is drawn to.
func checkPicture(out string) error {
	if out == "" || out == output.Stdout || slices.Contains(pictureEndings, pictureEnding(out)) {
		return nil
	}
	return usagef("-o is %q: want a name that ends in %s", out, strings.Join(pictureEndings, ", "))
}
