package cooccur

import (
	"fmt"
	"slices"
)

// Topology says how many units a group has, and which of them are near which.
type Topology interface {
	// Units is the number of units.
	Units() int
	// Near calls f with spans [from, to) of the units that are at most radius steps from
	// unit i, itself included: each once, and i is near whatever is near i.
	Near(i, radius int, f func(from, to int))
	// MostNear bounds how many units are near one.
	MostNear(radius int) int
	// Reach bounds how far, in their numbers, near units are apart.
	Reach(radius int) int
}

// Neighbours is the topology of a graph, in 4 bytes a neighbour.
type Neighbours struct {
	start []int   // of each unit's neighbours, and their end
	near  []int32 // of each unit, itself included, in order
	most  int
}

// NewNeighbours returns the topology of units with the given neighbours, which it copies. Where i is a
// neighbour of j, j must be one of i.
func NewNeighbours(lists [][]int32) (*Neighbours, error) {
	all := len(lists)
	for _, list := range lists {
		all += len(list)
	}
	n := &Neighbours{start: make([]int, 1, len(lists)+1), near: make([]int32, 0, all)}
	for i, list := range lists {
		own := append(n.near[len(n.near):], list...)
		own = append(own, int32(i))
		slices.Sort(own)
		own = slices.Compact(own)
		if first, last := own[0], own[len(own)-1]; first < 0 || int(last) >= len(lists) {
			return nil, fmt.Errorf("cooccur: neighbours of unit %d are units %d to %d: want 0 to %d", i, first, last, len(lists)-1)
		}
		n.near = n.near[:len(n.near)+len(own)]
		n.start = append(n.start, len(n.near))
		n.most = max(n.most, len(own))
	}
	for i := range n.Units() {
		for _, j := range n.Of(i) {
			if _, mutual := slices.BinarySearch(n.Of(int(j)), int32(i)); !mutual {
				return nil, fmt.Errorf("cooccur: unit %d is a neighbour of unit %d, which is none of its own: want neighbours on both sides", j, i)
			}
		}
	}
	return n, nil
}

// Units is the number of lists.
func (n *Neighbours) Units() int { return len(n.start) - 1 }

// Of is the neighbours of unit i, itself included, in order. They are shared.
func (n *Neighbours) Of(i int) []int32 { return n.near[n.start[i]:n.start[i+1]] }

// Near calls f with the units that radius steps along neighbours lead to.
func (n *Neighbours) Near(i, radius int, f func(from, to int)) {
	near := n.Of(i)
	for ; radius > 1; radius-- {
		var further []int32
		for _, j := range near {
			further = append(further, n.Of(int(j))...)
		}
		slices.Sort(further)
		further = slices.Compact(further)
		if len(further) == len(near) {
			break
		}
		near = further
	}
	for len(near) > 0 {
		first, k := int(near[0]), 1
		for k < len(near) && int(near[k]) == first+k {
			k++
		}
		f(first, first+k)
		near = near[k:]
	}
}

// MostNear is the longest list, or, of more than a step, all units.
func (n *Neighbours) MostNear(radius int) int {
	if radius > 1 {
		return n.Units()
	}
	return n.most
}

// Reach is all units: their numbers say nothing of where they are.
func (n *Neighbours) Reach(int) int { return n.Units() }
