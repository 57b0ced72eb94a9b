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

// Grid is the topology of units in rows and columns, of the given sizes, the last one
// running fastest: Grid{n} is a line, as words of a text are; Grid{rows, columns} has the
// patches of an image, Grid{times, rows, columns} those of a clip. A step goes along any of
// the sizes, or along several of them at once.
type Grid []int

// Units is the product of the sizes.
func (g Grid) Units() int {
	n := 1
	for _, size := range g {
		n *= size
	}
	return n
}

// Near calls f with a span for each row of the window around unit i.
func (g Grid) Near(i, radius int, f func(from, to int)) { g.near(0, i, radius, f) }

func (g Grid) near(base, i, radius int, f func(from, to int)) {
	if len(g) == 1 {
		f(base+max(0, i-radius), base+min(g[0], i+radius+1))
		return
	}
	rest := g[1:]
	inner := rest.Units()
	at := i / inner
	for k := max(0, at-radius); k < min(g[0], at+radius+1); k++ {
		rest.near(base+k*inner, i%inner, radius, f)
	}
}

// MostNear is the size of a window, or of the grid where that is smaller.
func (g Grid) MostNear(radius int) int {
	n := 1
	for _, size := range g {
		n *= min(2*radius+1, size)
	}
	return n
}

// Reach is a radius along each of the sizes.
func (g Grid) Reach(radius int) int {
	reach, inner := 0, 1
	for _, size := range slices.Backward(g) {
		reach += min(radius, size-1) * inner
		inner *= size
	}
	return reach
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
