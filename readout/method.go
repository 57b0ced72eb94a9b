package readout

import "fmt"

// Method is how labels are read out.
type Method string

const (
	// Chosen is the one that did best with as many labels ("The readout" in docs/research).
	Chosen Method = "auto"
	// Vote is the vote of the nearest labelled items, hubs corrected.
	Vote Method = "vote"
	// Spreading is the vote of the nearest items of the whole bank, with the labels that spread to them.
	Spreading Method = "spreading"
	// Ridge is kernel ridge regression on the labelled items.
	Ridge Method = "ridge"
	// RidgeVote is Ridge and Vote together.
	RidgeVote Method = "ridge+vote"
	// SpreadRidge is kernel ridge regression on the whole bank, of the labels that spread to it, together with their vote.
	SpreadRidge Method = "spreading+ridge"
)

// Methods are all methods.
func Methods() []Method { return []Method{Chosen, Vote, Spreading, Ridge, RidgeVote, SpreadRidge} }

// voteWeight is that of the vote beside a ridge.
const voteWeight = 0.5

// plan is what a method does.
type plan struct {
	method Method
	alpha  float32 // of spreading; 0 for none
	ridge  bool
	vote   float64 // the weight of the vote
}

// plan decides by how many of the items have labels.
func (m Method) plan(labelled, items, classes int) (plan, error) {
	if m == Chosen {
		m = Choose(labelled, items, classes)
	}
	alpha := float32(0.9)
	if labelled >= manyLabels*classes {
		alpha = 0.3
	}
	switch m {
	case Vote:
		return plan{method: m, vote: 1}, nil
	case Spreading:
		return plan{method: m, alpha: alpha, vote: 1}, nil
	case Ridge:
		return plan{method: m, ridge: true}, nil
	case RidgeVote:
		return plan{method: m, ridge: true, vote: voteWeight}, nil
	case SpreadRidge:
		return plan{method: m, alpha: alpha, ridge: true, vote: voteWeight}, nil
	}
	return plan{}, fmt.Errorf("method is %q: want one of %q", m, Methods())
}

// manyLabels is the number of labels a class from which on labels spread less far.
const manyLabels = 500

// Choose is the method that Chosen stands for, where so many of the items have labels and memory is enough (Bank.Limit).
func Choose(labelled, items, classes int) Method {
	if labelled < leastLabels(classes) || labelled < manyLabels*classes && labelled < items {
		return Spreading
	}
	return RidgeVote
}
