package judge

import "iter"

// A Prediction is what the neighbours of a test item voted.
type Prediction struct {
	ID      string
	Label   int     // its class, −1 for none
	Voted   int     // the class with the most votes
	Share   float64 // of the votes, that it got
	Nearest string  // the id of the nearest item of the bank
	Flip    bool    // it is that item's flip
}

// Predictions yields that of each test item, in their order. It ends after an error, which is that of reading an id.
func (e *Evaluation) Predictions() iter.Seq2[Prediction, error] {
	return func(yield func(Prediction, error) bool) {
		for i := range e.Test {
			near := e.found.Neighbours(i)
			first := Vote(near, e.bank.Labels.Label, e.Temperature).Classes[0]
			p := Prediction{Label: e.test.Labels.Label(i), Voted: first.Class, Share: first.Share, Flip: near[0].Flip}
			var err error
			if p.ID, err = e.test.ID(i); err == nil {
				p.Nearest, err = e.bank.ID(near[0].Index)
			}
			if !yield(p, err) || err != nil {
				return
			}
		}
	}
}
