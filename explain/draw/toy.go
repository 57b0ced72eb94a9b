package draw

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/sparse-manifold/smt/explain/toy"
	"github.com/sparse-manifold/smt/internal/plural"
)

// wheel is the colour of an angle.
func wheel(angle float64) string {
	degrees := math.Mod(angle*180/math.Pi+720, 360)
	return fmt.Sprintf("hsl(%.0f 58%% 52%%)", degrees)
}

// between is the colour of a value of −1 to 1: blue, gray, orange.
func between(v float64) string {
	end, gray := warm, 0xa0
	if v < 0 {
		end = cold
	}
	v = min(1, math.Abs(v))
	mix := func(b uint8) int { return int(math.Round(float64(gray) + v*(float64(b)-float64(gray)))) }
	return fmt.Sprintf("#%02x%02x%02x", mix(end.R), mix(end.G), mix(end.B))
}

// Tiling draws the atoms of a circle in signal space, projected to a plane, and
// their places in the first two coordinates that vary, coloured by their angle.
func Tiling(m *toy.Manifold) *Chart {
	c := NewChart(680, 350, "Left, a tangled closed curve tiled by atoms, in signal space. Right, the same atoms in the first two learned coordinates: a circle, in order.")
	order := byAngle(m)
	panel := func(x0 float64, title, below string, at func(a int) (x, y float64)) {
		const side = 290.0
		left, low, right, high := math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)
		for a := range m.Atoms {
			x, y := at(a)
			left, right, low, high = min(left, x), max(right, x), min(low, y), max(high, y)
		}
		scale := (side - 16) / max(right-left, high-low)
		place := func(a int) (float64, float64) {
			x, y := at(a)
			return x0 + side/2 + scale*(x-(left+right)/2), 36 + side/2 - scale*(y-(low+high)/2)
		}
		c.Text("middle strong", x0+side/2, 16, title)
		c.Text("middle", x0+side/2, 346, below)
		var xs, ys []float64
		for _, a := range append(order, order[0]) {
			x, y := place(a)
			xs, ys = append(xs, x), append(ys, y)
		}
		c.Path("axis thin", xs, ys)
		for _, a := range order {
			x, y := place(a)
			c.Disc(wheel(m.Angles[a][0]), x, y, 5, fmt.Sprintf("atom %d at %.0f°", a, m.Angles[a][0]*180/math.Pi))
		}
	}
	panel(10, "signal space", "six dimensions, seen from one side", func(a int) (float64, float64) {
		x := m.Atoms[a]
		return x[0] + x[2] + 0.8*x[4], x[1] - x[3] + 0.8*x[5]
	})
	panel(380, "embedding", "coordinates 1 and 2", func(a int) (float64, float64) { return m.Rows[1][a], m.Rows[2][a] })
	return c
}

func byAngle(m *toy.Manifold) []int {
	order := make([]int, len(m.Atoms))
	for a := range order {
		order[a] = a
	}
	slices.SortFunc(order, func(a, b int) int {
		if m.Angles[a][0] < m.Angles[b][0] {
			return -1
		}
		return 1
	})
	return order
}

// Waves draws the coordinates of a circle as functions of the angle, a panel for
// each pair of one frequency.
func Waves(m *toy.Manifold) *Chart {
	pairs := (len(m.Rows) - 1) / 2
	c := NewChart(960, 190, fmt.Sprintf("The first %d learned coordinates as functions of the angle: pairs of waves of frequency 1 to %d.", 2*pairs, pairs))
	order := byAngle(m)
	most := 0.0
	for _, r := range m.Rows[1:] {
		for _, v := range r {
			most = max(most, math.Abs(v))
		}
	}
	width := c.Width / float64(pairs)
	for p := range pairs {
		x := Axis{Min: 0, Max: 2 * math.Pi, From: float64(p)*width + 8, To: float64(p+1)*width - 22}
		y := Axis{Min: -most, Max: most, From: 150, To: 34}
		c.Line("grid", x.From, y.At(0), x.To, y.At(0))
		c.Text("name", x.From, 16, fmt.Sprintf("%d and %d", 2*p+1, 2*p+2))
		c.Text("end", x.To, 16, fmt.Sprintf("λ = %.3f, %.3f", m.Values[2*p+1], m.Values[2*p+2]))
		c.Text("", x.From, 168, "0°")
		c.Text("end", x.To, 168, "360°")
		for k, class := range []string{"line", "line warm"} {
			var xs, ys []float64
			for _, a := range order {
				xs, ys = append(xs, x.At(m.Angles[a][0])), append(ys, y.At(m.Rows[2*p+1+k][a]))
			}
			c.Path(class, xs, ys)
		}
	}
	return c
}

// Eigenvalues draws those of a manifold, beside what theory has for waves of
// their frequency.
func Eigenvalues(m *toy.Manifold) *Chart {
	c := NewChart(460, 240, "Eigenvalues of the coordinates, in steps of equal frequency, close to those that theory has.")
	x, y := frame(c.Width, c.Height)
	n := len(m.Values)
	x.Min, x.Max = -0.3, float64(n)-0.7
	y.Max = 1.06 * max(m.Values[n-1], m.Harmonics[n-1].Expected)
	c.Axes(x, y, "coordinate", "eigenvalue λ")
	for j, v := range m.Values {
		at := x.At(float64(j))
		e := y.At(m.Harmonics[j].Expected)
		c.Line("ring", at-7, e, at+7, e)
		c.Dot("dot", at, y.At(max(0, v)), 4, fmt.Sprintf("coordinate %d, frequency %s: %.4f, in theory %.4f", j, frequency(m.Harmonics[j]), v, m.Harmonics[j].Expected))
	}
	c.Dot("dot", x.From+14, y.To+8, 4, "")
	c.Text("name", x.From+24, y.To+12, "learned")
	c.Line("ring", x.From+7, y.To+26, x.From+21, y.To+26)
	c.Text("name", x.From+28, y.To+30, "in theory")
	return c
}

func frequency(h toy.Harmonic) string {
	var s []string
	for _, f := range h.Frequency {
		s = append(s, fmt.Sprint(f))
	}
	if len(s) == 1 {
		return s[0]
	}
	return "(" + strings.Join(s, ", ") + ")"
}

// Doughnuts draws a torus for each of the coordinates named, its atoms coloured by
// their value.
func Doughnuts(m *toy.Manifold, which []int) *Chart {
	const wide, high, columns, scale = 320.0, 262.0, 3, 100.0
	rows := (len(which) + columns - 1) / columns
	c := NewChart(wide*columns, high*float64(rows), fmt.Sprintf("A torus tiled by %s, drawn %s, coloured by learned coordinates: waves around one way, around the other, and both.", plural.Of(len(m.Atoms), "atom"), plural.Of(len(which), "time")))
	type ball struct {
		a           int
		x, y, depth float64
	}
	var balls []ball
	for a, angle := range m.Angles {
		sa, ca := math.Sincos(angle[0])
		sb, cb := math.Sincos(angle[1])
		const tube = 0.46
		x, y, z := (1+tube*cb)*ca, (1+tube*cb)*sa, tube*sb
		const tilt = 0.75 // of the axis towards the viewer
		st, ct := math.Sincos(tilt)
		balls = append(balls, ball{a, x, y*st + z*ct, z*st - y*ct})
	}
	slices.SortFunc(balls, func(p, q ball) int {
		if p.depth < q.depth {
			return -1
		}
		return 1
	})
	for k, j := range which {
		x0, y0 := float64(k%columns)*wide, float64(k/columns)*high
		most := 0.0
		for _, v := range m.Rows[j] {
			most = max(most, math.Abs(v))
		}
		c.Text("strong", x0+6, y0+16, fmt.Sprint(j))
		c.Text("end", x0+wide-26, y0+16, fmt.Sprintf("frequency %s, λ = %.3f", frequency(m.Harmonics[j]), m.Values[j]))
		for _, b := range balls {
			c.Disc(between(1.25*m.Rows[j][b.a]/most), x0+wide/2-6+b.x*scale, y0+142-b.y*scale, 7+1.2*b.depth, "")
		}
	}
	return c
}

// Company draws symbols as they are, each like no other, with who stands next to
// whom, and as the embedding has them.
func Company(s *toy.Symbols) *Chart {
	c := NewChart(680, 370, "Left, symbols in a ring in no order, linked where they often stand next to each other: a tangle. Right, the same symbols in the embedding: three groups, those of two topics between them.")
	n := len(s.Topics)
	// A fixed order that has nothing to do with topics.
	place := make([]int, n)
	for a := range place {
		place[a] = a * 19 % n
	}
	ring := func(a int) (float64, float64) {
		sin, cos := math.Sincos(2 * math.Pi * float64(place[a]) / float64(n))
		return 155 + 132*cos, 190 + 132*sin
	}
	most := 0
	for _, row := range s.Near {
		most = max(most, slices.Max(row))
	}
	for a, row := range s.Near {
		for b, count := range row[:a] {
			if share := float64(count) / float64(most); share > 0.3 {
				x1, y1 := ring(a)
				x2, y2 := ring(b)
				c.add(`<path class="axis" stroke-opacity="%s" d="M%s %sL%s %s"/>`, num(0.75*share*share), num(x1), num(y1), num(x2), num(y2))
			}
		}
	}
	largest := 0.0
	for a := range s.Topics {
		largest = max(largest, math.Hypot(s.Rows[1][a], s.Rows[2][a]))
	}
	embedded := func(a int) (float64, float64) {
		return 520 + s.Rows[1][a]/largest*132, 190 - s.Rows[2][a]/largest*132
	}
	c.Text("middle strong", 155, 16, "one code each")
	c.Text("middle", 155, 362, "linked: often next to each other")
	c.Text("middle strong", 520, 16, "embedding")
	c.Text("middle", 520, 362, "coordinates 1 and 2; ringed: synonyms")
	c.Line("grid", 376, 190, 664, 190)
	c.Line("grid", 520, 46, 520, 334)
	for a, of := range s.Topics {
		for _, at := range []func(int) (float64, float64){ring, embedded} {
			x, y := at(a)
			title := fmt.Sprintf("symbol %d of topic %d", a, of[0]+1)
			c.Disc(topicColour(of[0]), x, y, 5.5, title)
			if len(of) > 1 { // half of it in the colour of the other
				c.add(`<path fill="%s" d="M%s %sa5.5 5.5 0 0 1 0 11z"/>`, topicColour(of[1]), num(x), num(y-5.5))
			}
		}
	}
	for _, p := range s.Synonyms {
		for _, a := range p {
			for _, at := range []func(int) (float64, float64){ring, embedded} {
				x, y := at(a)
				c.Dot("ring", x, y, 9, "")
			}
		}
	}
	return c
}

func topicColour(t int) string { return []string{"#e0762c", "#3b86c4", "#5f9e4a"}[t%3] }
