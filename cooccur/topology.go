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

// Neighbours is the topology of a graph.
type Neighbours struct {
	lists [][]int // of each unit, itself included, in order
	most  int
}

// NewNeighbours returns the topology of units with the given neighbours. Where i is a
// neighbour of j, j must be one of i.
func NewNeighbours(lists [][]int) (*Neighbours, error) {
	n := &Neighbours{lists: make([][]int, len(lists))}
	for i, list := range lists {
		own := append(slices.Clone(list), i)
		slices.Sort(own)
		n.lists[i] = slices.Compact(own)
		if first, last := own[0], own[len(own)-1]; first < 0 || last >= len(lists) {
			return nil, fmt.Errorf("cooccur: neighbours of unit %d are units %d to %d: want 0 to %d", i, first, last, len(lists)-1)
		}
		n.most = max(n.most, len(n.lists[i]))
	}
	for i, list := range n.lists {
		for _, j := range list {
			if _, mutual := slices.BinarySearch(n.lists[j], i); !mutual {
				return nil, fmt.Errorf("cooccur: unit %d is a neighbour of unit %d, which is none of its own: want neighbours on both sides", j, i)
			}
		}
	}
	return n, nil
}

// Units is the number of lists.
func (n *Neighbours) Units() int { return len(n.lists) }

// Near calls f with the units that radius steps along neighbours lead to.
func (n *Neighbours) Near(i, radius int, f func(from, to int)) {
	near := n.lists[i]
	for ; radius > 1; radius-- {
		var further []int
		for _, j := range near {
			further = append(further, n.lists[j]...)
		}
		slices.Sort(further)
		further = slices.Compact(further)
		if len(further) == len(near) {
			break
		}
		near = further
	}
	for len(near) > 0 {
		k := 1
		for k < len(near) && near[k] == near[0]+k {
			k++
		}
		f(near[0], near[0]+k)
		near = near[k:]
	}
}

// MostNear is the longest list, or, of more than a step, all units.
func (n *Neighbours) MostNear(radius int) int {
	if radius > 1 {
		return len(n.lists)
	}
	return n.most
}

// Reach is all units: their numbers say nothing of where they are.
func (n *Neighbours) Reach(int) int { return len(n.lists) }
