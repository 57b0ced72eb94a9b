package manifold

import (
	"math/bits"

	"github.com/sparse-manifold/smt/cooccur"
	"github.com/sparse-manifold/smt/internal/plural"
)

// near reports a topology that is not what cooccur.Topology says it must be: a breach would be a wrong L, and no
// error. Those of package cooccur are right, and are not walked through.
func near(t cooccur.Topology, radius int) error {
	switch t.(type) {
	case cooccur.Grid, cooccur.Lattice, *cooccur.Neighbours:
		return nil
	}
	units, most, reach := t.Units(), t.MostNear(radius), t.Reach(radius)
	var fault error
	var oneWay uint64 // 0 if every pair is there both ways, and by chance once in 2⁶⁴
	for i := range units {
		n, self, end := 0, false, 0
		t.Near(i, radius, func(from, to int) {
			switch {
			case fault != nil:
			case from < 0 || from >= to || to > units:
				fault = faulty("Near gives the span %d to %d of units near unit %d, want one within 0 to %d", from, to, i, units)
			case n > 0 && from < end:
				fault = faulty("Near gives unit %d twice, or spans out of order, near unit %d", from, i)
			case max(i-from, to-1-i) > reach:
				fault = faulty("Near gives units %d to %d near unit %d, and Reach says %d at most", from, to-1, i, reach)
			default:
				self = self || from <= i && i < to
				for j := from; j < to; j++ {
					if j < i {
						oneWay += pairDigest(j, i)
					} else if j > i {
						oneWay -= pairDigest(i, j)
					}
				}
			}
			n, end = n+to-from, to
		})
		switch {
		case fault != nil:
			return fault
		case !self:
			return faulty("Near leaves out unit %d itself", i)
		case n > most:
			return faulty("Near gives %s near unit %d, and MostNear says %d", plural.Of(n, "unit"), i, most)
		}
	}
	if oneWay != 0 {
		return faulty("Near is not mutual: a unit is near another that is not near it")
	}
	return nil
}

// pairDigest is a number for two units, another one for others.
func pairDigest(i, j int) uint64 {
	high, low := bits.Mul64(uint64(i)*0x9e3779b97f4a7c15+0x243f6a8885a308d3, uint64(j)*0xbf58476d1ce4e5b9+0x13198a2e03707345)
	return high ^ low
}
