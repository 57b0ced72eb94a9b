package vector

import (
	"encoding/binary"
	"hash/maphash"
	"math"
	"math/bits"
	"slices"
)

// Distinct returns the points without those that are equal to an earlier one, in order, and how many those
// are.
func (p *Points) Distinct() (*Points, int) {
	n := p.N()
	table := make([]int32, 1<<bits.Len(uint(2*n))) // of points, by their hash: 1 more than their number, 0 for none
	seed := maphash.MakeSeed()
	var row []byte
	var which []int32
	for i := range n {
		x := p.Row(i)
		row = row[:0]
		for _, v := range x {
			row = binary.LittleEndian.AppendUint32(row, math.Float32bits(v+0)) // −0 is 0
		}
		at := maphash.Bytes(seed, row) & uint64(len(table)-1)
		for table[at] > 0 && !slices.Equal(p.Row(int(table[at]-1)), x) {
			at = (at + 1) & uint64(len(table)-1)
		}
		if table[at] == 0 {
			table[at] = int32(i + 1)
			which = append(which, int32(i))
		}
	}
	if len(which) == n {
		return p, 0
	}
	return p.pick(which), n - len(which)
}
