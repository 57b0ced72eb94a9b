package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/sparse-manifold/smt/bench/internal/coding"
	"github.com/sparse-manifold/smt/cooccur"
	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/internal/linalg"
	"github.com/sparse-manifold/smt/internal/spectral"
)

// eigen compares the method's eigenproblem, of statistics of images and their
// flips, with scipy's solution of the same matrices. We solve it as a fit does, as
// the two smaller problems that flips split it into, and plain, without a thought
// of flips.
func eigen(ctx context.Context, b *bench) ([]Result, error) {
	dir, remove, err := b.folder("eigen")
	if err != nil {
		return nil, err
	}
	defer remove()
	c, err := b.needCoding(ctx)
	if err != nil {
		return nil, err
	}
	plain, split, err := b.pencils(ctx, c)
	if err != nil {
		return nil, err
	}
	n := b.order
	err = errors.Join(
		save(dir, "v", plain.V.Data, n, n),
		save(dir, "l", plain.L.Data, n, n),
		save(dir, "k", []int64{int64(b.pairs)}, 1))
	if err != nil {
		return nil, err
	}
	var bySplit, byPlain []float64
	best, note, err := b.against(ctx, "eigen", dir, min(b.rounds, 3),
		func() (took float64, err error) {
			bySplit, took, err = smallest(ctx, split, b.pairs)
			return took, err
		},
		func() (took float64, err error) {
			byPlain, took, err = smallest(ctx, []pencil{plain}, b.pairs)
			return took, err
		})
	if err != nil {
		return nil, err
	}
	theirs, err := load[float64](dir, "values", b.pairs)
	if err != nil {
		return nil, err
	}
	for _, ours := range [][]float64{bySplit, byPlain} {
		if mine, sum := total(ours), total(theirs); !(math.Abs(mine-sum) <= 1e-3*math.Abs(sum)) {
			return nil, fmt.Errorf("the sum of %d eigenvalues is %.7g, scipy's %.7g", b.pairs, mine, sum)
		}
	}
	progress("eigen: the eigenvalues sum to %.7g, %.7g and scipy's to %.7g", total(bySplit), total(byPlain), total(theirs))
	what := fmt.Sprintf("%d of %d, statistics of %d images; scipy %s", b.pairs, n, b.sample, note)
	return []Result{
		seconds("eigen", best[0], best[2], 10, what+"; split by flips"),
		seconds("eigen-plain", best[1], best[2], 10, what+"; not split"),
	}, nil
}

// pencils returns V and L of images and their flips, in one piece and split.
func (b *bench) pencils(ctx context.Context, c *coding.Coding) (plain pencil, split []pencil, err error) {
	mirror := c.Mirror[:b.order]
	if i := slices.IndexFunc(mirror, func(a uint16) bool { return int(a) >= b.order }); i >= 0 {
		return plain, nil, fmt.Errorf("atom %d is the flip of atom %d, beyond the first %d", mirror[i], i, b.order)
	}
	codes, err := c.Encode(ctx, dataset.Slice(b.images.Train, 0, b.sample), b.order)
	if err != nil {
		return plain, nil, err
	}
	stats, err := c.Statistics(b.order)
	if err != nil {
		return plain, nil, err
	}
	if err := coding.Count(ctx, stats, codes); err != nil {
		return plain, nil, err
	}
	for _, basis := range cooccur.Bases(b.order, mirror) {
		p, err := pencilOf(ctx, stats, basis)
		if err != nil {
			return plain, nil, err
		}
		split = append(split, p)
	}
	if plain, err = pencilOf(ctx, stats, cooccur.Bases(b.order, nil)[0]); err != nil {
		return plain, nil, err
	}
	n := b.order
	for _, m := range []linalg.Matrix{plain.V, plain.L} {
		once := slices.Clone(m.Data)
		for i, a := range mirror {
			for j, b := range mirror {
				m.Data[i*n+j] = (once[i*n+j] + once[int(a)*n+int(b)]) / 2
			}
		}
	}
	// A fit's ridge is the solver's own; here both sides have it in the matrices.
	ridge := [2]float64{}
	for i := range n {
		ridge[0] += c.Config.Ridge * float64(plain.V.At(i, i)) / float64(n)
		ridge[1] += c.Config.Ridge * float64(plain.L.At(i, i)) / float64(n)
	}
	for _, p := range append(slices.Clone(split), plain) {
		for i := range p.V.Rows {
			p.V.Row(i)[i] += float32(ridge[0])
			p.L.Row(i)[i] += float32(ridge[1])
		}
	}
	return plain, split, nil
}

// pencil is the pair of forms V and L on some codes.
type pencil struct{ V, L linalg.Matrix }

// pencilOf returns the forms on the codes that a basis spans, of statistics.
func pencilOf(ctx context.Context, s *cooccur.Dense, b cooccur.Basis) (p pencil, err error) {
	n := b.Size()
	rows, coordinate := make([][]float32, n), make([]float32, n)
	for i := range rows {
		rows[i] = make([]float32, s.Atoms)
		coordinate[i] = 1
		b.Expand(coordinate, rows[i])
		coordinate[i] = 0
	}
	v, l, err := s.Forms(ctx, b, rows)
	if err != nil {
		return p, err
	}
	return pencil{linalg.Wrap(n, n, v), linalg.Wrap(n, n, l)}, nil
}

// smallest returns the k smallest eigenvalues of the pencils, smallest first, and
// the seconds that took.
func smallest(ctx context.Context, pencils []pencil, k int) (values []float64, took float64, err error) {
	var sizes []int
	for _, p := range pencils {
		sizes = append(sizes, p.V.Rows)
	}
	found, err := spectral.Bases(sizes, k, func(s *spectral.Solution) []float64 { return s.Values }, func(basis, k int, beside []float64) (*spectral.Solution, error) {
		v, l := pencils[basis].V, pencils[basis].L
		v.Data, l.Data = slices.Clone(v.Data), slices.Clone(l.Data) // the solver overwrites them
		began := time.Now()
		defer func() { took += time.Since(began).Seconds() }()
		return spectral.Smallest(ctx, v, l, spectral.Search{K: k, Beside: beside, Seed: 1})
	})
	if err != nil {
		return nil, 0, err
	}
	for _, s := range found {
		values = append(values, s.Values...)
	}
	slices.Sort(values)
	return values[:k], took, nil
}

func total(values []float64) (sum float64) {
	for _, v := range values {
		sum += v
	}
	return sum
}
