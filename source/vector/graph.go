package vector

import (
	"slices"

	"github.com/sparse-manifold/smt/cooccur"
)

// ExactPoints is the number of points up to which all neighbours are exact.
const ExactPoints = 20_000

// Neighbours are the k nearest other points of each point, nearest first, n × k, as far as they are known.
type Neighbours struct {
	K     int
	Index []int32
	Known []bool // of each point, whether its neighbours were searched for
	// Recall is the part of them that is right, as a sample says: 1 where they are exact.
	Recall float64
}

func newNeighbours(points, k int) *Neighbours {
	return &Neighbours{K: k, Index: make([]int32, points*k), Known: make([]bool, points), Recall: 1}
}

// of is the neighbours of point i.
func (n *Neighbours) of(i int) []int32 { return n.Index[i*n.K:][:n.K] }

func (n *Neighbours) set(i int, best []near) {
	n.Known[i] = true
	for r, b := range best {
		n.of(i)[r] = b.index
	}
}

// topology is the graph of the units, in their order, with the edges that are counted. Two points are near if either is among the
// nearest of the other or, if it is to be mutual, both are.
func (n *Neighbours) topology(c *counted, mutual bool) (*cooccur.Neighbours, error) {
	number := make([]int32, len(n.Known)) // of a point among the units
	for u, i := range c.units {
		number[i] = int32(u)
	}
	lists := make([][]int32, len(c.units))
	degrees := make([]int32, len(c.units))
	c.each(n, func(i, j int32) {
		degrees[number[i]]++
		degrees[number[j]]++
	})
	all := make([]int32, 2*c.edges*len(c.centres))
	for u, d := range degrees {
		lists[u], all = all[:0:d], all[d:]
	}
	c.each(n, func(i, j int32) {
		if !mutual || slices.Contains(n.of(int(j)), i) {
			u, v := number[i], number[j]
			lists[u], lists[v] = append(lists[u], v), append(lists[v], u)
		}
	})
	return cooccur.NewNeighbours(lists)
}

// Edges is the number of pairs of near points.
func Edges(g *cooccur.Neighbours) (edges int64) {
	for i := range g.Units() {
		edges += int64(len(g.Of(i)) - 1)
	}
	return edges / 2
}
