package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/internal/linalg"
	"github.com/sparse-manifold/smt/internal/parallel"
	"github.com/sparse-manifold/smt/knn"
)

const (
	nearest    = 30  // neighbours
	bankBlock  = 384 // bank vectors searched at a time, as Evaluate does
	tie        = 1e-5
	clusters   = 100 // of made-up embeddings
	scattering = 1.2 // of a vector about its cluster's centre
)

// neighbours compares the exact search with faiss. Our time includes laying out
// the queries; faiss has had the bank added before.
func neighbours(ctx context.Context, b *bench) ([]Result, error) {
	dir, remove, err := b.folder("neighbours")
	if err != nil {
		return nil, err
	}
	defer remove()
	queries, bank, source, err := b.embeddings(ctx)
	if err != nil {
		return nil, err
	}
	dim := len(queries) / b.queries
	err = errors.Join(
		save(dir, "queries", queries, b.queries, dim),
		save(dir, "bank", bank, b.bank, dim),
		save(dir, "k", []int64{nearest}, 1))
	if err != nil {
		return nil, err
	}
	var searcher *knn.Searcher
	best, note, err := b.against(ctx, "neighbours", dir, min(b.rounds, 2), timed(func() (err error) {
		if searcher, err = knn.New(b.queries, dim, dim, nearest); err != nil {
			return err
		}
		parallel.For(b.queries, func(_, i int) { searcher.SetQuery(i, queries[i*dim:(i+1)*dim]) })
		for first := 0; first < b.bank; first += bankBlock {
			searcher.Search(bank[first*dim:min(first+bankBlock, b.bank)*dim], first)
		}
		return nil
	}))
	if err != nil {
		return nil, err
	}
	found := make([][]knn.Neighbour, b.queries)
	for q := range found {
		found[q] = searcher.Neighbours(q)
	}
	if err := sameAsPeer(dir, found); err != nil {
		return nil, err
	}
	progress("knn: the neighbours of %d queries agree", b.queries)
	return []Result{seconds("knn", best[0], best[1], 1.5, fmt.Sprintf("%d of %d × %d × %d, %s; faiss %s", nearest, b.queries, b.bank, dim, source, note))}, nil
}

// sameAsPeer compares the neighbours of queries with those that a peer saved.
func sameAsPeer(dir string, found [][]knn.Neighbour) error {
	cosines, err := load[float32](dir, "cosines", len(found)*nearest)
	if err != nil {
		return err
	}
	indices, err := load[int64](dir, "indices", len(found)*nearest)
	if err != nil {
		return err
	}
	for q, ours := range found {
		if err := sameNeighbours(ours, indices[q*nearest:(q+1)*nearest], cosines[q*nearest:(q+1)*nearest]); err != nil {
			return fmt.Errorf("query %d: %w", q, err)
		}
	}
	return nil
}

// sameNeighbours compares ours with a peer's, nearest first. The order of cosines
// within a tie is open, and at the end so is who is among them.
func sameNeighbours(ours []knn.Neighbour, indices []int64, cosines []float32) error {
	if len(ours) != len(indices) {
		return fmt.Errorf("%d neighbours, the peer has %d", len(ours), len(indices))
	}
	last := cosines[len(cosines)-1]
	for i, n := range ours {
		if d := math.Abs(float64(n.Cosine) - float64(cosines[i])); !(d <= tie) {
			return fmt.Errorf("neighbour %d has cosine %.7f, the peer's %.7f", i, n.Cosine, cosines[i])
		}
		if !slices.Contains(indices, int64(n.Index)) && n.Cosine-last > tie {
			return fmt.Errorf("neighbour %d, bank vector %d of cosine %.7f, is not among the peer's, which end at %.7f", i, n.Index, n.Cosine, last)
		}
	}
	return nil
}

// embeddings returns unit vectors to search for and to search, and what they are:
// embeddings of CIFAR-10 by a small model, whose cosines lie as such do.
func (b *bench) embeddings(ctx context.Context) (queries, bank []float32, source string, err error) {
	if !b.images.Real {
		centres := madeUp(clusters, b.madeUpDim, 1, nil)
		return madeUp(b.queries, b.madeUpDim, 2, centres), madeUp(b.bank, b.madeUpDim, 3, centres), "clustered random vectors", nil
	}
	cfg, err := smt.Preset("cifar")
	if err != nil {
		return nil, nil, "", err
	}
	cfg.Atoms, cfg.Dims, cfg.Images = b.cellAtoms, b.cellDims, 2000
	cfg.Flips = false // vectors of half the length would do with them
	cfg.Components, cfg.Power = 0, 0
	cfg.Stride = 7 // 4 × 4 cells, of which the spectrum keeps 15 frequencies
	model, err := smt.Fit(ctx, b.images.Train, cfg)
	if err != nil {
		return nil, nil, "", err
	}
	if queries, err = embedAll(ctx, model, dataset.Slice(b.images.Test, 0, b.queries)); err != nil {
		return nil, nil, "", err
	}
	bank, err = embedAll(ctx, model, dataset.Slice(b.images.Train, 0, b.bank))
	progress("knn: embedded %d images", b.queries+b.bank)
	return queries, bank, "embeddings of CIFAR-10", err
}

func embedAll(ctx context.Context, m *smt.Model, src dataset.Source) ([]float32, error) {
	all := make([]float32, 0, src.Len()*m.Dim(src.Shape()))
	for x, err := range m.EmbedAll(ctx, src) {
		if err != nil {
			return nil, err
		}
		all = append(all, x...)
		linalg.Unit(all[len(all)-len(x):])
	}
	return all, nil
}

// madeUp returns n random unit vectors, each near one of the centres, if any.
func madeUp(n, dim int, seed uint64, centres []float32) []float32 {
	x := make([]float32, n*dim)
	parallel.For(n, func(_, i int) {
		rng := rand.New(rand.NewPCG(seed, uint64(i)))
		row := x[i*dim : (i+1)*dim]
		for k := range row {
			row[k] = float32(rng.NormFloat64())
		}
		linalg.Unit(row)
		if len(centres) > 0 {
			c := centres[rng.IntN(len(centres)/dim)*dim:]
			for k := range row {
				row[k] = c[k] + scattering*row[k]
			}
			linalg.Unit(row)
		}
	})
	return x
}
