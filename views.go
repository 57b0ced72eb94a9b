package smt

import "github.com/sparse-manifold/smt/dataset"

// grayViews is a colour source followed by the gray view of each of its images,
// three equal channels.
type grayViews struct{ dataset.Source }

func withGray(src dataset.Source) dataset.Source { return grayViews{src} }

func (g grayViews) Len() int { return 2 * g.Source.Len() }

func (g grayViews) Label(i int) int { return g.Source.Label(i % g.Source.Len()) }

func (g grayViews) Image(i int, pix []uint8) error {
	n := g.Source.Len()
	if err := g.Source.Image(i%n, pix); err != nil || i < n {
		return err
	}
	for k := 0; k < g.Shape().Len(); k += 3 {
		// ITU-R 601 luma, as image/color.GrayModel has it.
		y := (19595*uint32(pix[k]) + 38470*uint32(pix[k+1]) + 7471*uint32(pix[k+2]) + 1<<15) >> 16
		pix[k], pix[k+1], pix[k+2] = uint8(y), uint8(y), uint8(y)
	}
	return nil
}
