package vector

import (
	"container/heap"
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
	open := &ways{{int32(from), 0}}
	for open.Len() > 0 {
		at := heap.Pop(open).(way)
		if at.distance > distances[at.to] {
			continue
		}
		for _, w := range g.joined[at.to] {
			if d := at.distance + w.distance; d < distances[w.to] {
				distances[w.to] = d
				heap.Push(open, way{w.to, d})
			}
		}
	}
	return distances
}

// ways are a heap, the shortest first.
type ways []way

func (w ways) Len() int           { return len(w) }
func (w ways) Less(i, j int) bool { return w[i].distance < w[j].distance }
func (w ways) Swap(i, j int)      { w[i], w[j] = w[j], w[i] }
func (w *ways) Push(x any)        { *w = append(*w, x.(way)) }
func (w *ways) Pop() any {
	last := (*w)[len(*w)-1]
	*w = (*w)[:len(*w)-1]
	return last
}
