package main

import "github.com/sparse-manifold/smt/explain/draw"

// labels are the texts of dots, to be written when all dots are drawn: each beside its
// dot, where it covers the least of what is there.
type labels struct {
	texts []label
	ink   []box
}

type label struct {
	class, text string
	x, y        float64 // middle of the dot
}

type box struct{ left, top, right, bottom float64 }

const (
	radius = 4.0
	letter = 6.6 // width of a letter in pixels, about
	line   = 11.0
)

// sides are where a text may stand, the best first: its anchor, and from the middle of
// the dot to the end of its base line that the anchor says.
var sides = []struct {
	anchor string
	x, y   float64
}{
	{"", 8, 4}, {"end", -8, 4}, {"", 6, -6}, {"end", -6, -6}, {"", 6, 15}, {"end", -6, 15}, {"middle", 0, -9}, {"middle", 0, 19},
}

// dot draws a dot and keeps its text.
func (l *labels) dot(c *draw.Chart, dot string, x, y float64, class, text string) {
	c.Dot(dot, x, y, radius, text+" %")
	l.ink = append(l.ink, box{x - radius, y - radius, x + radius, y + radius})
	l.texts = append(l.texts, label{class, text, x, y})
}

// write writes the texts.
func (l *labels) write(c *draw.Chart) {
	for _, t := range l.texts {
		side, at := sides[0], t.box(0)
		for i := range sides {
			if b := t.box(i); l.covered(b) < l.covered(at) {
				side, at = sides[i], b
			}
		}
		c.Text("halo "+t.class+" "+side.anchor, t.x+side.x, t.y+side.y, t.text)
		l.ink = append(l.ink, at)
	}
}

// box is where the text is on a side.
func (t label) box(side int) box {
	s, wide := sides[side], letter*float64(len(t.text))
	x, y := t.x+s.x, t.y+s.y
	switch s.anchor {
	case "end":
		x -= wide
	case "middle":
		x -= wide / 2
	}
	return box{x, y - line + 2, x + wide, y + 2}
}

// covered is the area of ink in a box.
func (l *labels) covered(b box) (sum float64) {
	for _, o := range l.ink {
		w, h := min(b.right, o.right)-max(b.left, o.left), min(b.bottom, o.bottom)-max(b.top, o.top)
		sum += max(w, 0) * max(h, 0)
	}
	return sum
}
