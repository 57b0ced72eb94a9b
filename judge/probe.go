package judge

import (
	"context"
	"slices"

	"github.com/sparse-manifold/smt/embedding"
	"github.com/sparse-manifold/smt/internal/parallel"
	"github.com/sparse-manifold/smt/judge/probe"
)

// Probed is what a linear probe came to.
type Probed struct {
	Top1     float64 `json:"top1"`
	Top5     float64 `json:"top5"`
	Strength float64 `json:"strength"` // chosen on a part of the bank
}

// Probe trains a linear classifier on the bank, without flips, its strength chosen on
// a tenth of it, and has it classify the test items. It wants components: a hundred
// classes of all 24,576 values would take a quarter of an hour. report, if not nil, is told
// how far a stage has come.
func Probe(ctx context.Context, bank, test Labelled, seed uint64, report func(stage string, done, total int)) (*Probed, error) {
	if err := sameClasses(bank, test); err != nil {
		return nil, err
	}
	if report == nil {
		report = func(string, int, int) {}
	}
	// each calls f for every row of a set.
	each := func(stage string, s embedding.Set, f func(i int, x []float32)) error {
		dim, first := s.Dim(), 0
		for block, err := range s.Blocks(ctx, blockRows) {
			if err != nil {
				return err
			}
			n := len(block) / dim
			parallel.For(n, func(_, i int) { f(first+i, block[i*dim:(i+1)*dim]) })
			first += n
			report(stage, first, s.Len())
		}
		return nil
	}
	t, err := probe.New(bank.Len(), bank.Dim(), len(bank.Labels.Classes()))
	if err != nil {
		return nil, err
	}
	if err := each("reading bank", bank.Set, func(i int, x []float32) { t.Set(i, x, bank.Labels.Label(i)) }); err != nil {
		return nil, err
	}
	c, err := t.Train(ctx, probe.Options{Seed: seed, Progress: func(done, total int) { report("training probe", done, total) }})
	if err != nil {
		return nil, err
	}
	places := make([]int, test.Len())
	err = each("probing test", test.Set, func(i int, x []float32) { places[i] = slices.Index(c.Rank(x), test.Labels.Label(i)) })
	if err != nil {
		return nil, err
	}
	p := &Probed{Strength: c.Strength}
	var found score
	for _, place := range places {
		found.add(place)
	}
	p.Top1, p.Top5 = found.accuracy()
	return p, nil
}
