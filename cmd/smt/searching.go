package main

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"image"
	"strconv"
	"strings"

	"github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/answers"
	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/explain"
	"github.com/sparse-manifold/smt/explain/draw"
	"github.com/sparse-manifold/smt/index"
)

// rectangle is a part of a picture: x, y, width, height. The zero value is all of it.
type rectangle [4]int

func (r *rectangle) Type() string { return "X,Y,W,H" }

func (r *rectangle) String() string {
	if *r == (rectangle{}) {
		return ""
	}
	return fmt.Sprintf("%d,%d,%d,%d", r[0], r[1], r[2], r[3])
}

func (r *rectangle) Set(s string) error {
	wrong := errors.New("want x,y,width,height in pixels, and sides of 2 or more")
	numbers := strings.Split(s, ",")
	if len(numbers) != len(r) {
		return wrong
	}
	for i, n := range numbers {
		var err error
		if r[i], err = strconv.Atoi(n); err != nil || r[i] < 0 {
			return wrong
		}
	}
	if r[2] < 2 || r[3] < 2 {
		return wrong
	}
	return nil
}

// box is the rectangle in a picture of so many pixels.
func (r *rectangle) box(whole image.Rectangle) (image.Rectangle, error) {
	box := image.Rect(r[0], r[1], r[0]+r[2], r[1]+r[3])
	if r[2] > whole.Dx() || r[3] > whole.Dy() || !box.In(whole) {
		return box, usagef("--crop is %v: want a part of the %d × %d pixels of the picture", r, whole.Dx(), whole.Dy())
	}
	return box, nil
}

// searching is the search of an index.
type searching struct {
	*app
	x      *index.Index
	models *smt.Ensemble    // nil before the first file is embedded
	last   []byte           // pixels of the file that was embedded last, nil of an item
	items  *answers.Numbers // nil before the first item is named
	k      int
	crop   rectangle
}

// query searches for an image, a file or the name of an item, and adds what it finds to r.
func (s *searching) query(ctx context.Context, name string, r *found) error {
	row, self, picture, err := s.embed(ctx, name)
	if err != nil {
		return err
	}
	q := answers.Query{Image: name}
	if s.crop != (rectangle{}) {
		q.Crop = (*[4]int)(&s.crop)
	}
	r.pictures = append(r.pictures, picture)
	return r.Add(ctx, s.x, q, row, self, s.k)
}

// embed is the embedding of an image, a file of the picture and, if it is one of the index, the number of it there, else -1.
func (s *searching) embed(ctx context.Context, name string) (row []float32, self int, picture []byte, err error) {
	if s.last = nil; !exists(name) {
		if s.items == nil {
			if s.items, err = answers.NumbersOf(ctx, s.x); err != nil {
				return nil, -1, nil, err
			}
		}
		switch self, err = s.items.Of(name); {
		case err != nil:
			return nil, -1, nil, err
		case self < 0:
			return nil, -1, nil, fmt.Errorf("%s: there is no such file, and no image of that name in the index", name)
		case s.crop != (rectangle{}):
			return nil, -1, nil, usagef("--crop is of a file, and %s is an image of the index", name)
		}
		if picture, err = s.x.Thumbnail(self); err != nil {
			return nil, -1, nil, err
		}
		row, err = answers.Row(ctx, s.x, self)
		return row, self, picture, err
	}
	pix, picture, err := s.pixels(ctx, name)
	if err != nil {
		return nil, -1, nil, err
	}
	if s.models == nil {
		if s.models, err = s.x.Models(); err != nil {
			return nil, -1, nil, err
		}
		s.models = s.models.Whole()
	}
	s.last = pix
	row, err = answers.Embed(ctx, s.models, s.x.Shape(), pix)
	return row, -1, picture, err
}

// pixels are those of an image file, or of the part of it that is wanted, as the index has them, and its picture.
func (s *searching) pixels(ctx context.Context, name string) (pix []uint8, picture []byte, err error) {
	p, err := readPicture(ctx, name, s.x.Depth())
	if err != nil {
		return nil, nil, err
	}
	shape, small := p.Shape(), s.x.Shape()
	if s.crop == (rectangle{}) {
		seen := within96(shape)
		picture, err = thumbnail{Image: explain.Image{Shape: seen, Pix: p.Pixels(seen)}}.encode()
		return p.Pixels(small), picture, err
	}
	whole := draw.Photo(explain.Image{Shape: shape, Pix: p.Pixels(shape)})
	box, err := s.crop.box(whole.Rect)
	if err != nil {
		return nil, nil, err
	}
	part := whole.SubImage(box)
	seen := within96(dataset.Shape{Height: box.Dy(), Width: box.Dx(), Channels: 3})
	picture, err = thumbnail{Image: explain.Image{Shape: seen, Pix: dataset.FromImage(part, seen)}}.encode()
	return dataset.FromImage(part, small), picture, err
}

// writeTable writes rows of text to a file, as CSV.
func (a *app) writeTable(ctx context.Context, path string, rows [][]string) error {
	f, err := a.create(ctx, path)
	if err != nil {
		return err
	}
	if err := csv.NewWriter(f).WriteAll(rows); err != nil {
		return errors.Join(err, f.Abort())
	}
	return f.Commit()
}
