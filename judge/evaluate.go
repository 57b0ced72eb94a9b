package judge

import (
	"context"
	"time"
)

// Evaluation is the result of Evaluate. K and Hubs of its Protocol are those that were
// used: no more than the bank has.
type Evaluation struct {
	Top1 float64 `json:"top1"` // fraction of test items whose class has the most votes
	Top5 float64 `json:"top5"` // whose class is among the five with the most
	// Coarse is the fraction whose coarse class has the most votes, for items that have
	// one too.
	Coarse *float64 `json:"coarse_top1,omitempty"`
	Protocol
	Bank int `json:"bank"` // items in the bank, flips counted
	Test int `json:"test"` // test items

	Embed  time.Duration `json:"-"` // time spent to get the embeddings
	Search time.Duration `json:"-"` // time spent on neighbours and votes

	predictions []Prediction
}

// Evaluate classifies the test items by their nearest neighbours among the items of the
// bank. report, if not nil, is told how far a stage has come.
func Evaluate(ctx context.Context, bank, test Labelled, p Protocol, report func(stage string, done, total int)) (*Evaluation, error) {
	if err := sameClasses(bank, test); err != nil {
		return nil, err
	}
	if err := p.check(); err != nil {
		return nil, err
	}
	n, err := find(ctx, bank.Set, test.Set, p, report)
	if err != nil {
		return nil, err
	}
	e := &Evaluation{Protocol: n.protocol, Bank: n.bank, Test: test.Len(), Embed: n.embed, Search: n.search}
	e.predictions = make([]Prediction, test.Len())
	e.Top1, e.Top5 = n.accuracy(bank.Labels, test.Labels, e.predictions)
	if bank.Coarse != nil {
		coarse, _ := n.accuracy(bank.Coarse, test.Coarse, nil)
		e.Coarse = &coarse
	}
	return e, nil
}

// accuracy has the neighbours of all test items vote, and notes in predictions, if not nil, what for.
func (n *neighbours) accuracy(bank, test Labels, predictions []Prediction) (top1, top5 float64) {
	var s score
	for i := range test.Len() {
		near := n.Neighbours(i)
		v := Vote(near, bank.Label, n.protocol.Temperature)
		s.add(v.place(test.Label(i)))
		if predictions != nil {
			predictions[i] = Prediction{v.Classes[0].Class, v.Classes[0].Share, near[0].Index, near[0].Flip}
		}
	}
	return s.accuracy()
}
