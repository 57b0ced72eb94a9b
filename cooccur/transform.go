package cooccur

import (
	"fmt"
	"math"
)

// Transform is what becomes of the counts of sparse statistics before they are solved with. Of
// the zero value they stay what they are.
type Transform struct {
	// Power is that to which counts are raised, of pairs and of units; 0 is 1: with a half, as Eigenwords has it
	// (Dhillon, Foster and Ungar 2015), what a word is most often near outshines the rest less.
	Power float64 `json:"power,omitzero"`
}

// Validate reports what is wrong with t.
func (t Transform) Validate() error {
	if !(t.Power >= 0 && t.Power <= 1) {
		return fmt.Errorf("cooccur: power of counts is %g: want more than 0 to 1, or 0 for counts as they are", t.Power)
	}
	return nil
}

// of is what a count becomes.
func (t Transform) of(count float64) float64 {
	switch t.Power {
	case 0, 1:
		return count
	case 0.5:
		return math.Sqrt(count)
	}
	return math.Pow(count, t.Power)
}
