package answers

import (
	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/explain"
	"github.com/sparse-manifold/smt/graph"
)

// Memory is what the neighbour graph of so many items of so many values takes, in bytes, and what is asked of it: the more
// of making the graph, and of holding it beside the asking bytes of an answer. It is for programs to tell beforehand
// whether there is room.
func Memory(items, dim int, asking float64) float64 {
	making, held := graph.Memory(items, dim, graph.Nearest)
	return max(making, held+asking)
}

// Memory is what the answers take, in bytes, of so many classes: a probability of each image and class, as a number and as its digits, and
// the atoms of images of this shape, one after the other, by the member of the models that takes most.
func (u Unnamed) Memory(s dataset.Shape, classes int) float64 {
	said := 32 * float64(u.Images.Len()) * float64(classes)
	if u.Why == 0 || u.Pixels.Models == nil {
		return said
	}
	var most float64
	members := u.Pixels.Models.Members()
	for _, m := range members {
		seen := s
		seen.Channels = m.Model.Record().Data.Shape.Channels
		most = max(most, explain.MemoryOf(m.Model, seen).Why())
	}
	return said + most*float64(len(members)) // all are held
}
