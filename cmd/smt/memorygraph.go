package main

import (
	"fmt"

	"github.com/sparse-manifold/smt/graph"
	"github.com/sparse-manifold/smt/groups"
	"github.com/sparse-manifold/smt/index"
	"github.com/sparse-manifold/smt/internal/memory"
	"github.com/sparse-manifold/smt/layout"
)

// needToAsk is the memory that the neighbour graph of an index takes, and what is asked of it.
func needToAsk(items, dim int, asking float64) int64 {
	making, held := graph.Memory(items, dim, graph.Nearest)
	return memory.Estimate(max(making, held+asking))
}

// needToMap is the memory that a map of so many items of an index takes, in so many groups.
func needToMap(items, dim, inGroups int) int64 {
	const (
		item  = 400      // what the page is told of an item: its name, kinds, score, place and neighbours
		sheet = 48 << 20 // a sheet of thumbnails, or the still picture, as pixels and as a file
	)
	page := item * float64(items)
	return needToAsk(items, dim, page+max(groups.Memory(items, graph.Nearest, inGroups), layout.Memory(items, graph.Nearest), sheet))
}

// enoughToAsk says so if work on the items of an index takes more memory than there is room for.
func enoughToAsk(work string, x *index.Index, need int64, room memory.Room) error {
	if room.Bytes == 0 || need <= room.Bytes {
		return nil
	}
	return fmt.Errorf("%s %s of %s takes about %s of memory, and %s allows %s", work, numberOf(x.Len(), "item"), numberOf(x.Dim(), "value"), size(need), room.By, size(room.Bytes))
}
