package main

import (
	"cmp"
	"context"
	"image"
	"slices"

	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/internal/linalg"
	"github.com/sparse-manifold/smt/judge"
	"github.com/sparse-manifold/smt/knn"
)

// brought is a source whose images are brought to squares.
type brought struct {
	dataset.Source
	side int
}

func (b brought) Shape() dataset.Shape {
	return dataset.Shape{Height: b.side, Width: b.side, Channels: b.Source.Shape().Channels}
}

func (b brought) Image(i int, pix []uint8) error {
	s := b.Source.Shape()
	from := make([]uint8, s.Len())
	if err := b.Source.Image(i, from); err != nil {
		return err
	}
	img := image.NewRGBA(image.Rect(0, 0, s.Width, s.Height))
	for k := range s.Height * s.Width {
		for c := range 3 {
			img.Pix[4*k+c] = from[k*s.Channels+c%s.Channels]
		}
		img.Pix[4*k+3] = 255
	}
	copy(pix, dataset.FromImage(img, b.Shape()))
	return nil
}

// rows are the pixels of the images of src, each image less its mean and of length 1.
func rows(src dataset.Source) (linalg.Matrix, error) {
	x := linalg.New(src.Len(), src.Shape().Len())
	pix := make([]uint8, x.Cols)
	for i := range x.Rows {
		if err := src.Image(i, pix); err != nil {
			return x, err
		}
		var sum float32
		for _, v := range pix {
			sum += float32(v)
		}
		for k, v := range pix {
			x.Row(i)[k] = float32(v) - sum/float32(len(pix))
		}
		linalg.Unit(x.Row(i))
	}
	return x, nil
}

// pixelVotes is the accuracy of the paper's vote, but by the cosines of pixels, or of the nearest image, whichever is better.
func pixelVotes(ctx context.Context, learned, held dataset.Source) (float64, error) {
	b, err := rows(learned)
	if err != nil {
		return 0, err
	}
	q, err := rows(held)
	if err != nil {
		return 0, err
	}
	cosines := linalg.New(q.Rows, b.Rows)
	if err := linalg.AddMulUntil(ctx, cosines, 1, q, b.T()); err != nil {
		return 0, err
	}
	p := judge.Paper(false)
	var right [2]int
	for i := range q.Rows {
		near := nearest(cosines.Row(i), p.K)
		for k, n := range [2]int{p.K, 1} {
			if judge.Vote(near[:n], learned.Label, p.Temperature).Classes[0].Class == held.Label(i) {
				right[k]++
			}
		}
	}
	return float64(max(right[0], right[1])) / float64(q.Rows), nil
}

// nearest are the k largest of these cosines.
func nearest(cosines []float32, k int) []knn.Neighbour {
	all := make([]knn.Neighbour, len(cosines))
	for j, c := range cosines {
		all[j] = knn.Neighbour{Index: j, Cosine: c}
	}
	slices.SortStableFunc(all, func(a, b knn.Neighbour) int { return cmp.Compare(b.Cosine, a.Cosine) })
	return all[:k]
}
