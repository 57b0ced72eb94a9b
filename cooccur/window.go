package cooccur

import (
	"context"
	"fmt"
	"math"
	"slices"
	"sync/atomic"

	"github.com/sparse-manifold/smt/internal/parallel"
	"github.com/sparse-manifold/smt/internal/plural"
	"github.com/sparse-manifold/smt/internal/simd"
	"github.com/sparse-manifold/smt/sparse"
)

// addWindows adds to M the differences within windows. With s_i the sum of the
// codes of the n_i coded neighbours of unit i, the first difference is
//
//	½ Σ_(i,j) (φ_i − φ_j)(φ_i − φ_j)ᵀ = Σ_i φ_i (n_iφ_i − s_i)ᵀ
//
// over ordered pairs, in units of 1/Denominator², and the second Σ_i v_iv_iᵀ with
// v_i = φ_i − s_i/n_i, in units of 1/(Denominator·2^meanBits)².
func (s *Dense) addWindows(x []lists) error {
	for len(x) > 0 {
		n, err := s.addSomeWindows(x)
		if err != nil {
			return err
		}
		x = x[n:]
	}
	return nil
}

// addSomeWindows adds the first pieces of x and returns their number. The sums over the
// windows of all may be many times as many as their codes: pieces are summed until there
// are PartEntries of them.
func (s *Dense) addSomeWindows(x []lists) (int, error) {
	if s.Context.Difference == 1 && s.Denominator == 1 && s.mostNear(x) <= math.MaxUint16 {
		return s.countWindows(x)
	}
	mergers := make([]merger, parallel.Workers(len(x)))
	all, err := s.sumWindows(x, func(w int, l *lists) (windows, error) {
		y, err := mergers[w].differences(l, s)
		if err == nil && s.Context.Difference == 2 {
			y.sums.transpose(s.Atoms)
		}
		return y, err
	})
	if err != nil {
		return 0, err
	}
	y := make([]lists, len(all))
	for i := range all {
		y[i] = all[i].sums
	}
	if s.Context.Difference == 2 {
		cross(s.M, s.Atoms, y, y)
	} else {
		cross(s.M, s.Atoms, x[:len(y)], y)
	}
	return len(y), nil
}

// windows are sums of codes over the window of each unit of a piece.
type windows struct {
	sums         lists
	own          []uint16 // of each code of the piece, the number of units in its window, where counted
	pairs, inner int64    // of units, and units that have neighbours
}

// sumWindows sums the windows of the first pieces of x, one or more, on all workers, until
// there are PartEntries sums or so, and counts their pairs.
func (s *Dense) sumWindows(x []lists, sum func(worker int, l *lists) (windows, error)) ([]windows, error) {
	all, done := make([]windows, len(x)), make([]bool, len(x))
	var entries atomic.Int64
	err := parallel.ForErr(context.Background(), len(x), func(w, i int) (err error) {
		if i > 0 && entries.Load() >= int64(PartEntries(s.Atoms)) {
			return nil
		}
		if all[i], err = sum(w, &x[i]); err != nil {
			return err
		}
		entries.Add(int64(len(all[i].sums.atom)))
		done[i] = true
		return nil
	})
	if err != nil {
		return nil, err
	}
	n := 0
	for ; n < len(x) && done[n]; n++ {
		s.Pairs += all[n].pairs
		s.Inner += all[n].inner
	}
	return all[:n], nil
}

// checkWindow reports values whose sums over a window might not fit 32 bits.
func (s *Dense) checkWindow(c *sparse.Codes, t Topology) error {
	if s.Context.Kind != Window {
		return nil
	}
	most := int64(1)
	for _, v := range c.Value {
		most = max(most, int64(v))
	}
	if n := int64(t.MostNear(s.Context.Radius)); n > math.MaxInt32/most {
		return fmt.Errorf("has windows of %s whose codes have values of up to %d/%d: sums do not fit 32 bits, want a smaller radius than %d",
			plural.Of(n, "unit"), most, s.Denominator, s.Context.Radius)
	}
	return nil
}

// number is n as the number of an entry of lists.
func number(n int) (int32, error) {
	if n > math.MaxInt32 {
		return 0, errManyEntries
	}
	return int32(n), nil
}

var errManyEntries = fmt.Errorf("cooccur: the windows of a group have more than %d active atoms: take smaller groups, fewer atoms or a smaller radius", math.MaxInt32)

// countWindows is the first difference of 0/1 codes.
//
//	Σ_i φ_i (n_iφ_i − s_i)ᵀ = Σ_i (n_i + 1)·φ_iφ_iᵀ − Σ_i φ_i (φ_i + s_i)ᵀ
//
// The units of a window share many atoms: φ_i + s_i is summed up once, as a
// list of atoms with their numbers of units.
func (s *Dense) countWindows(x []lists) (int, error) {
	work := make([]windowSum, parallel.Workers(len(x)))
	all, err := s.sumWindows(x, func(w int, l *lists) (y windows, err error) {
		if work[w].counts == nil {
			work[w] = windowSum{make([]uint16, s.Atoms), make([]uint64, (s.Atoms+63)/64)}
		}
		weight := make([]uint16, len(l.atom))
		y.sums.start = make([]int32, 1, len(l.start))
		for p := range l.n() {
			if l.start[p] < l.start[p+1] {
				n := work[w].add(l.section, l.first+p, s.Context.Radius, &y.sums)
				for k := l.start[p]; k < l.start[p+1]; k++ {
					weight[k] = uint16(n + 1)
				}
				y.pairs += int64(n)
				if n > 0 {
					y.inner++
				}
			}
			end, err := number(len(y.sums.atom))
			if err != nil {
				return y, err
			}
			y.sums.start = append(y.sums.start, end)
		}
		y.own = weight
		return y, nil
	})
	if err != nil {
		return 0, err
	}
	x = x[:len(all)]
	own, sums := make([]lists, len(x)), make([]lists, len(x))
	for i, l := range x {
		sums[i] = all[i].sums
		own[i] = lists{start: l.start, atom: l.atom, weight: all[i].own}
	}
	most := s.mostNear(x)
	rowSum{s.M, s.Atoms, x, own, most, 1}.count(upToOwn)
	rowSum{s.M, s.Atoms, x, sums, most, -1}.count(func(l *lists, a int, e entry) (start, end int32) {
		// The atoms up to a; the unit's own list has a, so there is one.
		start = l.start[e.unit]
		atoms := l.atom[start:l.start[e.unit+1]]
		for len(atoms) > 1 {
			half := len(atoms) / 2
			if int(atoms[half]) <= a {
				atoms = atoms[half:]
				start += int32(half)
			} else {
				atoms = atoms[:half]
			}
		}
		return l.start[e.unit], start + 1
	})
	return len(x), nil
}

// windowSum sums codes; it is zero between sums.
type windowSum struct {
	counts []uint16
	used   []uint64 // a bit for each atom
}

// add appends the sum of the codes around unit p, its own included, to sums, in
// order of atoms, and returns the number of coded neighbours.
func (w *windowSum) add(c section, p, radius int, sums *lists) (n int32) {
	c.near(p, radius, func(from, to int) {
		for j := from; j < to; j++ {
			if c.Start[j] < c.Start[j+1] {
				n++
			}
		}
		for _, a := range c.Atom[c.Start[from]:c.Start[to]] {
			w.used[a/64] |= 1 << (a % 64)
			w.counts[a]++
		}
	})
	first, room := len(sums.atom), 64*len(w.used)+simd.BitsRoom
	sums.atom = slices.Grow(sums.atom, room)[:first+room]
	sums.atom = sums.atom[:first+simd.Bits(w.used, sums.atom[first:])]
	clear(w.used)
	for _, a := range sums.atom[first:] {
		sums.weight = append(sums.weight, w.counts[a])
		w.counts[a] = 0
	}
	return n - 1
}

// mostNear is the largest number of units in a window of the pieces.
func (s *Dense) mostNear(x []lists) int {
	most := 0
	for i := range x {
		most = max(most, x[i].section.topology.MostNear(s.Context.Radius))
	}
	return most
}
