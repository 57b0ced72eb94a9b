package atlas

import (
	"github.com/sparse-manifold/smt/graph"
	"github.com/sparse-manifold/smt/groups"
	"github.com/sparse-manifold/smt/layout"
)

// PageMemory is what a page of some items takes that is written to memory, with tiles of the default size, in bytes, while
// that grows.
func PageMemory(items Items) (float64, error) {
	const (
		item  = 200 // its arrays and its name, in base64
		parts = 3   // of a buffer that doubles: what it was, and what it will be
	)
	tile, err := defaultTile(items)
	if err != nil {
		return 0, err
	}
	n := items.Len()
	pixels := n*tile*tile + min(n, overviewItems)*overviewTile*overviewTile + stillWidth*stillWidth
	// A JPEG of noise has some two thirds of a byte a pixel, and four thirds of that in base64.
	return parts * float64(8*pixels/9+item*n), nil
}

// Memory is what a map of so many items in so many groups takes, 0 for as many as their graph says, in bytes. The graph is
// not in it.
func Memory(items, inGroups int) float64 {
	const (
		item  = 400      // what the page is told of an item: its name, kinds, score, place and neighbours
		sheet = 48 << 20 // a sheet of thumbnails, or the still picture, as pixels and as a file
	)
	return item*float64(items) + max(groups.Memory(items, graph.Nearest, inGroups), layout.Memory(items, graph.Nearest), sheet)
}
