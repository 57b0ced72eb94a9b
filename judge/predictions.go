package judge

// Prediction is what the neighbours of a test item voted.
type Prediction struct {
	Voted   int     // the class with the most votes
	Share   float64 // of the votes, that it got
	Nearest int     // the nearest item of the bank
	Flip    bool    // it is that item's flip
}

// Predictions are those of the test items, in their order. They are not to be changed.
func (e *Evaluation) Predictions() []Prediction { return e.predictions }
