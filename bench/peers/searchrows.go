package main

import (
	"context"

	"github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/dataset"
)

// rows are the embeddings that are searched, and those searched for.
type rows struct {
	model         *smt.Model
	queries, bank []float32
	dim, even     int // values of a row, and how many of them flips keep
	source        string
}

// rows embeds the images of CIFAR-10 and CIFAR-100 or, without the latter, the gray views of CIFAR-10 in its place, by a
// small model with components: the bank by a quarter of the patches, and queries by all, as smt index and search do it.
func (b *bench) rows(ctx context.Context) (*rows, error) {
	cfg, err := smt.Preset("cifar")
	if err != nil {
		return nil, err
	}
	cfg.Atoms, cfg.Dims, cfg.Images, cfg.Components, cfg.Thin = b.cellAtoms, b.cellDims, 2000, b.parts, 4
	train, other := b.images.Train, b.images.Train100
	r := &rows{source: "components of CIFAR-10 and CIFAR-100"}
	if other == nil {
		other, r.source = dataset.Repeat(dataset.Gray(train)), "components of CIFAR-10 in colour and gray"
	}
	if !b.images.Real {
		r.source = "components of synthetic images in colour and gray"
	}
	if r.model, err = smt.Fit(ctx, train, cfg); err != nil {
		return nil, err
	}
	set, err := r.model.Embeddings(train)
	if err != nil {
		return nil, err
	}
	r.dim, r.even = set.Dim(), set.Even()
	if r.queries, err = embedAll(ctx, r.model.Whole(), dataset.Slice(b.images.Test, 0, b.asked)); err != nil {
		return nil, err
	}
	for _, src := range []dataset.Source{train, other} {
		part, err := embedAll(ctx, r.model, dataset.Slice(src, 0, b.indexed/2))
		if err != nil {
			return nil, err
		}
		r.bank = append(r.bank, part...)
		progress("search: embedded %d images", len(r.bank)/r.dim)
	}
	return r, nil
}
