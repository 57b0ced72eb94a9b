// Package cooccur counts which atoms occur together and in which contexts, the
// third stage of the method: the matrices of the two quadratic forms
//
//	V = E[φφᵀ]                                  (all units)
//	L = E[(φ_i − φ_ctx(i))(φ_i − φ_ctx(i))ᵀ]    (differences within a context)
//
// of paper equations 1 and 2 (METHOD §1 and §3). Codes of groups of units go in, the
// coordinates that solve L p = λ V p come out. A unit is a patch of an image, a word of a
// text, a frame of a clip; a group is the image, the text, the clip.
//
// Both matrices are sums over groups of integers: statistics of parts of a data set, in any
// order and on any number of workers or machines, add up to the statistics of the whole, to
// the last bit. Statistics is what all kinds of them have in common: Dense has every pair of
// atoms, Packed is for dictionaries of tens of thousands of atoms that flips map onto
// themselves.
package cooccur

import "fmt"

// Kind says which units are the context of a unit.
type Kind string

const (
	Image  Kind = "image"  // all coded units of the group
	Window Kind = "window" // the coded units within Radius steps, itself excluded
)

// Context defines the differences that the transform makes small.
type Context struct {
	Kind Kind `json:"kind"`
	// Radius of a window, in steps of the topology: rows and columns of patches.
	Radius int `json:"radius,omitempty"`
	// Difference is 1 for pairs of units, 2 for a unit and the mean of its
	// context. For whole groups both lead to the same transform (METHOD §3).
	Difference int `json:"difference"`
}

// Validate reports what is wrong with c.
func (c Context) Validate() error {
	switch {
	case c.Kind != Image && c.Kind != Window:
		return fmt.Errorf("cooccur: context kind %q: want %q or %q", c.Kind, Image, Window)
	case c.Kind == Window && c.Radius < 1:
		return fmt.Errorf("cooccur: window radius %d: want at least 1", c.Radius)
	case c.Kind == Image && c.Radius != 0:
		return fmt.Errorf("cooccur: radius %d given for a whole-image context", c.Radius)
	case c.Difference != 1 && c.Difference != 2:
		return fmt.Errorf("cooccur: difference %d: want 1 (first) or 2 (second)", c.Difference)
	}
	return nil
}
