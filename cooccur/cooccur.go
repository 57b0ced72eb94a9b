// Package cooccur counts which atoms occur together and in which contexts, the
// third stage of the method: the matrices of the two quadratic forms
//
//	V = E[φφᵀ]                                  (all patches)
//	L = E[(φ_i − φ_ctx(i))(φ_i − φ_ctx(i))ᵀ]    (differences within a context)
//
// of paper equations 1 and 2 (METHOD §1 and §3). Both are sums over images of
// integers: statistics of parts of a data set, in any order and on any number
// of workers or machines, add up to the statistics of the whole, to the last bit.
package cooccur

import (
	"errors"
	"fmt"
	"math"
)

// Kind says which patches are the context of a patch.
type Kind string

const (
	Image  Kind = "image"  // all coded patches of the image
	Window Kind = "window" // the coded patches within Radius rows and columns, itself excluded
)

// Context defines the differences that the transform makes small.
type Context struct {
	Kind Kind `json:"kind"`
	// Radius of a window, in patches.
	Radius int `json:"radius,omitempty"`
	// Difference is 1 for pairs of patches, 2 for a patch and the mean of its
	// context. For whole images both lead to the same transform (METHOD §3).
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

// Fixed-point fractions. A code value is an integer over Unit.
const (
	weightBits = 12 // N/N_i, the weight of an image with N_i of its N patches coded
	meanBits   = 12 // windowed mean codes of the second difference
)

// Statistics are the sums over a set of images.
type Statistics struct {
	Context Context
	Atoms   int // D
	Unit    int // code values are integers over Unit
	// Encoder tells apart encoders: sums over the codes of different ones are
	// not added. Empty where the caller sees to that.
	Encoder string
	// GridRows × GridCols is the number of patches of every image.
	GridRows, GridCols int

	Images int64 // images seen
	Coded  int64 // patches with an active atom: the units of V
	Pairs  int64 // window: ordered pairs of co-occurring patches
	Inner  int64 // window: coded patches with at least one coded neighbour

	// V and M are lower triangles, row by row: element (a, b ≤ a) at a(a+1)/2+b.
	// V sums φφᵀ. M sums, for whole images, the mean codes' products
	// N_i·μμᵀ; for windows, the differences of L.
	V, M []int64

	apart *Statistics // where an image is summed that is taken in bands, nil before the first one
}

// New returns empty statistics.
func New(c Context, atoms, unit, gridRows, gridCols int) (*Statistics, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	if atoms < 1 || unit < 1 || gridRows < 1 || gridCols < 1 {
		return nil, fmt.Errorf("cooccur: %d atoms, unit %d, grid %d × %d: want positive numbers", atoms, unit, gridRows, gridCols)
	}
	n := atoms * (atoms + 1) / 2
	return &Statistics{Context: c, Atoms: atoms, Unit: unit, GridRows: gridRows, GridCols: gridCols,
		V: make([]int64, n), M: make([]int64, n)}, nil
}

// Add adds the statistics of other images, taken with the same codes.
func (s *Statistics) Add(o *Statistics) error {
	switch {
	case s.Context != o.Context:
		return fmt.Errorf("cooccur: cannot add statistics of context %+v to those of %+v", o.Context, s.Context)
	case s.Encoder != o.Encoder:
		return fmt.Errorf("cooccur: cannot add statistics of encoder %.12q to those of encoder %.12q: another configuration, other whitening or other atoms", o.Encoder, s.Encoder)
	case s.Atoms != o.Atoms:
		return fmt.Errorf("cooccur: cannot add statistics of %d atoms to those of %d", o.Atoms, s.Atoms)
	case s.Unit != o.Unit:
		return fmt.Errorf("cooccur: cannot add statistics in units of 1/%d to those in 1/%d", o.Unit, s.Unit)
	case s.GridRows != o.GridRows || s.GridCols != o.GridCols:
		return fmt.Errorf("cooccur: cannot add statistics of %d × %d patches an image to those of %d × %d",
			o.GridRows, o.GridCols, s.GridRows, s.GridCols)
	}
	for a := range s.Atoms {
		if d := a*(a+1)/2 + a; s.V[d] > math.MaxInt64-o.V[d] || s.M[d] > math.MaxInt64-o.M[d] {
			return errFull
		}
	}
	s.Images += o.Images
	s.Coded += o.Coded
	s.Pairs += o.Pairs
	s.Inner += o.Inner
	addTo(s.V, o.V)
	addTo(s.M, o.M)
	return nil
}

var errFull = errors.New("cooccur: statistics are full: sums no longer fit 64 bits")

func addTo(dst, src []int64) {
	for i, v := range src {
		dst[i] += v
	}
}

// checkRoom fails long before a sum overflows. Diagonals bound all elements of
// the positive semidefinite sums.
func (s *Statistics) checkRoom() error {
	for a := range s.Atoms {
		if d := a*(a+1)/2 + a; s.V[d] > math.MaxInt64/4 || s.M[d] > math.MaxInt64/4 {
			return errFull
		}
	}
	return nil
}
