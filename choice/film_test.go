package choice

import (
	"fmt"
	"strings"
	"testing"

	"github.com/sparse-manifold/smt/dataset"
)

// rolling are images of slopes of gray that move on.
type rolling struct {
	painted
	by   int    // how far, in tenths of a pixel, from one to the next
	name string // of an image, with its number
}

func (r rolling) ID(i int) string { return strings.Replace(r.name, "#", fmt.Sprintf("%04d", i), 1) }

func (r rolling) Image(i int, pix []uint8) error {
	for k := range pix[:r.shape.Len()] {
		x := k / r.shape.Channels % r.shape.Width
		pix[k] = uint8((x*40 + 4*r.by*i) % 256)
	}
	return nil
}

func TestFilm(t *testing.T) {
	shape := dataset.Shape{Height: 6, Width: 16, Channels: 3}
	for name, c := range map[string]struct {
		src  dataset.Source
		want bool
	}{
		"frames in a row":       {rolling{painted{200, shape}, 1, "clip/frame#.png"}, true},
		"frames far apart":      {rolling{painted{200, shape}, 29, "clip/frame#.png"}, false},
		"names of other images": {rolling{painted{200, shape}, 1, "clip/#0.png"}, false},
		"names without numbers": {rolling{painted{200, shape}, 1, "clip/frame.png"}, false},
		"the same image":        {rolling{painted{200, shape}, 0, "clip/frame#.png"}, false},
		"few images":            {rolling{painted{20, shape}, 1, "clip/frame#.png"}, false},
		"other images":          {painted{200, shape}, false},
	} {
		if got, err := Film(t.Context(), c.src); err != nil || got != c.want {
			t.Errorf("%s: taken for film: %v, %v", name, got, err)
		}
	}
}

func TestFollows(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"a/0001.png", "a/0002.png", true},
		{"9.png", "10.png", true},
		{"2/f09.jpg", "2/f10.jpg", true},
		{"a/1.png", "b/2.png", false},
		{"a9.png", "b10.png", false},
		{"1.png", "3.png", false},
		{"1.png", "2.jpg", false},
		{"2.png", "1.png", false},
		{"png", "png", false},
		{"99999999999999999999.png", "1.png", false},
	} {
		if got := follows(c.a, c.b); got != c.want {
			t.Errorf("%s follows %s: %v", c.b, c.a, got)
		}
	}
}
