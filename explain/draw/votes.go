package draw

import (
	"fmt"
	"math"
)

// Share is the part of some images that something is true of, and its standard error.
type Share struct {
	Value, Error float64
	Of           int // images
}

// text is a share in percent, with so many digits.
func (s Share) text(digits int) string {
	return fmt.Sprintf("%.*f ± %.*f", digits, 100*s.Value, digits, 100*s.Error)
}

// Classes draws the accuracy of each class, with a line of its standard error, and of all together.
func Classes(names []string, classes []Share, all Share) *Chart {
	const line = 22
	c := NewChart(460, float64(len(names)*line+44), "Accuracy of each class.")
	x := Axis{Min: 0, Max: 100, From: 96, To: c.Width - 66}
	bottom := float64(len(names)*line + 8)
	for _, v := range x.Ticks(5) {
		c.Line("grid", x.At(v), 4, x.At(v), bottom)
		c.Text("middle", x.At(v), bottom+16, Number(v))
	}
	at := x.At(100 * all.Value)
	c.Line("ring dash", at, 2, at, bottom)
	for i, name := range names {
		y := float64(i*line) + 6
		c.Text("name end", x.From-8, y+13, shorten(name, 14))
		s := classes[i]
		if s.Of == 0 {
			c.Text("", x.From+6, y+13, "no image")
			continue
		}
		v := 100 * s.Value
		c.Rect("bar", x.From, y+2, x.At(v)-x.From, line-7)
		middle := y + 2 + (line-7)/2.0
		low, high := x.At(max(0, 100*(s.Value-s.Error))), x.At(min(100, 100*(s.Value+s.Error)))
		c.Line("axis", low, middle, high, middle)
		c.Text("halo", high+6, y+13, s.text(0))
	}
	c.Text("end", x.To, bottom+32, fmt.Sprintf("%% right, ± its standard error; dashed: all, %s %%", all.text(1)))
	return c
}

func shorten(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n-1]) + "…"
	}
	return s
}

// Confusion draws a confusion matrix: rows are classes, columns votes, and shades
// the share of a row. With many classes there is no room for their names, which
// show on hovering.
func Confusion(names []string, counts [][]int) *Chart {
	n := len(names)
	named := n <= 14
	cell, left, top := 34.0, 84.0, 14.0
	if named {
		for _, name := range names {
			top = math.Max(top, 20+4.6*float64(len([]rune(shorten(name, 10)))))
		}
	} else {
		cell, left = 480/float64(n), 8
	}
	side := cell * float64(n)
	c := NewChart(left+side+26, top+side+8, "Confusion matrix: a row for each class, a column for each vote.")
	for t, row := range counts {
		all := 0
		for _, k := range row {
			all += k
		}
		for v, k := range row {
			x, y := left+float64(v)*cell, top+float64(t)*cell
			if k == 0 {
				c.Rect("wash", x+.5, y+.5, cell-1, cell-1)
				continue
			}
			hue := "bar warm"
			if t == v {
				hue = "bar"
			}
			share := float64(k) / float64(max(1, all))
			c.add(`<rect class="%s" fill-opacity="%s" x="%s" y="%s" width="%s" height="%s"`, hue, num(0.06+0.8*math.Sqrt(share)), num(x+.5), num(y+.5), num(cell-1), num(cell-1))
			c.close("rect", fmt.Sprintf("%s taken for %s: %d of %d", names[t], names[v], k, all))
			if named {
				c.Text("middle name", x+cell/2, y+cell/2+4, fmt.Sprint(k))
			}
		}
		if named {
			middle := (float64(t) + .5) * cell
			c.Text("end name", left-8, top+middle+4, shorten(names[t], 11))
			c.add(`<text class="name" transform="translate(%s %s) rotate(-50)">%s</text>`, num(left+middle), num(top-8), escape(shorten(names[t], 10)))
		}
	}
	return c
}
