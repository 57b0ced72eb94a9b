package image

import (
	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/manifold"
	"github.com/sparse-manifold/smt/patch"
)

// Group is an image whose patches are read some at a time. Its memory is used again from
// image to image.
type Group struct {
	pix []uint8
	cut patch.Cut
}

// Open begins to read the patches of image i of src, of any shape, that have the given numbers, nil for all.
func (g *Group) Open(t *patch.Transform, src dataset.Source, i int, which []int) error {
	if n := src.Shape().Len(); len(g.pix) != n {
		g.pix = make([]uint8, n)
	}
	if err := src.Image(i, g.pix); err != nil {
		return err
	}
	g.cut = t.Cut(g.pix, src.Shape(), which)
	return nil
}

// Read whitens patches first to last-1.
func (g *Group) Read(first, last int, into *manifold.Units) error {
	g.cut.Vectors(first, last, into.Stride, &into.Vectors)
	return nil
}
