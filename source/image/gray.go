package image

import "github.com/sparse-manifold/smt/dataset"

// grayViews is a colour source followed by the gray view of each of its images,
// three equal channels.
type grayViews struct {
	dataset.Source
	gray dataset.Source
}

// WithGray is a colour source followed by the gray view of each of its images.
func WithGray(src dataset.Source) dataset.Source {
	return grayViews{src, dataset.Repeat(dataset.Gray(src))}
}

func (g grayViews) Len() int { return 2 * g.Source.Len() }

func (g grayViews) Label(i int) int { return g.Source.Label(i % g.Source.Len()) }

func (g grayViews) ID(i int) string { return g.Source.ID(i % g.Source.Len()) }

func (g grayViews) Image(i int, pix []uint8) error {
	if n := g.Source.Len(); i >= n {
		return g.gray.Image(i-n, pix)
	}
	return g.Source.Image(i, pix)
}
