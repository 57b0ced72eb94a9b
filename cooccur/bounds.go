package cooccur

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/sparse-manifold/smt/internal/parallel"
	"github.com/sparse-manifold/smt/internal/plural"
)

// What a file of statistics may hold beyond the right sizes: sums that codes can have.

// mostGroups bounds groups, and the units of all of them: more than can be counted.
const mostGroups = 1 << 53

// mostUnits is how many units a group of s can have, as far as s says.
func (s *Dense) mostUnits() int64 {
	if s.ownTopologies() {
		return s.Coded // of which all may be one group's
	}
	return int64(s.units())
}

// mostInWindow is how many units a window can have, in the same way.
func (s *Dense) mostInWindow() int64 {
	if s.ownTopologies() {
		return s.Coded
	}
	return int64(s.lattice().MostNear(s.Context.Radius))
}

// checkCounts wants numbers that so many groups can have.
func (s *Dense) checkCounts() error {
	groups, coded := int64(mostGroups), int64(mostGroups)
	if !s.ownTopologies() {
		groups /= int64(s.units())
		coded = s.Groups * int64(s.units())
	}
	inner, each := int64(0), 0.0 // each coded unit may have so many neighbours
	if s.Context.Kind == Window {
		inner, each = s.Coded, max(0, float64(s.mostInWindow()-1))
	}
	switch {
	case s.Groups > groups:
		return fmt.Errorf("header: images is %d, want at most %d", s.Groups, groups)
	case s.Coded > coded:
		return fmt.Errorf("header: coded is %d, want at most the %s of %s", s.Coded, plural.Of(coded, "unit"), plural.Of(s.Groups, "group"))
	case s.Inner > inner:
		return fmt.Errorf("header: inner is %d, want at most %d", s.Inner, inner)
	case s.Pairs < s.Inner || float64(s.Pairs) > each*float64(s.Coded):
		return fmt.Errorf("header: pairs is %d, want %d to %.17g", s.Pairs, s.Inner, each*float64(s.Coded))
	}
	return nil
}

// checkSums wants V and M to be sums of squares of as many codes as were counted. On the
// diagonal, V is at most the square of the largest value, 1 or what 16 bits have, a coded unit,
// and if values are 0 and 1, in all at least 1 a coded unit. M, of N units a group and windows
// of w units, is at most so many times V: for whole groups N_i·μ² ≤ Σφ², with the weight
// rounded, 2¹²·N and the units of a group more; for first differences the n_i of Σ n_iφ_i² −
// Σ φ_is_i, w − 1; for second ones (φ_i − s_i/n_i)² ≤ φ_i² + Σ_j φ_j²/n_i, w, times 2²⁴, and
// rounding to a whole number at most doubles what is not 0. Beside the diagonal a sum of
// squares has at most the root of the product of both on it, and V nothing negative.
func (s *Dense) checkSums() error {
	var times float64
	switch {
	case s.Context.Kind == Whole:
		times = float64(s.weightScale()<<weightBits) + float64(s.mostUnits())
	case s.Context.Difference == 1:
		times = max(0, float64(s.mostInWindow()-1))
	default:
		times = 4 * float64(s.mostInWindow()) * (1 << (2 * meanBits))
	}
	squares := float64(s.Coded)
	if s.Denominator != 1 {
		squares *= math.MaxUint16 * math.MaxUint16
	}
	var trace float64
	for a := range s.Atoms {
		d := a*(a+1)/2 + a
		v, m := s.V[d], s.M[d]
		if v < 0 || float64(v) > squares {
			return fmt.Errorf("tensor V: element (%d, %[1]d) (index %d) is %d, want 0 to %.17g, of all coded units", a, d, v, squares)
		}
		if m < 0 || float64(m) > times*float64(v)*rounding {
			return fmt.Errorf("tensor M: element (%d, %[1]d) (index %d) is %d, want 0 to %.6g, of V's %d", a, d, m, times*float64(v), v)
		}
		trace += float64(v)
	}
	if s.Denominator == 1 && trace*rounding < float64(s.Coded) {
		return fmt.Errorf("tensor V: the diagonal sums to %g, want at least the %s", trace, plural.Of(s.Coded, "coded unit"))
	}
	if err := checkTriangle("V", s.V, s.Atoms, true); err != nil {
		return err
	}
	return checkTriangle("M", s.M, s.Atoms, false)
}

// rounding is what float64 may be off by.
const rounding = 1 + 0x1p-40

// checkTriangle compares elements with those on the diagonal.
func checkTriangle(name string, t []int64, n int, positive bool) error {
	roots := make([]float64, n)
	for a := range n {
		roots[a] = math.Sqrt(float64(t[a*(a+1)/2+a])) * rounding
	}
	bad := make([]int, n) // the first element of each row that is none, or -1
	eachRow(n, func(_, a int) {
		bad[a] = -1
		root := roots[a]
		for b, v := range t[a*(a+1)/2:][:a] {
			if x := float64(v); math.Abs(x) > root*roots[b] || positive && v < 0 {
				bad[a] = b
				return
			}
		}
	})
	for a, b := range bad {
		if b < 0 {
			continue
		}
		least, most := -roots[a]*roots[b], roots[a]*roots[b]
		if positive {
			least = 0
		}
		return fmt.Errorf("tensor %s: element (%d, %d) (index %d) is %d, want %.6g to %.6g, of those on the diagonal", name, a, b, a*(a+1)/2+b, t[a*(a+1)/2+b], least, most)
	}
	return nil
}

// checkPacked wants, of each group, no atom in more units than were coded. The number of
// units that have an atom or its flip, over all groups, is then on the diagonal of Same, and
// what stands beside it, in Same and Crossed, is no more than that of either.
func (s *Packed) checkPacked() error {
	stride := s.Stride()
	total := make([]uint64, stride) // of each atom, units
	for i, sums := range s.Sums {
		if err := addColumns(total, sums, s.Units[i], s.Atoms); err != nil {
			return fmt.Errorf("tensor sums.%d: %w", i, err)
		}
	}
	n := len(s.orbits.first)
	diagonal := make([]uint32, n)
	var all uint64
	for o, a := range s.orbits.first {
		b := s.orbits.second[o]
		have := total[a] + total[b]
		all += have
		if a == b {
			all -= total[a]
		}
		d := o*(o+1)/2 + o
		if diagonal[o] = s.Same[d]; uint64(diagonal[o]) != have {
			return fmt.Errorf("tensor same: element (%d, %[1]d) (index %d) is %d, want %d, as the groups' sums have", o, d, diagonal[o], have)
		}
	}
	if all < uint64(s.Coded) {
		return fmt.Errorf("header: coded is %d, want at most the %s that the groups' sums have", s.Coded, plural.Of(all, "atom"))
	}
	for name, t := range map[string][]uint32{"same": s.Same, "crossed": s.Crossed} {
		bad := make([]int, n)
		eachRow(n, func(_, o int) {
			bad[o] = -1
			most := diagonal[o]
			for q, v := range t[o*(o+1)/2:][:o+1] {
				if v > min(most, diagonal[q]) {
					bad[o] = q
					return
				}
			}
		})
		for o, q := range bad {
			if q >= 0 {
				i := o*(o+1)/2 + q
				return fmt.Errorf("tensor %s: element (%d, %d) (index %d) is %d, want at most %d, of those on the diagonal", name, o, q, i, t[i], min(diagonal[o], diagonal[q]))
			}
		}
	}
	return nil
}

// addColumns adds the rows of sums, one a group, to total. A group's sums must be at
// most its coded units, and 0 beyond the atoms.
func addColumns(total []uint64, sums, units []uint8, atoms int) error {
	stride := len(total)
	const (
		block = 512 // columns, a piece of work
		even  = 0x00ff00ff00ff00ff
		ones  = 0x0001000100010001
		flush = 256 // rows that four sums of 16 bits have room for
	)
	n := (stride + block - 1) / block
	bad := make([]int, n) // the first row that is wrong, or -1
	parallel.For(n, func(_, k int) {
		bad[k] = -1
		first, last := k*block, min((k+1)*block, stride)
		var low, high [block / 8]uint64
		add := func() {
			for c := range (last - first) / 8 {
				for i := range 4 {
					total[first+8*c+2*i] += low[c] >> (16 * i) & 0xffff
					total[first+8*c+2*i+1] += high[c] >> (16 * i) & 0xffff
				}
			}
			low, high = [block / 8]uint64{}, [block / 8]uint64{}
		}
		for i, p := range units {
			row := sums[i*stride+first : i*stride+last]
			// Of a value of at most p, p + 256 less it has bit 8.
			most, all := uint64(ones)*(uint64(p)+256), uint64(ones<<8)
			for c := 0; 8*c < len(row); c++ {
				x := binary.LittleEndian.Uint64(row[8*c:])
				l, h := x&even, x>>8&even
				low[c] += l
				high[c] += h
				all &= (most - l) & (most - h)
			}
			if all != ones<<8 {
				bad[k] = i
				return
			}
			if i%flush == flush-1 {
				add()
			}
		}
		add()
	})
	for k, i := range bad {
		if i < 0 {
			continue
		}
		for a, v := range sums[i*stride : (i+1)*stride] {
			if a >= k*block && v > units[i] {
				return fmt.Errorf("group %d, atom %d (index %d) is %d, want at most the %s", i, a, i*stride+a, v, plural.Of(units[i], "coded unit"))
			}
		}
	}
	for a, v := range total[atoms:] {
		if v != 0 {
			return fmt.Errorf("column %d is not 0, want the values of %s alone", atoms+a, plural.Of(atoms, "atom"))
		}
	}
	return nil
}
