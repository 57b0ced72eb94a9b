package draw

import (
	"math"
	"unicode/utf8"

	"github.com/sparse-manifold/smt/explain"
)

// Label is a name at a place, and what shows on hovering.
type Label struct {
	At          explain.Point
	Name, Title string
	Strong      bool
}

// Labels draws names where they are in the plane. Of names that would lie over each other the
// first is written, and of the others a dot shows where they are; strong ones come first.
func Labels(labels []Label, width, height float64, alt string) *Chart {
	const margin = 70
	c := NewChart(width, height, alt)
	low, high := explain.Point{X: math.Inf(1), Y: math.Inf(1)}, explain.Point{X: math.Inf(-1), Y: math.Inf(-1)}
	for _, l := range labels {
		low.X, low.Y = min(low.X, l.At.X), min(low.Y, l.At.Y)
		high.X, high.Y = max(high.X, l.At.X), max(high.Y, l.At.Y)
	}
	along := func(v, low, high, size float64) float64 {
		if high <= low {
			return size / 2
		}
		return margin + (v-low)/(high-low)*(size-2*margin)
	}
	var written []box
	for _, strong := range []bool{true, false} {
		for _, l := range labels {
			if l.Strong != strong {
				continue
			}
			x, y := along(l.At.X, low.X, high.X, width), along(l.At.Y, low.Y, high.Y, height)
			half := 3.3 * float64(utf8.RuneCountInString(l.Name)) // of letters 12 high
			b := box{x - half, y - 7, x + half, y + 7}
			if b.overlaps(written) {
				c.Dot("dot cold", x, y, 1.5, l.Title)
				continue
			}
			written = append(written, b)
			class := "middle halo name"
			if strong {
				class = "middle halo strong warmtext"
			}
			c.Text(class, x, y+4, l.Name)
		}
	}
	return c
}

// box is a rectangle.
type box struct{ left, top, right, bottom float64 }

func (b box) overlaps(others []box) bool {
	for _, o := range others {
		if b.left < o.right && o.left < b.right && b.top < o.bottom && o.top < b.bottom {
			return true
		}
	}
	return false
}
