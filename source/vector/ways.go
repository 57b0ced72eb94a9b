package vector

import (
	"container/heap"
	"math"
	"slices"
)

// AtomGraph is the atoms as a graph: two are joined if they are among the three nearest of one of the
// points (Martinetz and Schulten, Neural Networks 1994, who join the two nearest).
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

// joinedNearest is how many of the atoms nearest to a point are joined.
const joinedNearest = 3

// newAtomGraph joins atoms, given the k nearest of each point.
func newAtomGraph(atoms *Points, nearest []near, k int) *AtomGraph {
	g := &AtomGraph{Points: atoms, Used: make([]int, atoms.N()), joined: make([][]way, atoms.N())}
	lists := make([][]int32, atoms.N())
	for all := range slices.Chunk(nearest, k) {
		g.Used[all[0].index]++
		all = all[:min(k, joinedNearest)]
		for i, a := range all {
			for _, b := range all[:i] {
				lists[a.index] = append(lists[a.index], b.index)
				lists[b.index] = append(lists[b.index], a.index)
			}
		}
	}
	for a, list := range lists {
		slices.Sort(list)
		for _, b := range slices.Compact(list) {
			g.joined[a] = append(g.joined[a], way{b, root(square(atoms.Row(a), atoms.Row(int(b))))})
		}
	}
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
