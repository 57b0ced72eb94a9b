package patch

import (
	"image"

	"github.com/sparse-manifold/smt/dataset"
)

// Grid is the number of patches of size × size pixels along the height and the width of an
// image: one begins at every pixel where there is room. They are numbered by rows.
func Grid(s dataset.Shape, size int) (rows, cols int) { return s.Height - size + 1, s.Width - size + 1 }

// Box is the pixels that patch i of an image covers.
func Box(s dataset.Shape, size, i int) image.Rectangle {
	_, cols := Grid(s, size)
	x, y := i%cols, i/cols
	return image.Rect(x, y, x+size, y+size)
}
