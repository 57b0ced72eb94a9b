package main

import (
	"context"
	"iter"
	"slices"

	"github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/embedding"
)

// rows are the embeddings of a split, of dim values each.
type rows struct {
	dim int
	all iter.Seq2[[]float32, error]
}

// rowsOf are the embeddings of splits: of one model as it makes them;
// side by side of several; whitened by the bank, if whiten is not 0.
func rowsOf(ctx context.Context, models *smt.Ensemble, bank dataset.Source, splits []dataset.Source, whiten int, report func(stage string, done, total int)) (all []rows, err error) {
	if whiten < 0 {
		return nil, usagef("--whiten is %d: want a number of components, 0 for all values as they are", whiten)
	}
	if members := models.Members(); len(members) == 1 && whiten == 0 {
		m := members[0]
		for _, src := range splits {
			src = m.View(src)
			if err := m.Model.Check(src.Shape()); err != nil {
				return nil, err
			}
			all = append(all, rows{m.Model.Dim(src.Shape()), m.Model.EmbedAll(ctx, src, smt.Progress(report))})
		}
		return all, nil
	}
	as := func(s embedding.Set) embedding.Set { return s }
	if whiten > 0 {
		s, err := models.Embeddings(bank)
		if err != nil {
			return nil, err
		}
		w, err := smt.Whiten(ctx, s, whiten, smt.Progress(report))
		if err != nil {
			return nil, err
		}
		as = w.Of
	}
	for _, src := range splits {
		s, err := models.Embeddings(src)
		if err != nil {
			return nil, err
		}
		s = as(s)
		all = append(all, rows{s.Dim(), single(ctx, s, report)})
	}
	return all, nil
}

// single yields the rows of a set one by one.
func single(ctx context.Context, s embedding.Set, report func(stage string, done, total int)) iter.Seq2[[]float32, error] {
	const block = 192 // images embedded at a time
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
