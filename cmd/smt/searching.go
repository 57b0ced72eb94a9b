package main

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"strconv"
	"strings"
	"time"

	"github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/explain"
	"github.com/sparse-manifold/smt/explain/draw"
	"github.com/sparse-manifold/smt/index"
	"github.com/sparse-manifold/smt/knn"
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

func (r *rectangle) MarshalJSON() ([]byte, error) { return json.Marshal([4]int(*r)) }

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
	models *smt.Ensemble // nil before the first file is embedded
	k      int
	crop   rectangle
}

// query searches for an image, a file or the name of an item.
func (s *searching) query(ctx context.Context, name string) (*foundImage, error) {
	q := &foundImage{Image: name}
	if s.crop != (rectangle{}) {
		q.Crop = &s.crop
	}
	row, self, err := s.embed(ctx, q)
	if err != nil {
		return nil, err
	}
	began := time.Now()
	near, err := s.x.Search(ctx, row, s.k+1) // an item finds itself
	if err != nil {
		return nil, err
	}
	q.seconds = time.Since(began).Seconds()
	q.Neighbours = []neighbour{}
	for _, n := range near[0] {
		if n.Index != self && len(q.Neighbours) < s.k {
			found, err := s.neighbour(n)
			if err != nil {
				return nil, err
			}
			q.Neighbours = append(q.Neighbours, found)
		}
	}
	return q, nil
}

func (s *searching) neighbour(n knn.Neighbour) (neighbour, error) {
	item, err := s.x.Item(n.Index)
	return neighbour{ID: item.ID, Label: item.Label, Cosine: float64(n.Cosine), Flip: n.Flip, item: n.Index}, err
}

// embed is the embedding of an image and, if it is one of the index, the number of it there, else -1.
func (s *searching) embed(ctx context.Context, q *foundImage) (row []float32, self int, err error) {
	if !exists(q.Image) {
		if self, err = s.item(ctx, q.Image); err != nil {
			return nil, -1, err
		}
		if q.Crop != nil {
			return nil, -1, usagef("--crop is of a file, and %s is an image of the index", q.Image)
		}
		if q.picture, err = s.x.Thumbnail(self); err != nil {
			return nil, -1, err
		}
		for block, err := range s.x.Pick([]int{self}).Blocks(ctx, 1) {
			return block, self, err
		}
	}
	pix, err := s.pixels(ctx, q)
	if err != nil {
		return nil, -1, err
	}
	if s.models == nil {
		if s.models, err = s.x.Models(); err != nil {
			return nil, -1, err
		}
		s.models = s.models.Whole()
	}
	set, err := s.models.Embeddings(dataset.Single(s.x.Shape(), pix))
	if err != nil {
		return nil, -1, err
	}
	for block, err := range set.Blocks(ctx, 1) {
		return block, -1, err
	}
	return nil, -1, fmt.Errorf("%s: it has no embedding", q.Image)
}

// item is the number of the item of a name.
func (s *searching) item(ctx context.Context, name string) (int, error) {
	for i := range s.x.Len() {
		if i%4096 == 0 && ctx.Err() != nil {
			return 0, ctx.Err()
		}
		id, err := s.x.ID(i)
		if err != nil {
			return 0, err
		}
		if id == name {
			return i, nil
		}
	}
	return 0, fmt.Errorf("%s: there is no such file, and no image of that name in the index", name)
}

// pixels are those of an image file, or of the part of it that is wanted, as the index has them, and its picture.
func (s *searching) pixels(ctx context.Context, q *foundImage) ([]uint8, error) {
	p, err := readPicture(ctx, q.Image, s.x.Depth())
	if err != nil {
		return nil, err
	}
	shape, small := p.Shape(), s.x.Shape()
	if q.Crop == nil {
		seen := within96(shape)
		q.picture, err = thumbnail{Image: explain.Image{Shape: seen, Pix: p.Pixels(seen)}}.encode()
		return p.Pixels(small), err
	}
	whole := draw.Photo(explain.Image{Shape: shape, Pix: p.Pixels(shape)})
	box, err := q.Crop.box(whole.Rect)
	if err != nil {
		return nil, err
	}
	part := whole.SubImage(box)
	seen := within96(dataset.Shape{Height: box.Dy(), Width: box.Dx(), Channels: 3})
	q.picture, err = thumbnail{Image: explain.Image{Shape: seen, Pix: dataset.FromImage(part, seen)}}.encode()
	return dataset.FromImage(part, small), err
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
