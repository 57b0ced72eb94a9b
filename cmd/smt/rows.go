package main

import (
	"context"
	"iter"
	"slices"

	"github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/embedding"
	"github.com/sparse-manifold/smt/judge"
)

// rows are the embeddings of a split, of dim values each.
type rows struct {
	dim int
	all iter.Seq2[[]float32, error]
}

// componentsOf are the principal components, of the images of a bank, that shorten embeddings
// to n values: nil for 0.
func componentsOf(ctx context.Context, models *smt.Ensemble, bank dataset.Source, n int, report func(stage string, done, total int)) (*embedding.Components, error) {
	if n == 0 {
		return nil, nil
	}
	s, err := models.Embeddings(bank)
	if err != nil {
		return nil, err
	}
	return judge.Components(ctx, s, n, report)
}

// rowsOf are the embeddings of images: of one model as it makes them; side by side of
// several; of components, if c is not nil.
func rowsOf(ctx context.Context, models *smt.Ensemble, c *embedding.Components, src dataset.Source, report func(stage string, done, total int)) (rows, error) {
	if members := models.Members(); len(members) == 1 && c == nil {
		m := members[0]
		src = m.View(src)
		if err := m.Model.Check(src.Shape()); err != nil {
			return rows{}, err
		}
		return rows{m.Model.Dim(src.Shape()), m.Model.EmbedAll(ctx, src, smt.Progress(report))}, nil
	}
	s, err := models.Embeddings(src)
	if err != nil {
		return rows{}, err
	}
	if c != nil {
		s = c.Of(s)
	}
	return rows{s.Dim(), single(ctx, s, report)}, nil
}

// single yields the rows of a set one by one.
func single(ctx context.Context, s embedding.Set, report func(stage string, done, total int)) iter.Seq2[[]float32, error] {
	return func(yield func([]float32, error) bool) {
		done := 0
		for b, err := range s.Blocks(ctx, block) {
			report("embedding", done, s.Len())
			if err != nil {
				yield(nil, err)
				return
			}
			for row := range slices.Chunk(b, s.Dim()) {
				if !yield(row, nil) {
					return
				}
				done++
			}
		}
		report("embedding", done, s.Len())
	}
}
