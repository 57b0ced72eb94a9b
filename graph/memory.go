package graph

import (
	"math"

	"github.com/sparse-manifold/smt/embedding"
)

const (
	neighbourBytes = 16 // a knn.Neighbour
	vectorBytes    = 5  // a value of a vector that is searched for or among: as float32, and rounded
)

// Memory is what New takes for k neighbours of each of n items of so many values, in bytes, and what the graph takes
// then, for programs to tell beforehand whether there is room. What the set holds is not in it.
func Memory(n, dim, k int) (making, graph float64) {
	items, near := float64(n), float64(min(k, n-1))
	row := vectorBytes * float64(dim)
	// A block, where it is read and as it is searched.
	block := func(rows int) float64 {
		return 2 * 4 * float64(min(n, embedding.BlockRows(rows, dim))*dim)
	}
	sample := 4 * float64(min(n, hubSample)*dim)
	hubs := sample + row*float64(min(n, hubRows)) + block(hubRows)
	together := min(items, math.Ceil(queryBytes/row))
	lists := items * near * neighbourBytes
	// Lists grow, and leave what they were. The sample is garbage, and may not be collected yet.
	search := together*(row+2*(near+1)*neighbourBytes*1.5) + block(blockRows) + lists + sample
	// Both ends of an edge, in a list that grows; then W.
	const edge = 8
	edges := 2 * items * near * edge
	graph = lists + edges + 16*items
	return max(hubs, search, graph+2*edges), graph
}
