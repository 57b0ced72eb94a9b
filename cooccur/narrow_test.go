package cooccur

import (
	"math"
	"strings"
	"testing"

	"github.com/sparse-manifold/smt/sparse"
)

// What 32 bits do not hold is refused, not wrapped.
func TestNumbersThatDoNotFit(t *testing.T) {
	if n, err := number(math.MaxInt32); n != math.MaxInt32 || err != nil {
		t.Errorf("number %d, error %v", n, err)
	}
	if _, err := number(math.MaxInt32 + 1); err == nil {
		t.Error("an entry beyond 32 bits got a number")
	}
	// A window of all of 182 × 182 patches, and a value of 16 bits: their product is
	// beyond 31 bits. One row and column less, and it is not.
	for side, fits := range map[int]bool{181: true, 182: false} {
		s, err := dense(Context{Kind: Window, Radius: side, Difference: 1}, 2, sparse.SoftUnit, side, side)
		if err != nil {
			t.Fatal(err)
		}
		c := &sparse.Codes{Start: make([]int32, side*side+1), Atom: []uint16{1}, Value: []uint16{math.MaxUint16}}
		c.Start[side*side] = 1
		err = accumulate(s, []*sparse.Codes{c})
		if fits && err != nil || !fits && (err == nil || !strings.Contains(err.Error(), "33124 units")) {
			t.Errorf("side %d: error %v", side, err)
		}
	}
	// All patches of a part, all with all atoms, are numbered by 32 bits.
	if n := uint64(partUnits) * sparse.MaxAtoms; n > math.MaxUint32 {
		t.Errorf("a part has up to %d entries", n)
	}
}
