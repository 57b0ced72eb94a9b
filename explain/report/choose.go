package report

import "github.com/sparse-manifold/smt/dataset"

// Sizes bound the images that a report is about.
type Sizes struct{ Bank, Test, Sample int }

// DefaultSizes keep a report of the preset for photographs below half a minute on
// two cores.
var DefaultSizes = Sizes{Bank: 2500, Test: 500, Sample: 400}

// Choose chooses images of a set by a hash of the seed: fewer where it has fewer.
// A set without a test split has a fifth of its images set aside, at most.
func Choose(set *dataset.Set, n Sizes, seed uint64) Images {
	train, test := set.Train, set.Test
	if test == nil {
		train, test = dataset.Holdout(train, min(n.Test, train.Len()/5), seed+3)
	}
	some := func(src dataset.Source, n int, seed uint64) dataset.Source {
		_, held := dataset.Holdout(src, min(n, src.Len()), seed)
		return held
	}
	// The seeds differ from each other and from those of a fit, seed and seed+1: the
	// bank shall not be just the images that the atoms or the statistics are of.
	im := Images{Bank: some(train, n.Bank, seed+2), Test: some(test, n.Test, seed+3), Sample: some(train, n.Sample, seed+4)}
	if im.Bank.Len() == 0 || im.Test.Len() == 0 {
		im.Bank, im.Test = nil, nil
	}
	if im.Sample.Len() == 0 {
		im.Sample = nil
	}
	return im
}
