package main

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/sparse-manifold/smt/readout"
)

// Probabilities that are true are off by chance alone, and ones that are too sure by as much as they are.
func TestCalibration(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for _, tooSure := range []float64{0, 0.1} {
		var answers []readout.Answer
		var truth []int
		var hits float64
		for range 6000 {
			p, class := 0.55+0.35*rng.Float64(), 1
			if rng.Float64() < p {
				class, hits = 0, hits+1
			}
			answers, truth = append(answers, readout.Answer{Probabilities: []float64{p + tooSure, 1 - p - tooSure}}), append(truth, class)
		}
		c := calibrationOf(answers, truth)
		if gap := c.Stated - hits/6000; math.Abs(gap-tooSure) > 0.02 {
			t.Errorf("%g too sure: stated %g, of which %g are right", tooSure, c.Stated, hits/6000)
		}
		if !(c.Error > 0.002 && c.Error < 0.01) || !(c.Least > 0.005 && c.Least < 0.03) {
			t.Errorf("%+v: want an error and what chance makes", c)
		}
		if tooSure == 0 && math.Abs(c.Off-c.Least) > 4*c.Error || tooSure > 0 && math.Abs(c.Off-tooSure) > 4*c.Error {
			t.Errorf("%g too sure: %+v", tooSure, c)
		}
	}
	// Two parts' worth: a half of 30 answers of 0.5 is right, and none of 30 of 1.
	var said []float64
	var right []bool
	for i := range 60 {
		said, right = append(said, map[bool]float64{true: 0.5, false: 1}[i < 30]), append(right, i < 30 && i%2 == 0)
	}
	if off := calibrationError(said, right); math.Abs(off-0.5) > 1e-12 {
		t.Errorf("%g, want 0 of one half and 1 of the other: 0.5", off)
	}
}
