package cooccur

import (
	"errors"
	"fmt"
)

// Kind says which units are the context of a unit.
type Kind string

const (
	Whole  Kind = "image"  // all coded units of the group
	Window Kind = "window" // the coded units within Radius steps, itself excluded
)

// Context defines the differences that the transform makes small.
type Context struct {
	Kind Kind `json:"kind"`
	// Radius of a window, in steps of the topology: rows and columns of patches.
	Radius int `json:"radius,omitempty"`
	// Difference is 1 for pairs of units, 2 for a unit and the mean of its
	// context. For whole groups both lead to the same transform ("Identities that make it cheap" in docs/method.md).
	Difference int `json:"difference"`
	// Weights say how much a pair of units of a window counts.
	Weights Weights `json:"weights,omitempty"`
	// Slots has units of a window co-occur not where they are near each other, but where they
	// stand in the same slot: to the right of the same atom, or to the left of it.
	Slots bool `json:"slots,omitempty"`
}

// Weights say how much a pair of units counts, by the steps between them: whole numbers, so
// that sums stay exact.
type Weights string

const (
	Equal Weights = "" // every pair counts once
	// Falling counts a pair as often as there are windows, of radii from 1 to Radius, that have both:
	// Radius + 1 less their steps. It is what word2vec's windows of random radii come to.
	Falling Weights = "falling"
)

// weight is how much a pair of units counts that are so many steps apart.
func (c Context) weight(steps int) uint32 {
	if c.Weights == Falling {
		return uint32(c.Radius + 1 - steps)
	}
	return 1
}

// unweighted reports weights and slots, which only sparse statistics know.
func (c Context) unweighted() error {
	if c.Weights != Equal {
		return fmt.Errorf("cooccur: weights %q: want none, which only sparse statistics have", c.Weights)
	}
	if c.Slots {
		return errors.New("cooccur: a context of slots, which only sparse statistics have")
	}
	return nil
}

// Validate reports what is wrong with c.
func (c Context) Validate() error {
	switch {
	case c.Kind != Whole && c.Kind != Window:
		return fmt.Errorf("cooccur: context kind %q: want %q or %q", c.Kind, Whole, Window)
	case c.Kind == Window && c.Radius < 1:
		return fmt.Errorf("cooccur: window radius %d: want at least 1", c.Radius)
	case c.Kind == Whole && c.Radius != 0:
		return fmt.Errorf("cooccur: radius %d given for a context of whole groups", c.Radius)
	case c.Weights != Equal && c.Weights != Falling:
		return fmt.Errorf("cooccur: weights %q: want %q, or none", c.Weights, Falling)
	case c.Weights != Equal && (c.Kind != Window || c.Difference != 1):
		return fmt.Errorf("cooccur: weights %q given for a context of %ss, difference %d: want a window and first differences", c.Weights, c.Kind, c.Difference)
	case c.Slots && (c.Kind != Window || c.Difference != 1):
		return fmt.Errorf("cooccur: slots given for a context of %ss, difference %d: want a window and first differences", c.Kind, c.Difference)
	case c.Difference != 1 && c.Difference != 2:
		return fmt.Errorf("cooccur: difference %d: want 1 (first) or 2 (second)", c.Difference)
	}
	return nil
}
