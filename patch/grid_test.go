package patch

import (
	"image"
	"testing"

	"pgregory.net/rapid"

	"github.com/sparse-manifold/smt/dataset"
)

// Boxes are all squares of an image, by rows.
func TestGrid(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		size := rapid.IntRange(1, 7).Draw(t, "size")
		s := dataset.Shape{Height: size + rapid.IntRange(0, 9).Draw(t, "down"), Width: size + rapid.IntRange(0, 9).Draw(t, "across"), Channels: 1}
		i := 0
		for y := 0; y+size <= s.Height; y++ {
			for x := 0; x+size <= s.Width; x++ {
				if got, want := Box(s, size, i), image.Rect(x, y, x+size, y+size); got != want {
					t.Fatalf("patch %d of %v is %v, want %v", i, s, got, want)
				}
				i++
			}
		}
		if rows, cols := Grid(s, size); rows*cols != i {
			t.Fatalf("%d × %d patches, want %d", rows, cols, i)
		}
	})
}
