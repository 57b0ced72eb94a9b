package main

import (
	"cmp"
	"context"
	"slices"

	"github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/choice"
	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/internal/linalg"
	"github.com/sparse-manifold/smt/judge"
	"github.com/sparse-manifold/smt/knn"
)

// embedded are the embeddings of the images of src, in rows of length 1.
func embedded(ctx context.Context, m *smt.Model, src dataset.Source) (linalg.Matrix, error) {
	values, err := choice.Embeddings(ctx, m, src)
	return linalg.Wrap(src.Len(), m.Dim(src.Shape()), values), err
}

// cosines are those of each row of q with each of b, all of length 1.
func cosines(ctx context.Context, q, b linalg.Matrix) (linalg.Matrix, error) {
	c := linalg.New(q.Rows, b.Rows)
	return c, linalg.AddMulUntil(ctx, c, 1, q, b.T())
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

// votes says of each image held out whether the vote of the k nearest of the bank is right. The bank may have its images
// several times over.
func votes(cosines linalg.Matrix, learned, held dataset.Source, k int) []bool {
	right := make([]bool, cosines.Rows)
	label := func(j int) int { return learned.Label(j % learned.Len()) }
	for i := range right {
		near := nearest(cosines.Row(i), min(k, cosines.Cols))
		right[i] = judge.Vote(near, label, judge.Paper(false).Temperature).Classes[0].Class == held.Label(i)
	}
	return right
}

// modelVotes are the votes, as the paper has them, of the embeddings of a model, with flips in the bank or without.
func modelVotes(ctx context.Context, m *smt.Model, learned, held dataset.Source, flips bool) ([]bool, error) {
	b, err := embedded(ctx, m, learned)
	if err != nil {
		return nil, err
	}
	if flips {
		both := linalg.New(2*b.Rows, b.Cols)
		for i := range b.Rows {
			copy(both.Row(i), b.Row(i))
			m.Flip(learned.Shape(), b.Row(i), both.Row(b.Rows+i))
		}
		b = both
	}
	q, err := embedded(ctx, m, held)
	if err != nil {
		return nil, err
	}
	c, err := cosines(ctx, q, b)
	return votes(c, learned, held, judge.Paper(false).K), err
}

// pixelVotes are the votes of the cosines of pixels, of as many neighbours as the paper has or of one, whichever is better.
func pixelVotes(ctx context.Context, learned, held dataset.Source) ([]bool, error) {
	b, err := rows(learned)
	if err != nil {
		return nil, err
	}
	q, err := rows(held)
	if err != nil {
		return nil, err
	}
	c, err := cosines(ctx, q, b)
	if err != nil {
		return nil, err
	}
	several, one := votes(c, learned, held, judge.Paper(false).K), votes(c, learned, held, 1)
	if share(one) > share(several) {
		return one, nil
	}
	return several, nil
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

// share is the share of those that are right.
func share(right []bool) float64 {
	n := 0
	for _, r := range right {
		if r {
			n++
		}
	}
	return float64(n) / float64(len(right))
}
