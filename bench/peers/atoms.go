package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/dictionary"
	"github.com/sparse-manifold/smt/patch"
	imagesource "github.com/sparse-manifold/smt/source/image"
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
	learning := dictionary.Learning{Atoms: b.learned, Lambda: learnLambda, Signed: true, Units: units, Passes: b.passes, Batch: learnBatch}
	var ours *dictionary.Dictionary
	best, note, err := b.against(ctx, "atoms", dir, min(b.rounds, 2), timed(func() (err error) {
		ours, err = dictionary.Learn(ctx, dictionary.SampleOf(x, dim, 1), learning, nil)
		return err
	}))
	if err != nil {
		return nil, err
	}
	theirs, err := load[float32](dir, "atoms", b.learned*dim)
	if err != nil {
		return nil, err
	}
	mine, err := dictionary.Judge(ctx, learning, held, ours.Atoms, dim)
	if err != nil {
		return nil, err
	}
	peers, err := dictionary.Judge(ctx, learning, held, theirs, dim)
	if err != nil {
		return nil, err
	}
	if !(mine.Objective <= 1.01*peers.Objective) {
		return nil, fmt.Errorf("the objective on patches held out is %.6g, scikit-learn's %.6g: more than a hundredth larger", mine.Objective, peers.Objective)
	}
	progress("atoms: objective on patches held out %.6g, scikit-learn's %.6g", mine.Objective, peers.Objective)
	return []Result{seconds("atoms", best[0], best[1], 5, fmt.Sprintf("%d atoms of %d values, %d patches, %d passes; objective held out %.5f, theirs %.5f; %s",
		b.learned, dim, units, b.passes, mine.Objective, peers.Objective, note))}, nil
}

// learningPatches are whitened gray patches, unit vectors, of training images, and some of test images:
// exemplars that may be as alike as they like are random patches.
func (b *bench) learningPatches(ctx context.Context) (x, held []float32, err error) {
	train, test := dataset.Gray(b.images.Train), dataset.Gray(b.images.Test)
	t := &patch.Transform{Size: learnSide, Channels: 1, Center: patch.CenterPatch}
	_, sample := dataset.Holdout(train, min(4096, train.Len()), 1)
	if t, err = t.Whiten(ctx, sample, learnRidge, true); err != nil {
		return nil, nil, err
	}
	drawn, err := dictionary.Exemplars(ctx, imagesource.Sample(sample, t, false, 1), b.learnUnits, 1, nil)
	if err != nil {
		return nil, nil, err
	}
	apart, err := dictionary.Exemplars(ctx, imagesource.Sample(test, t, false, 1), b.learnUnits/8, 1, nil)
	if err != nil {
		return nil, nil, err
	}
	return drawn.Atoms, apart.Atoms, nil
}
