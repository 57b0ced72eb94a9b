package main

import (
	"bytes"
	"fmt"
	"math"
	"strconv"
)

// panel is one diagram: points, and the lines that were fitted to them.
type panel struct {
	title, x, y string
	logarithmic bool // both axes
	series      []series
}

type series struct {
	name   string
	x, y   []float64 // points, none if y is empty
	labels []string  // of points
	fit    func(x float64) float64
	dashed bool
	note   string
}

func (s *series) add(x, y float64) { s.x, s.y = append(s.x, x), append(s.y, y) }

// A panel's size, and the room that its axes and title take.
const (
	width, height            = 480, 340
	left, right, top, bottom = 62, 24, 44, 52
)

var colours = []string{"#1f6fb4", "#d1622b", "#888888"}

// draw writes the panels side by side as SVG.
func draw(panels ...panel) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="sans-serif" font-size="12" fill="#222">`+"\n", width*len(panels), height)
	fmt.Fprintf(&b, `<rect width="%d" height="%d" fill="#fff"/>`+"\n", width*len(panels), height)
	for i, p := range panels {
		fmt.Fprintf(&b, `<g transform="translate(%d 0)">`+"\n", i*width)
		p.draw(&b)
		fmt.Fprintln(&b, `</g>`)
	}
	fmt.Fprintln(&b, `</svg>`)
	return b.Bytes()
}

func (p *panel) draw(b *bytes.Buffer) {
	x := p.axis(func(s *series) []float64 { return s.x })
	y := p.axis(func(s *series) []float64 { return append([]float64{s.fit(s.x[0]), s.fit(s.x[len(s.x)-1])}, s.y...) })
	px := func(v float64) float64 { return left + x.at(v)*(width-left-right) }
	py := func(v float64) float64 { return height - bottom - y.at(v)*(height-top-bottom) }
	text := func(x, y float64, anchor, more, s string) {
		fmt.Fprintf(b, `<text x="%.1f" y="%.1f" text-anchor="%s"%s>%s</text>`+"\n", x, y, anchor, more, s)
	}
	text(left, 22, "start", ` font-size="14" font-weight="bold"`, p.title)
	for _, t := range x.ticks() {
		fmt.Fprintf(b, `<path d="M%.1f %dV%d" stroke="#e4e4e4"/>`+"\n", px(t), height-bottom, top)
		text(px(t), height-bottom+18, "middle", "", number(t))
	}
	for _, t := range y.ticks() {
		fmt.Fprintf(b, `<path d="M%d %.1fH%d" stroke="#e4e4e4"/>`+"\n", left, py(t), width-right)
		text(left-7, py(t)+4, "end", "", number(t))
	}
	fmt.Fprintf(b, `<path d="M%d %dV%dH%d" stroke="#222" fill="none"/>`+"\n", left, top, height-bottom, width-right)
	text((left+width-right)/2, height-14, "middle", "", p.x)
	text(0, 0, "middle", fmt.Sprintf(` transform="translate(16 %d) rotate(-90)"`, (top+height-bottom)/2), p.y)

	for i, s := range p.series {
		colour, dash := colours[i], ""
		if s.dashed {
			colour, dash = colours[len(colours)-1], ` stroke-dasharray="5 4"`
		}
		from, to := s.x[0], s.x[len(s.x)-1]
		fmt.Fprintf(b, `<path d="M%.1f %.1fL%.1f %.1f" stroke="%s" fill="none"%s/>`+"\n", px(from), py(s.fit(from)), px(to), py(s.fit(to)), colour, dash)
		for k := range s.y {
			fmt.Fprintf(b, `<circle cx="%.1f" cy="%.1f" r="4" fill="%s"/>`+"\n", px(s.x[k]), py(s.y[k]), colour)
			if k < len(s.labels) {
				// Below a rising line, or above it where there is no room to the right.
				if x := px(s.x[k]); x < 0.6*width {
					text(x+8, py(s.y[k])+13, "start", ` font-size="10"`, s.labels[k])
				} else {
					text(x-8, py(s.y[k])-6, "end", ` font-size="10"`, s.labels[k])
				}
			}
		}
		text(left+10, float64(top+14+16*i), "start", fmt.Sprintf(` fill="%s"`, colour), s.note)
	}
}

// axis is a range of values along one side.
type axis struct {
	from, to    float64
	logarithmic bool
}

// axis spans the values of all series: from zero, or over whole powers of ten.
func (p *panel) axis(values func(*series) []float64) axis {
	a := axis{from: math.Inf(1), to: math.Inf(-1), logarithmic: p.logarithmic}
	for i := range p.series {
		for _, v := range values(&p.series[i]) {
			a.from, a.to = min(a.from, v), max(a.to, v)
		}
	}
	if p.logarithmic {
		a.from = math.Pow(10, math.Floor(math.Log10(a.from)))
		a.to = math.Pow(10, math.Ceil(math.Log10(a.to)))
	} else {
		a.from = 0
		a.to *= 1.08
	}
	return a
}

// at is the place of a value, 0 at the start of the axis and 1 at its end.
func (a axis) at(v float64) float64 {
	if a.logarithmic {
		return math.Log(v/a.from) / math.Log(a.to/a.from)
	}
	return (v - a.from) / (a.to - a.from)
}

// ticks are powers of ten, or four to nine multiples of 1, 2 or 5 of one.
func (a axis) ticks() (at []float64) {
	if a.logarithmic {
		for t := a.from; t <= a.to*1.001; t *= 10 {
			at = append(at, t)
		}
		return at
	}
	step := math.Pow(10, math.Floor(math.Log10(a.to/4)))
	for _, m := range []float64{5, 2} {
		if a.to/(m*step) >= 4 {
			step *= m
			break
		}
	}
	for k := 0; float64(k)*step <= a.to; k++ {
		at = append(at, float64(k)*step)
	}
	return at
}

func number(v float64) string {
	switch {
	case v >= 1_000_000:
		return strconv.FormatFloat(v/1_000_000, 'g', 4, 64) + " M"
	case v >= 10_000:
		return strconv.FormatFloat(v/1000, 'g', 4, 64) + " k"
	}
	return strconv.FormatFloat(v, 'g', 4, 64)
}
