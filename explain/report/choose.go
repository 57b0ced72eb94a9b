package report

import (
	"context"

	"github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/explain"
)

// Sizes bound the images that a report is about.
type Sizes struct{ Bank, Test, Sample int }

// DefaultSizes keep a report of the preset for photographs below half a minute on
// two cores.
var DefaultSizes = Sizes{Bank: 2500, Test: 500, Sample: 400}

// seen are the images as m sees them.
func (im Images) seen(m *smt.Model) Images {
	for _, src := range []*dataset.Source{&im.Bank, &im.Test, &im.Sample} {
		if *src != nil {
			*src = m.See(*src)
		}
	}
	return im
}

// Choose chooses images of a set by a hash of the seed: fewer where it has fewer. A set
// without a test split has training images set aside: those that the fit of m left out
// or, if it left out none, a fifth of all, at most. reading, if not nil, is told how many images have been read to
// find out which these are.
func Choose(ctx context.Context, m *smt.Model, set *dataset.Set, n Sizes, seed uint64, reading func(done, total int)) (Images, error) {
	fit, err := explain.FitOf(ctx, m, set, reading)
	if err != nil {
		return Images{}, err
	}
	train, test, origin := set.Train, set.Test, fit.Of(explain.Test)
	if test == nil {
		held, by := min(n.Test, train.Len()/5), seed+3
		if fit.Held > 0 {
			held, by = fit.Held, fit.Seed
		}
		train, test = dataset.Holdout(train, held, by)
		origin = fit.HeldOut(held, by)
	}
	some := func(src dataset.Source, n int, seed uint64) dataset.Source {
		_, held := dataset.Holdout(src, min(n, src.Len()), seed)
		return held
	}
	// The seeds differ from each other and from those of a fit, seed and seed+1: the
	// bank shall not be just the images that the atoms or the statistics are of.
	im := Images{Bank: some(train, n.Bank, seed+2), Test: some(test, n.Test, seed+3), Sample: some(train, n.Sample, seed+4), Origin: origin}
	if im.Bank.Len() == 0 || im.Test.Len() == 0 {
		im.Bank, im.Test = nil, nil
	}
	if im.Sample.Len() == 0 {
		im.Sample = nil
	}
	return im, nil
}
