package cooccur

import (
	"slices"

	"github.com/sparse-manifold/smt/sparse"
)

// merger sums the codes of neighbours; its array is zero between units.
type merger struct {
	sum     []int32
	touched []uint16
}

func (m *merger) add(c *sparse.Codes, unit int, times int32) {
	for k := c.Start[unit]; k < c.Start[unit+1]; k++ {
		a, v := c.Atom[k], times
		if len(c.Value) > 0 {
			v *= int32(c.Value[k])
		}
		if m.sum[a] == 0 {
			m.touched = append(m.touched, a)
		}
		m.sum[a] += v
	}
}

// differences is, for each unit, n_iφ_i − s_i for the first difference and
// 2^meanBits·(φ_i − s_i/n_i), rounded, for the second; with the number of
// pairs and of units that have neighbours.
func (m *merger) differences(l *lists, s *Dense) (y windows, err error) {
	if m.sum == nil {
		m.sum = make([]int32, s.Atoms)
	}
	y.sums.start, y.sums.value = append(y.sums.start, 0), []int32{}
	for i := range l.n() {
		if l.start[i] < l.start[i+1] {
			n := m.neighbours(l.section, l.first+i, s.Context.Radius)
			y.pairs += int64(n)
			if n > 0 {
				y.inner++
				y.sums.append(m, int32(n), s.Context.Difference)
			} else {
				m.drop()
			}
		}
		end, err := number(len(y.sums.atom))
		if err != nil {
			return windows{}, err
		}
		y.sums.start = append(y.sums.start, end)
	}
	return y, nil
}

// neighbours sums n·φ_i minus the codes of the n coded neighbours of unit i.
func (m *merger) neighbours(c section, i, radius int) int {
	n := 0
	c.near(i, radius, func(from, to int) {
		for j := from; j < to; j++ {
			if j != i && c.Start[j] < c.Start[j+1] {
				m.add(c.Codes, j, -1)
				n++
			}
		}
	})
	m.add(c.Codes, i, int32(n))
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
