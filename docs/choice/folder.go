package main

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/draw"
	"image/png"
	"os"
	"path/filepath"

	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/internal/output"
	"github.com/sparse-manifold/smt/internal/parallel"
)

// folder writes the images of a set as a folder of files with a folder for each class, as many and of the size that the
// name of the set asks for.
func folder(ctx context.Context, name, to string) error {
	set, err := open(name)
	if err != nil {
		return err
	}
	src := set.whole
	if set.learned > src.Len() {
		return fmt.Errorf("%s: it has %d images", name, src.Len())
	}
	if set.learned > 0 {
		_, src = dataset.Holdout(src, set.learned, seed)
	}
	if err := os.Mkdir(to, 0o755); err != nil {
		return err
	}
	class := func(label int) string {
		if label < 0 {
			return to
		}
		return filepath.Join(to, src.Classes()[label])
	}
	for label := range src.Classes() {
		if err := os.Mkdir(class(label), 0o755); err != nil {
			return err
		}
	}
	return parallel.ForErr(ctx, src.Len(), func(_, i int) error {
		img, err := picture(src, i)
		if err != nil {
			return err
		}
		var encoded bytes.Buffer
		if err := png.Encode(&encoded, asKept(img, src.Shape())); err != nil {
			return err
		}
		return output.WriteFile(filepath.Join(class(src.Label(i)), fmt.Sprintf("%06d.png", i)), encoded.Bytes())
	})
}

// asKept is a picture in gray, where images of the shape are.
func asKept(img *image.RGBA, s dataset.Shape) image.Image {
	if s.Channels != 1 {
		return img
	}
	gray := image.NewGray(img.Rect)
	draw.Draw(gray, img.Rect, img, image.Point{}, draw.Src)
	return gray
}
