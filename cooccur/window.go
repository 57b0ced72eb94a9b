package cooccur

import (
	"math"
	"slices"

	"github.com/sparse-manifold/smt/internal/parallel"
)

// addWindows adds to M the differences within windows. With s_i the sum of the
// codes of the n_i coded neighbours of patch i, the first difference is
//
//	½ Σ_(i,j) (φ_i − φ_j)(φ_i − φ_j)ᵀ = Σ_i φ_i (n_iφ_i − s_i)ᵀ
//
// over ordered pairs, in units of 1/Unit², and the second Σ_i v_iv_iᵀ with
// v_i = φ_i − s_i/n_i, in units of 1/(Unit·2^meanBits)².
func (s *Statistics) addWindows(x []lists) {
	if s.Context.Difference == 1 && s.Unit == 1 && s.windowSize() <= math.MaxUint16 {
		s.countWindows(x)
		return
	}
	y := make([]lists, len(x))
	pairs, inner := make([]int64, len(x)), make([]int64, len(x))
	mergers := make([]merger, parallel.Workers(len(x)))
	parallel.For(len(x), func(w, i int) {
		y[i], pairs[i], inner[i] = mergers[w].differences(&x[i], s)
		if s.Context.Difference == 2 {
			y[i].transpose(s.Atoms)
		}
	})
	for i := range x {
		s.Pairs += pairs[i]
		s.Inner += inner[i]
	}
	if s.Context.Difference == 2 {
		cross(s.M, s.Atoms, y, y)
	} else {
		cross(s.M, s.Atoms, x, y)
	}
}

// countWindows is the first difference of 0/1 codes.
//
//	Σ_i φ_i (n_iφ_i − s_i)ᵀ = Σ_i (n_i + 1)·φ_iφ_iᵀ − Σ_i φ_i (φ_i + s_i)ᵀ
//
// The patches of a window share many atoms: φ_i + s_i is summed up once, as a
// list of atoms with their numbers of patches.
func (s *Statistics) countWindows(x []lists) {
	own, sums := make([]lists, len(x)), make([]lists, len(x))
	pairs, inner := make([]int64, len(x)), make([]int64, len(x))
	counts := make([][]uint16, parallel.Workers(len(x)))
	parallel.For(len(x), func(w, i int) {
		if counts[w] == nil {
			counts[w] = make([]uint16, s.Atoms)
		}
		l := &x[i]
		own[i] = lists{start: l.start, atom: l.atom, value: make([]int32, len(l.atom))}
		sums[i].start = make([]int32, 1, len(l.start))
		for p := range l.n() {
			if l.start[p] < l.start[p+1] {
				n := s.sumWindow(l, p, counts[w], &sums[i])
				for k := l.start[p]; k < l.start[p+1]; k++ {
					own[i].value[k] = n + 1
				}
				pairs[i] += int64(n)
				if n > 0 {
					inner[i]++
				}
			}
			sums[i].start = append(sums[i].start, int32(len(sums[i].atom)))
		}
	})
	for i := range x {
		s.Pairs += pairs[i]
		s.Inner += inner[i]
	}
	cross(s.M, s.Atoms, x, own)
	countRows(s.M, s.Atoms, x, sums, s.windowSize(), -1, func(l *lists, e entry) (start, end int32) {
		return l.start[e.patch], l.start[e.patch+1]
	})
}

// sumWindow appends the sum of the codes around patch p, its own included, to
// sums, and returns the number of coded neighbours. counts is zero before and after.
func (s *Statistics) sumWindow(l *lists, p int, counts []uint16, sums *lists) (n int32) {
	first := len(sums.atom)
	s.window(p, func(from, to int) {
		for j := from; j < to; j++ {
			if l.start[j] < l.start[j+1] {
				n++
			}
		}
		for _, a := range l.atom[l.start[from]:l.start[to]] {
			if counts[a] == 0 {
				sums.atom = append(sums.atom, a)
			}
			counts[a]++
		}
	})
	for _, a := range sums.atom[first:] {
		sums.weight = append(sums.weight, counts[a])
		counts[a] = 0
	}
	return n - 1
}

// windowSize is the largest number of patches in a window.
func (s *Statistics) windowSize() int {
	side := 2*s.Context.Radius + 1
	return min(side, s.GridRows) * min(side, s.GridCols)
}

// window calls f with the patches [from, to) of each row of the window around
// patch i, itself included.
func (s *Statistics) window(i int, f func(from, to int)) {
	row, col, r := i/s.GridCols, i%s.GridCols, s.Context.Radius
	for y := max(0, row-r); y <= min(s.GridRows-1, row+r); y++ {
		f(y*s.GridCols+max(0, col-r), y*s.GridCols+min(s.GridCols-1, col+r)+1)
	}
}

// merger sums the codes of neighbours; its array is zero between patches.
type merger struct {
	sum     []int32
	touched []uint16
}

func (m *merger) add(l *lists, patch int, times int32) {
	for k := l.start[patch]; k < l.start[patch+1]; k++ {
		a, v := l.atom[k], times
		if l.value != nil {
			v *= l.value[k]
		}
		if m.sum[a] == 0 {
			m.touched = append(m.touched, a)
		}
		m.sum[a] += v
	}
}

// differences is, for each patch, n_iφ_i − s_i for the first difference and
// 2^meanBits·(φ_i − s_i/n_i), rounded, for the second; with the number of
// pairs and of patches that have neighbours.
func (m *merger) differences(l *lists, s *Statistics) (y lists, pairs, inner int64) {
	if m.sum == nil {
		m.sum = make([]int32, s.Atoms)
	}
	y.start, y.value = append(y.start, 0), []int32{}
	for i := range l.n() {
		if l.start[i] < l.start[i+1] {
			n := m.neighbours(l, s, i)
			pairs += int64(n)
			if n > 0 {
				inner++
				y.append(m, int32(n), s.Context.Difference)
			} else {
				m.drop()
			}
		}
		y.start = append(y.start, int32(len(y.atom)))
	}
	return y, pairs, inner
}

// neighbours sums n·φ_i minus the codes of the n coded neighbours of patch i.
func (m *merger) neighbours(l *lists, s *Statistics, i int) int {
	n := 0
	s.window(i, func(from, to int) {
		for j := from; j < to; j++ {
			if j != i && l.start[j] < l.start[j+1] {
				m.add(l, j, -1)
				n++
			}
		}
	})
	m.add(l, i, int32(n))
	return n
}

// append moves the sum to the end of y.
func (y *lists) append(m *merger, n int32, difference int) {
	slices.Sort(m.touched)
	m.touched = slices.Compact(m.touched) // an atom that passed through zero stands there twice
	for _, a := range m.touched {
		v := m.sum[a]
		if difference == 2 {
			v = roundDiv(int64(v)<<meanBits, int64(n))
		}
		if v != 0 {
			y.atom = append(y.atom, a)
			y.value = append(y.value, v)
		}
	}
	m.drop()
}

func (m *merger) drop() {
	for _, a := range m.touched {
		m.sum[a] = 0
	}
	m.touched = m.touched[:0]
}

// roundDiv is v/n rounded to nearest, halves away from zero.
func roundDiv(v, n int64) int32 {
	if v < 0 {
		return int32(-((-v + n/2) / n))
	}
	return int32((v + n/2) / n)
}
