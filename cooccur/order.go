package cooccur

import (
	"bytes"
	"cmp"
	"slices"
)

// groupRow is what packed statistics keep of a group: its code sums, and the
// number of its coded units.
type groupRow struct {
	sums  []uint8
	units *uint8
}

// rows lists the groups as they lie in memory.
func (s *Packed) rows() []groupRow {
	groups := make([]groupRow, 0, s.Groups)
	stride := s.Stride()
	for batch, units := range s.Units {
		for i := range units {
			groups = append(groups, groupRow{s.Sums[batch][i*stride:][:stride], &units[i]})
		}
	}
	return groups
}

// arrange puts the groups in an order that depends on what is kept of them alone,
// and lists them. The order in which groups were counted and statistics added shows
// neither in sums of floats that run in this order, nor in a file: groups that are
// equal add the same. They are moved within their places, as there is no memory for
// a second copy, and products read memory faster from end to end.
func (s *Packed) arrange() []groupRow {
	s.settle()
	groups := s.rows()
	order := make([]int, len(groups)) // the group that comes to each place
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(i, j int) int {
		a, b := groups[i], groups[j]
		return cmp.Or(cmp.Compare(*a.units, *b.units), bytes.Compare(a.sums, b.sums), i-j)
	})
	spare := make([]uint8, s.Stride())
	for first := range order {
		if order[first] == first {
			continue
		}
		// The places of a cycle, each of which takes the next one's group.
		units := *groups[first].units
		copy(spare, groups[first].sums)
		to := first
		for order[to] != first {
			from := order[to]
			copy(groups[to].sums, groups[from].sums)
			*groups[to].units = *groups[from].units
			order[to], to = to, from
		}
		copy(groups[to].sums, spare)
		*groups[to].units, order[to] = units, to
	}
	return groups
}
