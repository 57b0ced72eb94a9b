package patch

import (
	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/sparse"
)

// Reader is what dictionary.Sample wants: called once for each worker, it returns a function that reads
// the patches of an image that have the given numbers. They are Dim values apart, and hold until the next
// call of that function.
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
