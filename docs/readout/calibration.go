package main

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/sparse-manifold/smt/readout"
)

// bins is the number of parts, of as many answers, that answers are cut into by their probabilities.
const bins = 15

// Calibration is how the probabilities of answers agree with how often they are right.
type Calibration struct {
	Stated float64 `json:"stated"` // the mean probability of the class that is answered
	// Off is the expected calibration error: over parts of answers whose probabilities are alike, the mean of how far the share that
	// is right is from the mean probability.
	Off   float64 `json:"calibration_error"`
	Error float64 `json:"calibration_standard_error"` // of Off, by drawing answers again
	// Least is what Off would be, on average, of as many answers whose probabilities are true: it is not 0, as parts are small.
	Least float64 `json:"calibration_error_by_chance"`
}

// calibrationOf holds answers against the true classes.
func calibrationOf(answers []readout.Answer, truth []int) *Calibration {
	const draws = 200
	said, right := make([]float64, len(answers)), make([]bool, len(answers))
	c := &Calibration{}
	for i, a := range answers {
		said[i], right[i] = a.Probabilities[a.Class], a.Class == truth[i]
		c.Stated += said[i] / float64(len(answers))
	}
	c.Off = calibrationError(said, right)
	rng := rand.New(rand.NewPCG(1, 2))
	var sum, squares float64
	again, hits := make([]float64, len(said)), make([]bool, len(said))
	for range draws {
		for i := range again {
			at := rng.IntN(len(said))
			again[i], hits[i] = said[at], right[at]
		}
		off := calibrationError(again, hits)
		sum, squares = sum+off, squares+off*off
		for i, p := range said {
			hits[i] = rng.Float64() < p
		}
		c.Least += calibrationError(said, hits) / draws
	}
	mean := sum / draws
	c.Error = math.Sqrt(max(0, squares/draws-mean*mean))
	return c
}

// calibrationError is the expected calibration error of probabilities.
func calibrationError(said []float64, right []bool) (off float64) {
	order := numbers(len(said))
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(said[a], said[b]) })
	for b := range bins {
		var gap float64
		for _, i := range order[b*len(order)/bins : (b+1)*len(order)/bins] {
			gap += said[i]
			if right[i] {
				gap--
			}
		}
		off += math.Abs(gap) / float64(len(order))
	}
	return off
}
