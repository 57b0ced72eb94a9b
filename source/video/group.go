package video

import (
	"github.com/sparse-manifold/smt/manifold"
	"github.com/sparse-manifold/smt/patch"
)

// Group is units of frames that are read some at a time. Its memory is used again.
type Group struct {
	which []int
	cut   patch.Cut
}

// See makes g the places of frames one below the other: all places of the first one, then those of the
// next. The pixels are not copied.
func (g *Group) See(p Places, pix []uint8) {
	n, numbers, below := len(pix)/p.Shape.Len(), p.numbers(), p.below()
	g.which = g.which[:0]
	for t := range n {
		for _, at := range numbers {
			g.which = append(g.which, t*below+at)
		}
	}
	g.cut = p.Transform().Cut(pix, p.stacked(n), g.which)
}

// Read whitens units first to last-1.
func (g *Group) Read(first, last int, into *manifold.Units) error {
	g.cut.Vectors(first, last, into.Stride, &into.Vectors)
	return nil
}
