package patch

import (
	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/sparse"
)

// Reader is how one worker after the other reads some of the patches of images, Dim values
// apart, as dictionary.Sample wants it: what a function that it returned returns holds
// until its next call.
func (t *Transform) Reader(src dataset.Source) func() func(image int, which []int) (*sparse.Vectors, error) {
	return func() func(int, []int) (*sparse.Vectors, error) {
		pix, patches := make([]uint8, src.Shape().Len()), new(Patches)
		return func(image int, which []int) (*sparse.Vectors, error) {
			if err := src.Image(image, pix); err != nil {
				return nil, err
			}
			t.ApplyTo(pix, src.Shape(), which, t.Dim(), patches)
			return &patches.Vectors, nil
		}
	}
}
