package judge

import (
	"fmt"
	"math"
	"slices"

	"github.com/sparse-manifold/smt/embedding"
	"github.com/sparse-manifold/smt/internal/plural"
)

// Protocol is how a representation is judged by its nearest neighbours.
type Protocol struct {
	K           int     `json:"k"`           // neighbours that vote
	Temperature float64 `json:"temperature"` // a vote weighs exp(cosine/Temperature)
	Flips       bool    `json:"flips"`       // the bank holds the flip of every item too
	// Hubs is the number of items of the bank that each of them is compared with,
	// so that those near to everything count as less near. 0, as in the
	// paper, is no such correction.
	Hubs int `json:"hubs,omitempty"`
	// Components is the number of principal components, of the bank's embeddings, that
	// embeddings are shortened to and evened out (embedding.Components). 0, as in the
	// paper, leaves them as they are.
	Components int `json:"whiten,omitempty"`
}

// Paper is the paper's protocol, with flips in the bank or without.
func Paper(flips bool) Protocol { return Protocol{K: 30, Temperature: 0.03, Flips: flips} }

// check reports what no votes can be counted with.
func (p Protocol) check() error {
	if !(p.Temperature > 0) || math.IsInf(p.Temperature, 1) {
		return fmt.Errorf("judge: temperature is %g: want a positive number", p.Temperature)
	}
	if p.K < 1 {
		return fmt.Errorf("judge: k is %d: want at least 1 neighbour", p.K)
	}
	return nil
}

// Labels are the classes of items. Sources of package dataset are labels of their images.
type Labels interface {
	Len() int
	Classes() []string // their names, nil where items have no labels
	Label(i int) int   // the class of item i
}

// Labelled is the embeddings of items, and their labels.
type Labelled struct {
	embedding.Set
	Labels Labels
	// Coarse are labels of fewer, coarser classes, nil where there are none.
	Coarse Labels
}

// sameClasses reports labels that are not those of two sets of one kind.
func sameClasses(bank, test Labelled) error {
	for _, s := range []struct {
		name string
		Labelled
	}{{"bank", bank}, {"test set", test}} {
		if s.Labels.Classes() == nil {
			return fmt.Errorf("judge: the %s has no labels", s.name)
		}
		if s.Labels.Len() != s.Len() {
			return fmt.Errorf("judge: the %s has %s and %s", s.name, plural.Of(s.Labels.Len(), "label"), plural.Of(s.Len(), "embedding"))
		}
	}
	if b, t := bank.Labels.Classes(), test.Labels.Classes(); !slices.Equal(b, t) {
		return fmt.Errorf("judge: the bank has classes %v, the test set %v", b, t)
	}
	if (bank.Coarse == nil) != (test.Coarse == nil) {
		return fmt.Errorf("judge: coarse classes of the bank: %v, of the test set: %v; want both or neither", bank.Coarse != nil, test.Coarse != nil)
	}
	return nil
}
