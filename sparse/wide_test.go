package sparse

import (
	"slices"
	"testing"
)

// Codes in 32 bits are added, appended and dropped as those in 16 bits are.
func TestWideCodes(t *testing.T) {
	var narrow, wide, more Codes
	for _, c := range []*Codes{&narrow, &wide, &more} {
		c.Reset()
	}
	units := [][]uint32{{1, 5}, {}, {70000 % 7}, {2}}
	for _, u := range units {
		wide.AddWide(u...)
		more.AddWide(u...)
		var few []uint16
		for _, a := range u {
			few = append(few, uint16(a))
		}
		narrow.Add(few...)
	}
	wide.Append(&more)
	twice := narrow
	twice.Append(&narrow)
	for _, drop := range []int{0, 1, 3} {
		wide.Drop(drop)
		twice.Drop(drop)
		if !slices.Equal(wide.Start, twice.Start) || wide.Active() != twice.Active() || wide.N() != twice.N() || wide.Coded() != twice.Coded() {
			t.Fatalf("after %d units: %+v, want the places of %+v", drop, wide, twice)
		}
		for i, a := range wide.Wide {
			if uint16(a) != twice.Atom[i] {
				t.Errorf("atom %d is %d, want %d", i, a, twice.Atom[i])
			}
		}
	}
	wide.Reset()
	wide.AddWide(1 << 20)
	if !slices.Equal(wide.Wide, []uint32{1 << 20}) || wide.N() != 1 {
		t.Errorf("%+v after a reset", wide)
	}
}
