package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strconv"

	"github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/embedding"
	"github.com/sparse-manifold/smt/index"
	"github.com/sparse-manifold/smt/internal/half"
	"github.com/sparse-manifold/smt/knn"
)

// inIndex compares the search of an index file, one query after the other, with faiss. Both sides search the values that
// the file has, rounded to halves, and no flips, which faiss has not.
func inIndex(ctx context.Context, b *bench) ([]Result, error) {
	dir, remove, err := b.folder("search")
	if err != nil {
		return nil, err
	}
	defer remove()
	model, queries, bank, source, err := b.components(ctx)
	if err != nil {
		return nil, err
	}
	dim := len(queries) / b.asked
	x, err := indexOf(filepath.Join(dir, "index"), model, bank, dim)
	if err != nil {
		return nil, err
	}
	defer x.Close()
	err = errors.Join(
		save(dir, "queries", queries, b.asked, dim),
		save(dir, "bank", bank, b.indexed, dim),
		save(dir, "k", []int64{nearest}, 1))
	if err != nil {
		return nil, err
	}
	found := make([][]knn.Neighbour, b.asked)
	best, note, err := b.against(ctx, "search", dir, b.rounds, timed(func() error {
		for q := range found {
			one, err := x.Search(ctx, queries[q*dim:(q+1)*dim], nearest)
			if err != nil {
				return err
			}
			found[q] = one[0]
		}
		return nil
	}))
	if err != nil {
		return nil, err
	}
	if err := sameAsPeer(dir, found); err != nil {
		return nil, err
	}
	progress("search: the neighbours of %d queries agree", b.asked)
	n := float64(b.asked)
	return []Result{seconds("search", best[0]/n, best[1]/n, 1, fmt.Sprintf("a query, %d of %d × %d, %s; faiss %s", nearest, b.indexed, dim, source, note))}, nil
}

// numbered are items whose ids are their numbers.
type numbered int

func (n numbered) Len() int      { return int(n) }
func (numbered) ID(i int) string { return strconv.Itoa(i) }

// indexOf writes an index of vectors, and leaves in bank what the file has.
func indexOf(path string, model *smt.Model, bank []float32, dim int) (*index.Index, error) {
	models, err := smt.NewEnsemble(smt.Member{Model: model, Weight: 1})
	if err != nil {
		return nil, err
	}
	n := len(bank) / dim
	w, err := index.Create(path, index.Head{Models: models, Dim: dim, Even: -1, Shape: model.Record().Data.Shape}, numbered(n))
	if err != nil {
		return nil, err
	}
	for w.Done() < n && err == nil {
		first := w.Done()
		items := make([]index.NewItem, min(embedding.Block, n-first))
		for i := range items {
			items[i].ID = strconv.Itoa(first + i)
		}
		err = w.Write(bank[first*dim:(first+len(items))*dim], items)
	}
	if err == nil {
		err = w.Commit()
	}
	if err != nil {
		return nil, err
	}
	b := make([]byte, half.Size*dim)
	for i := range n {
		row := bank[i*dim : (i+1)*dim]
		half.Encode(b, row)
		half.Decode(row, b)
	}
	return index.Open(path)
}

// components returns queries and a bank of embeddings by a small model with components: of CIFAR-10 images and, as there
// are 50,000, of their gray views too.
func (b *bench) components(ctx context.Context) (m *smt.Model, queries, bank []float32, source string, err error) {
	cfg, err := smt.Preset("cifar")
	if err != nil {
		return nil, nil, nil, "", err
	}
	cfg.Atoms, cfg.Dims, cfg.Images, cfg.Components = b.cellAtoms, b.cellDims, 2000, b.parts
	train := b.images.Train
	if m, err = smt.Fit(ctx, train, cfg); err != nil {
		return nil, nil, nil, "", err
	}
	if queries, err = embedAll(ctx, m, dataset.Slice(b.images.Test, 0, b.asked)); err != nil {
		return nil, nil, nil, "", err
	}
	for _, src := range []dataset.Source{train, dataset.Repeat(dataset.Gray(train))} {
		part, err := embedAll(ctx, m, dataset.Slice(src, 0, b.indexed/2))
		if err != nil {
			return nil, nil, nil, "", err
		}
		bank = append(bank, part...)
		progress("search: embedded %d images", len(bank)/m.Dim(src.Shape()))
	}
	source = "components of CIFAR-10 in colour and gray"
	if !b.images.Real {
		source = "components of synthetic images in colour and gray"
	}
	return m, queries, bank, source, nil
}
