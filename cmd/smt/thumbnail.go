package main

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"

	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/explain"
	"github.com/sparse-manifold/smt/explain/draw"
	"github.com/sparse-manifold/smt/internal/regular"
)

const (
	// thumbnailSide is the longer side of a thumbnail, in pixels, at most.
	thumbnailSide = 96
	// losslessSide is that of pictures of which a lossy file would be no smaller.
	losslessSide = 40
)

// thumbnail is a small picture of an image of some size.
type thumbnail struct {
	width, height int
	explain.Image
}

// picture is what an index shows of an image: of a folder, its file as it is to be seen, and else the pixels.
func (j *indexJob) picture(ctx context.Context, src dataset.Source, i int) (encodedThumbnail, error) {
	if file := dataset.FileOf(src, i); file != "" {
		if t, is := j.thumbnails.take(file); is {
			return t, nil
		}
		p, err := dataset.PictureOf(ctx, src, i)
		if err != nil {
			return encodedThumbnail{}, err
		}
		return thumbnailOf(p).encoded()
	}
	im, err := explain.ImageOf(src, i)
	if err != nil {
		return encodedThumbnail{}, err
	}
	shape := within96(im.Shape)
	if shape == im.Shape {
		return thumbnail{shape.Width, shape.Height, im}.encoded()
	}
	pix := dataset.FromImage(draw.Photo(im), shape)
	return thumbnail{im.Shape.Width, im.Shape.Height, explain.Image{Shape: shape, Pix: pix}}.encoded()
}

// thumbnailOf is a thumbnail of a picture that is decoded.
func thumbnailOf(p *dataset.Picture) thumbnail {
	whole := p.Shape()
	shape := within96(whole)
	return thumbnail{whole.Width, whole.Height, explain.Image{Shape: shape, Pix: p.Pixels(shape)}}
}

// readPicture reads an image file. Errors name it.
func readPicture(ctx context.Context, path string, depth int) (*dataset.Picture, error) {
	f, _, err := regular.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	p, err := dataset.ReadPicture(ctx, f, dataset.Limits{}, depth)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return p, nil
}

// within96 is a shape brought to the size of a thumbnail, as it was or smaller.
func within96(s dataset.Shape) dataset.Shape {
	longer := max(s.Height, s.Width)
	if longer <= thumbnailSide {
		return s
	}
	side := func(n int) int { return max(1, (n*thumbnailSide+longer/2)/longer) }
	return dataset.Shape{Height: side(s.Height), Width: side(s.Width), Channels: s.Channels}
}

// encode is the thumbnail as a file, PNG of a very small one and else JPEG.
func (t thumbnail) encode() ([]byte, error) {
	var img image.Image = draw.Photo(t.Image)
	if t.Shape.Channels == 1 {
		img = &image.Gray{Pix: t.Pix, Stride: t.Shape.Width, Rect: image.Rect(0, 0, t.Shape.Width, t.Shape.Height)}
	}
	var b bytes.Buffer
	if max(t.Shape.Height, t.Shape.Width) <= losslessSide {
		e := png.Encoder{CompressionLevel: png.BestSpeed}
		err := e.Encode(&b, img)
		return b.Bytes(), err
	}
	err := jpeg.Encode(&b, img, &jpeg.Options{Quality: 85})
	return b.Bytes(), err
}
