package reproduce

import (
	"context"
	"slices"
	"sync/atomic"

	"github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/internal/parallel"
	"github.com/sparse-manifold/smt/probe"
)

// probed is what a linear probe came to.
type probed struct {
	Top1     float64 `json:"top1"`
	Top5     float64 `json:"top5"`
	Strength float64 `json:"strength"` // chosen on a part of the bank
}

// probeBlock is the number of embeddings read at a time.
const probeBlock = 384

// linearProbe trains a linear classifier on the bank, without flips, its strength chosen on
// a tenth of it, and has it classify the test images. It wants whitened embeddings: a hundred
// classes of all 24,576 values would take a quarter of an hour.
func linearProbe(ctx context.Context, bank, test smt.Embedded, seed uint64, report func(stage string, done, total int)) (*probed, error) {
	// each calls f for the row of every image.
	each := func(stage string, e smt.Embedded, f func(i int, x []float32)) error {
		dim, first := e.Dim(), 0
		for block, err := range e.Blocks(ctx, probeBlock) {
			if err != nil {
				return err
			}
			n := len(block) / dim
			parallel.For(n, func(_, i int) { f(first+i, block[i*dim:(i+1)*dim]) })
			first += n
			report(stage, first, e.Len())
		}
		return nil
	}
	t, err := probe.New(bank.Len(), bank.Dim(), len(bank.Images.Classes()))
	if err != nil {
		return nil, err
	}
	if err := each("reading bank", bank, func(i int, x []float32) { t.Set(i, x, bank.Images.Label(i)) }); err != nil {
		return nil, err
	}
	c, err := t.Train(ctx, probe.Options{Seed: seed, Progress: func(done, total int) { report("training probe", done, total) }})
	if err != nil {
		return nil, err
	}
	var top1, top5 atomic.Int64
	err = each("probing test", test, func(i int, x []float32) {
		switch at := slices.Index(c.Rank(x), test.Images.Label(i)); {
		case at == 0:
			top1.Add(1)
			top5.Add(1)
		case at > 0 && at < 5:
			top5.Add(1)
		}
	})
	n := float64(test.Len())
	return &probed{float64(top1.Load()) / n, float64(top5.Load()) / n, c.Strength}, err
}
