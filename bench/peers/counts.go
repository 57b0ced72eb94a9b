package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/sparse-manifold/smt/bench/internal/coding"
	"github.com/sparse-manifold/smt/cooccur"
	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/sparse"
)

// counts compares the statistics of the images' codes with scipy's sparse
// product. We compute both of them, V and the product of the mean codes; scipy
// is asked for V alone.
func counts(ctx context.Context, b *bench) ([]Result, error) {
	dir, remove, err := b.folder("counts")
	if err != nil {
		return nil, err
	}
	defer remove()
	c, err := b.needCoding(ctx)
	if err != nil {
		return nil, err
	}
	codes, err := c.Encode(ctx, dataset.Slice(b.images.Train, 0, b.count), b.atoms)
	if err != nil {
		return nil, err
	}
	if err := saveCodes(dir, codes, b.atoms); err != nil {
		return nil, err
	}
	stats := new(cooccur.Dense)
	best, note, err := b.against(ctx, "counts", dir, 1, timed(func() (err error) {
		if stats, err = c.Statistics(b.atoms); err != nil {
			return err
		}
		return coding.Count(ctx, stats, codes)
	}))
	if err != nil {
		return nil, err
	}
	theirs, err := load[int32](dir, "v", b.atoms*b.atoms)
	if err != nil {
		return nil, err
	}
	for i := range b.atoms {
		for j := range i + 1 {
			mine, other := stats.V[i*(i+1)/2+j], int64(theirs[i*b.atoms+j])
			if mine != other {
				return nil, fmt.Errorf("atoms %d and %d: counted %d times together, by scipy %d times", i, j, mine, other)
			}
		}
	}
	progress("counts: all %d agree", len(stats.V))
	return []Result{seconds("counts", best[0], best[1], 5, fmt.Sprintf("%d images, %d atoms, %.1f active a patch; V and M, scipy V alone, %s",
		b.count, b.atoms, float64(coding.Active(codes))/float64(b.count*codes[0].N()), note))}, nil
}

// saveCodes saves the codes of images as rows of one sparse matrix.
func saveCodes(dir string, codes []*sparse.Codes, atoms int) error {
	var atom []uint16
	start := []int64{0}
	for _, c := range codes {
		for i := range c.N() {
			start = append(start, int64(len(atom))+int64(c.Start[i+1]))
		}
		atom = append(atom, c.Atom...)
	}
	return errors.Join(
		save(dir, "start", start, len(start)),
		save(dir, "atom", atom, len(atom)),
		save(dir, "sizes", []int64{int64(len(codes)), int64(atoms)}, 2))
}
