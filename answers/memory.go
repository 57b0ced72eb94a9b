package answers

import "github.com/sparse-manifold/smt/graph"

// Memory is what the neighbour graph of so many items of so many values takes, in bytes, and what is asked of it: the more
// of making the graph, and of holding it beside the asking bytes of an answer. It is for programs to tell beforehand
// whether there is room.
func Memory(items, dim int, asking float64) float64 {
	making, held := graph.Memory(items, dim, graph.Nearest)
	return max(making, held+asking)
}
