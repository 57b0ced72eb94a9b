package vector

import (
	"math"
	"slices"

	"github.com/sparse-manifold/smt/cooccur"
	"github.com/sparse-manifold/smt/internal/parallel"
)

// AtomGraph is the atoms as a graph: two are joined if points that are near to one another are in the cells of
// both, each point being in the cell of the atom nearest to it.
type AtomGraph struct {
	Points *Points
	Used   []int // points of which each atom is the nearest
	joined [][]way
}

// way leads to an atom, so far away.
type way struct {
	to       int32
	distance float64
}

// newAtomGraph joins atoms, given the graph of points and the cell of each.
func newAtomGraph(atoms *Points, graph *cooccur.Neighbours, cell []int32) *AtomGraph {
	n := atoms.N()
	g := &AtomGraph{Points: atoms, Used: make([]int, n), joined: make([][]way, n)}
	members := make([][]int32, n)
	for i, a := range cell {
		g.Used[a]++
		members[a] = append(members[a], int32(i))
	}
	parallel.For(n, func(_, a int) {
		var list []int32
		for _, i := range members[a] {
			for _, j := range graph.Of(int(i)) {
				if b := cell[j]; int(b) != a {
					list = append(list, b)
				}
			}
		}
		slices.Sort(list)
		for _, b := range slices.Compact(list) {
			g.joined[a] = append(g.joined[a], way{b, root(square(atoms.Row(a), atoms.Row(int(b))))})
		}
	})
	return g
}

// Distances are the lengths of the shortest ways from an atom to all (Dijkstra 1959), infinite where there is none.
func (g *AtomGraph) Distances(from int) []float64 {
	distances := make([]float64, g.Points.N())
	for a := range distances {
		distances[a] = math.Inf(1)
	}
	distances[from] = 0
	open := ways{{int32(from), 0}}
	for len(open) > 0 {
		at := open.pop()
		if at.distance > distances[at.to] {
			continue
		}
		for _, w := range g.joined[at.to] {
			if d := at.distance + w.distance; d < distances[w.to] {
				distances[w.to] = d
				open.push(way{w.to, d})
			}
		}
	}
	return distances
}

// ways are a heap, the shortest first. It is not container/heap's, which allocates for every one.
type ways []way

func (w *ways) push(x way) {
	*w = append(*w, x)
	all, i := *w, len(*w)-1
	for ; i > 0 && x.distance < all[(i-1)/2].distance; i = (i - 1) / 2 {
		all[i] = all[(i-1)/2]
	}
	all[i] = x
}

func (w *ways) pop() way {
	all := *w
	first, x := all[0], all[len(all)-1]
	all = all[:len(all)-1]
	*w = all
	i := 0
	for 2*i+1 < len(all) {
		below := 2*i + 1
		if below+1 < len(all) && all[below+1].distance < all[below].distance {
			below++
		}
		if x.distance <= all[below].distance {
			break
		}
		all[i] = all[below]
		i = below
	}
	if len(all) > 0 {
		all[i] = x
	}
	return first
}
