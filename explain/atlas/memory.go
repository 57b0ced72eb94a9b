package atlas

import (
	"github.com/sparse-manifold/smt/graph"
	"github.com/sparse-manifold/smt/groups"
	"github.com/sparse-manifold/smt/layout"
)

// PageMemory is what a page of so many items takes that is written to memory, in bytes, while that grows.
func PageMemory(items int) float64 {
	const (
		item  = 100 // its arrays and its name, in base64
		parts = 3   // of a buffer that doubles: what it was, and what it will be
	)
	largest := Tiles[len(Tiles)-1]
	pixels := min(defaultPixels, float64(items*largest*largest)) // a byte each in a JPEG, at most
	return parts * (4.0/3*pixels + item*float64(items))
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
