package smt

import (
	"fmt"

	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/internal/plural"
	"github.com/sparse-manifold/smt/patch"
	"github.com/sparse-manifold/smt/pool"
)

// layout is how patches become an embedding, but for flips.
func (c Config) layout() pool.Layout {
	return pool.Layout{Window: c.Pool, Stride: c.Stride, Thin: c.Thin, Frequencies: c.Spectrum, Dims: c.Dims}
}

// maxPixels is more than dataset makes of an image file, and an image of as many, with
// its patches and cells, has sizes that are an int anywhere.
const maxPixels = 100_000_000

// fits reports whether images of the shape can be worked on.
func (c Config) fits(s dataset.Shape) error {
	rows, cols := patch.Grid(s, c.Patch)
	longest := func() int {
		down, across := c.layout().Grid(rows, cols)
		return max(down, across)
	}
	switch {
	case s.Channels != 1 && s.Channels != 3:
		return fmt.Errorf("smt: images have %s: want 1 or 3", plural.Of(s.Channels, "channel"))
	case s.Height > 0 && s.Width > maxPixels/s.Height:
		return fmt.Errorf("smt: images of %d × %d pixels: want at most %d pixels", s.Height, s.Width, maxPixels)
	case rows < 1 || cols < 1:
		return fmt.Errorf("smt: images of %d × %d pixels are smaller than the %d × %d patch", s.Height, s.Width, c.Patch, c.Patch)
	case rows < c.Pool || cols < c.Pool:
		return fmt.Errorf("smt: images of %d × %d pixels have %d × %d patches, fewer than the pooling window of %d", s.Height, s.Width, rows, cols, c.Pool)
	case c.Spectrum > 0 && longest() > pool.MaxLine:
		return fmt.Errorf("smt: images of %d × %d pixels have more than %s in a row or a column, too many for a spectrum: want a larger stride than %d, or spectrum 0",
			s.Height, s.Width, plural.Of(pool.MaxLine, "cell"), c.Stride)
	case c.Grayscale && s.Channels != 3:
		return fmt.Errorf("smt: config: grayscale views need colour images, these have one channel")
	case c.Deskew && s.Channels != 1:
		return fmt.Errorf("smt: config: deskew needs gray images, these have %s", plural.Of(s.Channels, "channel"))
	}
	return nil
}
