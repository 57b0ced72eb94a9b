package cooccur

import "fmt"

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
	case c.Difference != 1 && c.Difference != 2:
		return fmt.Errorf("cooccur: difference %d: want 1 (first) or 2 (second)", c.Difference)
	}
	return nil
}
