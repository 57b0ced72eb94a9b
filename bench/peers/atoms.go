package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"

	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/dictionary"
	"github.com/sparse-manifold/smt/internal/parallel"
	"github.com/sparse-manifold/smt/patch"
	"github.com/sparse-manifold/smt/sparse"
)

const (
	learnLambda = 0.15
	learnBatch  = 256
	learnSide   = 12   // of the patches that atoms are learned from, in pixels
	learnRidge  = 1e-3 // ε of their whitening
)

// atoms compares learning a dictionary for signed L1 codes, of whitened gray patches of photographs,
// with scikit-learn's MiniBatchDictionaryLearning: the same patches, λ, number of atoms, batches and
// passes. Both dictionaries are then judged by the same inference, ours, on patches held out, and ours
// may have an objective that is a hundredth larger.
func atoms(ctx context.Context, b *bench) ([]Result, error) {
	dir, remove, err := b.folder("atoms")
	if err != nil {
		return nil, err
	}
	defer remove()
	x, held, err := b.learningPatches(ctx)
	if err != nil {
		return nil, err
	}
	dim, units := learnSide*learnSide, len(x)/(learnSide*learnSide)
	err = errors.Join(
		save(dir, "x", x, units, dim),
		save(dir, "lambda", []float64{learnLambda}, 1),
		save(dir, "sizes", []int64{int64(b.learned), learnBatch, int64(b.passes)}, 3))
	if err != nil {
		return nil, err
	}
	sample := arraySample(x, dim)
	var ours *dictionary.Dictionary
	best, note, err := b.against(ctx, "atoms", dir, min(b.rounds, 2), timed(func() (err error) {
		ours, err = dictionary.Learn(ctx, sample, dictionary.Learning{
			Atoms: b.learned, Lambda: learnLambda, Signed: true, Units: units, Passes: b.passes, Batch: learnBatch,
		}, nil)
		return err
	}))
	if err != nil {
		return nil, err
	}
	theirs, err := load[float32](dir, "atoms", b.learned*dim)
	if err != nil {
		return nil, err
	}
	mine, err := heldObjective(held, ours.Atoms, dim)
	if err != nil {
		return nil, err
	}
	peers, err := heldObjective(held, theirs, dim)
	if err != nil {
		return nil, err
	}
	if !(mine <= 1.01*peers) {
		return nil, fmt.Errorf("the objective on patches held out is %.6g, scikit-learn's %.6g: more than a hundredth larger", mine, peers)
	}
	progress("atoms: objective on patches held out %.6g, scikit-learn's %.6g", mine, peers)
	return []Result{seconds("atoms", best[0], best[1], 5, fmt.Sprintf("%d atoms of %d values, %d patches, %d passes; objective held out %.5f, theirs %.5f; scikit-learn %s",
		b.learned, dim, units, b.passes, mine, peers, note))}, nil
}

// learningPatches are whitened gray patches, unit vectors, of training images, and some of test images.
func (b *bench) learningPatches(ctx context.Context) (x, held []float32, err error) {
	train, test := dataset.Gray(b.images.Train), dataset.Gray(b.images.Test)
	t := &patch.Transform{Size: learnSide, Channels: 1, Center: patch.CenterPatch}
	_, sample := dataset.Holdout(train, b.learnFrom, 1)
	if t, err = t.Whiten(ctx, sample, learnRidge, true); err != nil {
		return nil, nil, err
	}
	if x, err = somePatches(t, sample, b.learnFrom); err != nil {
		return nil, nil, err
	}
	held, err = somePatches(t, test, b.learnFrom/8)
	return x, held, err
}

// somePatches are a few patches of each of the first images, blank ones left out.
func somePatches(t *patch.Transform, src dataset.Source, images int) (x []float32, err error) {
	const each = 8
	read := t.Reader(src)()
	rows, cols := t.Grid(src.Shape())
	for i := range min(images, src.Len()) {
		which := rand.New(rand.NewPCG(uint64(i), 7)).Perm(rows * cols)[:min(each, rows*cols)]
		v, err := read(i, which)
		if err != nil {
			return nil, err
		}
		for k := range v.N {
			if !v.Blank[k] {
				x = append(x, v.X[k*v.Stride:][:t.Dim()]...)
			}
		}
	}
	return x, nil
}

// arraySample is the rows of x as one group of units.
func arraySample(x []float32, dim int) dictionary.Sample {
	return dictionary.Sample{Dim: dim, Groups: 1, Units: len(x) / dim, Seed: 1, Reader: func() func(int, []int) (*sparse.Vectors, error) {
		return func(_ int, which []int) (*sparse.Vectors, error) {
			v := &sparse.Vectors{N: len(which), Stride: dim, Blank: make([]bool, len(which))}
			for _, i := range which {
				v.X = append(v.X, x[i*dim:(i+1)*dim]...)
			}
			return v, nil
		}
	}}
}

// heldObjective is the mean objective of signed L1 codes of x on atoms, which need not have length 1:
// those of scikit-learn's are of length 1 at most.
func heldObjective(x, atoms []float32, dim int) (float64, error) {
	c, err := sparse.NewCoder(sparse.L1, learnLambda, sparse.Signed(atoms), dim, nil)
	if err != nil {
		return 0, err
	}
	const piece = 512
	n := len(x) / dim
	sums := make([]float64, (n+piece-1)/piece)
	err = parallel.ForErr(context.Background(), len(sums), func(_, i int) error {
		var v sparse.Vectors
		var s sparse.Scratch
		var w sparse.Weights
		v.Pack(x[i*piece*dim:min((i+1)*piece, n)*dim], dim, c.Stride())
		if err := c.Solve(&v, &s, &w); err != nil {
			return err
		}
		sums[i] = c.L1Objective(&v, &w) * float64(v.N)
		return nil
	})
	total := 0.0
	for _, s := range sums {
		total += s
	}
	return total / float64(n), err
}
