package video

import (
	"sync"

	"github.com/sparse-manifold/smt/manifold"
	"github.com/sparse-manifold/smt/patch"
	"github.com/sparse-manifold/smt/sparse"
)

// View is units of frames that are read some at a time. Its memory is used again.
type View struct {
	which []int
	view  patch.View
}

// See makes v the places of frames one below the other: all places of the first one, then those of the
// next. The pixels are not copied.
func (v *View) See(p Places, pix []uint8) {
	n, numbers, below := len(pix)/p.Shape.Len(), p.numbers(), p.below()
	v.which = v.which[:0]
	for t := range n {
		for _, at := range numbers {
			v.which = append(v.which, t*below+at)
		}
	}
	v.view = p.Transform().View(pix, p.stacked(n), v.which)
}

// bands is the working memory of whitening, beside the vectors.
var bands = sync.Pool{New: func() any { return new(patch.Patches) }}

// Read whitens units first to last-1.
func (v *View) Read(first, last int, into *manifold.Units) error {
	p := bands.Get().(*patch.Patches)
	defer bands.Put(p)
	p.Vectors = into.Vectors
	v.view.Band(first, last, into.Stride, p)
	into.Vectors, p.Vectors = p.Vectors, sparse.Vectors{}
	return nil
}
