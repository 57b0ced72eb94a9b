package cooccur

import (
	"cmp"
	"errors"
	"math"
)

// Fixed-point fractions. A code value is an integer over Denominator.
const (
	weightBits = 12 // N/N_i, the weight of a group with N_i of its units coded
	meanBits   = 12 // windowed mean codes of the second difference
)

// ownScale is N where groups have topologies of their own: N/N_i then has 12 bits of
// fraction, and as many before that as a group with few coded units needs.
const ownScale = 1 << 12

// Dense are statistics of every pair of atoms.
type Dense struct {
	Summary
	Pairs int64 // window: ordered pairs of co-occurring units
	Inner int64 // window: coded units with at least one coded neighbour

	// V and M are lower triangles, row by row: element (a, b ≤ a) at a(a+1)/2+b.
	// V sums φφᵀ. M sums, for whole groups, the mean codes' products
	// N_i·μμᵀ, times N/N_i; for windows, the differences of L.
	V, M []int64

	apart *Dense // where a group is summed that is taken in bands, nil before the first one
}

var _ Statistics = (*Dense)(nil)

// Bytes is what the statistics take, in memory and in a file.
func (s *Dense) Bytes() int64 { return 8 * int64(len(s.V)+len(s.M)) }

// NewDense returns empty statistics.
func NewDense(o Origin) (*Dense, error) {
	if err := cmp.Or(o.check(), o.Context.unweighted()); err != nil {
		return nil, err
	}
	n := o.Atoms * (o.Atoms + 1) / 2
	return &Dense{Summary: Summary{Origin: o}, V: make([]int64, n), M: make([]int64, n)}, nil
}

// Batch says what Accumulate is best called with.
func (s *Dense) Batch() (groups, entries int) { return BatchGroups, BatchEntries(s.Atoms) }

// weightScale is N of the weights N/N_i.
func (o Origin) weightScale() int64 {
	if o.ownTopologies() {
		return ownScale
	}
	return int64(o.units())
}

// Add adds the statistics of other groups, taken with the same codes.
func (s *Dense) Add(other Statistics) error {
	o, ok := other.(*Dense)
	if !ok {
		return otherKind(s, other)
	}
	return s.add(o)
}

func (s *Dense) add(o *Dense) error {
	if err := s.same(o.Origin); err != nil {
		return err
	}
	for a := range s.Atoms {
		if d := a*(a+1)/2 + a; s.V[d] > math.MaxInt64-o.V[d] || s.M[d] > math.MaxInt64-o.M[d] {
			return errFull
		}
	}
	s.Groups += o.Groups
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
func (s *Dense) checkRoom() error {
	for a := range s.Atoms {
		if d := a*(a+1)/2 + a; s.V[d] > math.MaxInt64/4 || s.M[d] > math.MaxInt64/4 {
			return errFull
		}
	}
	return nil
}
