package image

import (
	"sync"

	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/manifold"
	"github.com/sparse-manifold/smt/patch"
	"github.com/sparse-manifold/smt/sparse"
)

// View is an image whose patches are read some at a time. Its memory is used again from
// image to image.
type View struct {
	pix  []uint8
	view patch.View
}

// Open begins to read all patches of image i of src, of any shape.
func (v *View) Open(t *patch.Transform, src dataset.Source, i int) error {
	return v.open(t, src, i, nil)
}

func (v *View) open(t *patch.Transform, src dataset.Source, i int, which []int) error {
	if n := src.Shape().Len(); len(v.pix) != n {
		v.pix = make([]uint8, n)
	}
	if err := src.Image(i, v.pix); err != nil {
		return err
	}
	v.view = t.View(v.pix, src.Shape(), which)
	return nil
}

// bands is the working memory of whitening, beside the vectors.
var bands = sync.Pool{New: func() any { return new(patch.Patches) }}

// Read whitens patches first to last-1.
func (v *View) Read(first, last int, into *manifold.Units) error {
	p := bands.Get().(*patch.Patches)
	defer bands.Put(p)
	p.Vectors = into.Vectors
	v.view.Band(first, last, into.Stride, p)
	into.Vectors, p.Vectors = p.Vectors, sparse.Vectors{}
	return nil
}
