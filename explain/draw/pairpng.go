package draw

import (
	"bytes"
	"fmt"
	"image"

	"golang.org/x/image/draw"
	"golang.org/x/image/font"
	"golang.org/x/image/font/inconsolata"
	"golang.org/x/image/math/fixed"

	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/explain"
)

// scaleWidth is the length of a scale, in pixels.
const scaleWidth = pairSide - 32

// ramp is values from −1 to 1, as the pixels of a scale.
func ramp() []float64 {
	values := make([]float64, scaleWidth*10)
	for k := range values {
		values[k] = 2*float64(k%scaleWidth)/(scaleWidth-1) - 1
	}
	return values
}

// heatScale is the colours of Heat, over middle gray.
func heatScale() *image.NRGBA {
	shape := dataset.Shape{Height: 10, Width: scaleWidth, Channels: 1}
	return Heat(explain.Image{Shape: shape, Pix: bytes.Repeat([]uint8{128}, shape.Len())}, ramp(), 1)
}

// matrixScale is the colours of Matrix.
func matrixScale() *image.NRGBA { return Matrix(ramp(), scaleWidth, 1) }

// scale draws what the colours of a heat map mean.
func (c *Chart) scale(x, y float64, of string, colours *image.NRGBA, most float64) {
	c.Text("", x, y, "what "+of+" adds")
	c.Rect("wash", x, y+6, scaleWidth, 10)
	c.Image(PNG(colours), x, y+6, scaleWidth, 10, "")
	c.Text("", x, y+30, fmt.Sprintf("%.2g", -most))
	c.Text("middle", x+scaleWidth/2, y+30, "0")
	c.Text("end", x+scaleWidth, y+30, fmt.Sprintf("%.2g", most))
}

// letterWidth is that of each letter of write, in pixels.
const letterWidth = 8

// shortenMiddle keeps the beginning and the end of a name that is longer than n letters.
func shortenMiddle(s string, n int) string {
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	return string(r[:n/2]) + "…" + string(r[len(r)-(n-n/2-1):])
}

// write writes black text with its foot at y. The letters are those of Latin alphabets; others become a box.
func write(on *image.NRGBA, x, y int, text string) {
	d := font.Drawer{Dst: on, Src: image.Black, Face: inconsolata.Regular8x16, Dot: fixed.P(x, y)}
	d.DrawString(text)
}

// Raster is Chart in pixels, without the atoms: the images above, with their names, and below them what their pixels add,
// and their cells, with scales.
func (p Pair) Raster() *image.NRGBA {
	photos, heats, cells, most, mostCell := p.parts()
	const (
		column = pairSide + pairGap
		low    = pairSide + 82 // where the second row of pictures begins
	)
	out := image.NewNRGBA(image.Rect(0, 0, 3*column+pairGap, low+pairSide+pairGap))
	draw.Draw(out, out.Rect, image.White, image.Point{}, draw.Src)
	put := func(im *image.NRGBA, x, y int) {
		draw.Draw(out, im.Rect.Add(image.Pt(x, y)), im, image.Point{}, draw.Over)
	}
	for i, name := range p.Names {
		x := pairGap + i*column
		write(out, x, 20, shortenMiddle(name, pairSide/letterWidth))
		put(photos[i], x, 30)
		write(out, x, low-8, "what its pixels add")
		put(heats[i], x, low)
	}
	x := pairGap + 2*column
	write(out, x, 20, fmt.Sprintf("cosine %.4f", p.Cosine))
	for i, s := range []struct {
		of      string
		colours *image.NRGBA
		most    float64
	}{{"a pixel", heatScale(), most}, {"a cell", matrixScale(), mostCell}} {
		y := 60 + 70*i
		write(out, x, y, "what "+s.of+" adds")
		put(s.colours, x, y+8)
		write(out, x, y+34, fmt.Sprintf("%.2g", -s.most))
		write(out, x+(scaleWidth-letterWidth)/2, y+34, "0")
		right := fmt.Sprintf("%.2g", s.most)
		write(out, x+scaleWidth-len(right)*letterWidth, y+34, right)
	}
	write(out, x, low-8, "what cells add")
	put(cells, x, low)
	return out
}
