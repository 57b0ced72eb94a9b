package draw

import (
	_ "embed"
	"encoding/base64"
	"fmt"
	"html"
	"html/template"
	"math"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Style is the style of charts, for the pages they stand in.
//
//go:embed chart.css
var Style string

// A Chart is an SVG drawing of Width × Height units, pixels where it is not
// scaled. Its methods draw one after another, the later ones on top.
type Chart struct {
	Width, Height float64
	// Alt says what is to be seen, for who cannot see it.
	Alt  string
	body strings.Builder
}

// NewChart returns an empty chart.
func NewChart(width, height float64, alt string) *Chart {
	return &Chart{Width: width, Height: height, Alt: alt}
}

// Inline is the chart as an element of a page that has Style.
func (c *Chart) Inline() template.HTML { return template.HTML(c.svg("")) }

// File is the chart as a file of its own.
func (c *Chart) File() []byte {
	return []byte(c.svg("<style>" + Style + ".chart { background: var(--paper) }</style>"))
}

func (c *Chart) svg(style string) string {
	return fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" class="chart" viewBox="0 0 %s %s" width="%s" height="%s" role="img" aria-label="%s">%s%s</svg>`,
		num(c.Width), num(c.Height), num(c.Width), num(c.Height), escape(c.Alt), style, c.body.String())
}

// num writes a coordinate with at most two decimals.
func num(v float64) string {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		v = 0
	}
	return strconv.FormatFloat(math.Round(v*100)/100+0, 'f', -1, 64)
}

// escape is text as XML may have it, and HTML: of control characters, of which most are not allowed in
// XML however they are written, the sign for what cannot be shown stands.
func escape(text string) string {
	return html.EscapeString(Printable(text))
}

// Printable is text with the sign U+FFFD for each control character, and for what is no character.
func Printable(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == 0xFFFE || r == 0xFFFF {
			return utf8.RuneError
		}
		return r
	}, text)
}

func (c *Chart) add(format string, args ...any) { fmt.Fprintf(&c.body, format, args...) }

// Line draws a straight line.
func (c *Chart) Line(class string, x1, y1, x2, y2 float64) {
	c.add(`<path class="%s" d="M%s %sL%s %s"/>`, class, num(x1), num(y1), num(x2), num(y2))
}

// Rect draws a rectangle.
func (c *Chart) Rect(class string, x, y, w, h float64) {
	c.add(`<rect class="%s" x="%s" y="%s" width="%s" height="%s"/>`, class, num(x), num(y), num(w), num(h))
}

// Fill draws a rectangle of a colour that means a value, a CSS colour.
func (c *Chart) Fill(colour string, x, y, w, h float64) {
	c.add(`<rect fill="%s" x="%s" y="%s" width="%s" height="%s"/>`, colour, num(x), num(y), num(w), num(h))
}

// Dot draws a disc, with a title that shows on hovering; an empty one shows none.
func (c *Chart) Dot(class string, x, y, r float64, title string) {
	c.add(`<circle class="%s" cx="%s" cy="%s" r="%s"`, class, num(x), num(y), num(r))
	c.close("circle", title)
}

// Disc is Dot of a colour that means a value.
func (c *Chart) Disc(colour string, x, y, r float64, title string) {
	c.add(`<circle fill="%s" cx="%s" cy="%s" r="%s"`, colour, num(x), num(y), num(r))
	c.close("circle", title)
}

func (c *Chart) close(element, title string) {
	if title == "" {
		c.add("/>")
		return
	}
	c.add("><title>%s</title></%s>", escape(title), element)
}

// Text writes a line of text at its left end, or as its class says.
func (c *Chart) Text(class string, x, y float64, text string) {
	c.add(`<text class="%s" x="%s" y="%s">%s</text>`, class, num(x), num(y), escape(text))
}

// Vertical writes text upwards, its middle at the place.
func (c *Chart) Vertical(class string, x, y float64, text string) {
	c.add(`<text class="middle %s" transform="translate(%s %s) rotate(-90)">%s</text>`, class, num(x), num(y), escape(text))
}

// Path draws a line through points.
func (c *Chart) Path(class string, xs, ys []float64) {
	if len(xs) > 0 {
		c.add(`<path class="%s" d="%s"/>`, class, points(xs, ys))
	}
}

// Area fills what is between a line and a level.
func (c *Chart) Area(class string, xs, ys []float64, level float64) {
	if n := len(xs); n > 0 {
		c.add(`<path class="%s" d="%sL%s %sL%s %sZ"/>`, class, points(xs, ys), num(xs[n-1]), num(level), num(xs[0]), num(level))
	}
}

func points(xs, ys []float64) string {
	var b strings.Builder
	for i := range xs {
		if i == 0 {
			b.WriteByte('M')
		} else {
			b.WriteByte('L')
		}
		b.WriteString(num(xs[i]) + " " + num(ys[i]))
	}
	return b.String()
}

// Curve links two places by an S that leaves and arrives level.
func (c *Chart) Curve(class string, x1, y1, x2, y2 float64) {
	m := (x1 + x2) / 2
	c.add(`<path class="%s" d="M%s %sC%s %s %s %s %s %s"/>`, class, num(x1), num(y1), num(m), num(y1), num(m), num(y2), num(x2), num(y2))
}

// Image sets a PNG file, with a title that shows on hovering.
func (c *Chart) Image(file []byte, x, y, w, h float64, title string) {
	c.add(`<image x="%s" y="%s" width="%s" height="%s" href="data:image/png;base64,%s"`, num(x), num(y), num(w), num(h), base64.StdEncoding.EncodeToString(file))
	c.close("image", title)
}
