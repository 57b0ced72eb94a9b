package readout

import (
	"math"
	"slices"
)

// scale is how scores are put together, and what probabilities they make: of a ridge's s and a vote's v, of which plan has the weight w,
//
//	z = s/ridge + w·v/vote,  probabilities softmax(sharpness·z)
//
// or, where there is no ridge, z = v and the probabilities are as (v + 0.01)^sharpness, scaled to the sum 1.
//
// ridge and vote are the standard deviations of s and v of items of the bank that are held out, so that an answer depends on no
// other query. Where there is no ridge, vote is 1. The sharpness is likeliest on these items. The likeliest class is always that of the largest z.
type scale struct {
	Ridge     float64 `json:"ridge"`
	Vote      float64 `json:"vote"`
	Sharpness float64 `json:"sharpness"`
	// Power says that votes are raised to a power: earlier versions have the softmax of them.
	Power bool `json:"power,omitempty"`
}

const (
	// defaultPower is the sharpness of votes where labels are too few to hold some out.
	defaultPower = 2
	// leastVote is added to votes before they are raised to a power: a class that none of the nearest votes for may be the right one.
	leastVote = 0.01
)

// probabilities are those of scores.
func (s scale) probabilities(z []float64) []float64 {
	if s.Power {
		z = logs(z)
	}
	return softmax(z, s.Sharpness)
}

// logs are the logarithms of votes.
func logs(votes []float64) []float64 {
	z := make([]float64, len(votes))
	for c, v := range votes {
		z[c] = math.Log(max(0, v) + leastVote)
	}
	return z
}

// sharpness is the factor of scores under which the labels of n items are likeliest, as probabilities are a softmax
// of them. One item more counts, which is as much of each class: of few items that are all right, any factor would be likelier than the
// one before. The logarithm of the likelihood is concave in the factor: its maximum is where the mean score of labels is the mean of scores
// by their probabilities.
func sharpness(n int, item func(i int) (z []float64, label int)) float64 {
	slope := func(by float64) (d float64) {
		for i := range n {
			z, label := item(i)
			counted := float64(n) / float64(n+1)
			d += counted * z[label]
			for c, p := range softmax(z, by) {
				d -= (p - (1-counted)/float64(len(z))) * z[c]
			}
		}
		return d
	}
	low, high := 1e-3, 1e3
	for range 40 {
		if by := math.Sqrt(low * high); slope(by) > 0 {
			low = by
		} else {
			high = by
		}
	}
	return math.Sqrt(low * high)
}

// softmax are exp(by·z), scaled to the sum 1.
func softmax(z []float64, by float64) []float64 {
	p := make([]float64, len(z))
	most := slices.Max(z)
	var sum float64
	for c, v := range z {
		p[c] = math.Exp(by * (v - most))
		sum += p[c]
	}
	for c := range p {
		p[c] /= sum
	}
	return p
}
