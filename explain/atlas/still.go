package atlas

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"image/jpeg"

	"golang.org/x/image/draw"
)

const (
	stillWidth = 1600 // pixels of the still picture
	stillTile  = 32   // of a thumbnail in it
	stillEdge  = 24   // around the map
)

// palette are colours that people with any kind of colour vision tell apart (Okabe and Ito 2008), and two more.
// page.css and the scripts have the same, by the legend.
var palette = []color.RGBA{
	{0x00, 0x72, 0xb2, 255}, {0xe6, 0x9f, 0x00, 255}, {0x00, 0x9e, 0x73, 255}, {0xcc, 0x79, 0xa7, 255}, {0x56, 0xb4, 0xe9, 255},
	{0xd5, 0x5e, 0x00, 255}, {0xf0, 0xe4, 0x42, 255}, {0x88, 0x88, 0x88, 255}, {0x5b, 0x3a, 0x8c, 255}, {0x6b, 0x3d, 0x1e, 255},
}

var (
	ground = color.RGBA{0xf4, 0xf2, 0xec, 255}
	plain  = color.RGBA{0x66, 0x6b, 0x72, 255} // of an item of no kind
)

// named is a kind and its colour, for the legend.
type named struct {
	Name   string
	Colour string
}

// legend is that of the first kinds.
func (p *page) legend() (all []named) {
	if len(p.m.Kinds) == 0 {
		return nil
	}
	for k, name := range p.m.Kinds[0].Names {
		c := palette[k%len(palette)]
		all = append(all, named{name, hex(c)})
	}
	return all
}

func hex(c color.RGBA) string {
	const digits = "0123456789abcdef"
	s := []byte{'#'}
	for _, v := range []uint8{c.R, c.G, c.B} {
		s = append(s, digits[v>>4], digits[v&15])
	}
	return string(s)
}

func (p *page) stillHeight() int {
	return max(stillWidth/4, min(2*stillWidth, 2*stillEdge+(stillWidth-2*stillEdge)*p.order.height/p.order.width))
}

// still draws the map as a JPEG: a dot for each item and, where there is room, its thumbnail, framed in the
// colour of its kind.
func (p *page) still(ctx context.Context) ([]byte, error) {
	o, w, h := p.order, stillWidth, p.stillHeight()
	scale := min(float64(w-2*stillEdge)/float64(o.width), float64(h-2*stillEdge)/float64(o.height))
	left, top := (float64(w)-scale*float64(o.width))/2, (float64(h)-scale*float64(o.height))/2
	at := func(k int32) image.Point {
		return image.Pt(int(left+scale*float64(o.at[k][0])), int(top+scale*float64(o.at[k][1])))
	}
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	fill := func(r image.Rectangle, c color.RGBA) { draw.Draw(out, r, image.NewUniform(c), image.Point{}, draw.Src) }
	fill(out.Rect, ground)
	for k := range o.items {
		c := at(int32(k))
		fill(image.Rect(c.X-1, c.Y-1, c.X+1, c.Y+1), p.colour(k))
	}
	taken := map[image.Point]bool{}
	for _, k := range o.ranked {
		c := at(k)
		if cell := c.Div(stillTile + 4); taken[cell] {
			continue
		} else if err := ctx.Err(); err != nil {
			return nil, err
		} else {
			taken[cell] = true
		}
		im, err := thumbnail(p.m.Items, o.items[k], stillTile)
		if err != nil {
			return nil, err
		}
		r := im.Rect.Add(c.Sub(image.Pt(im.Rect.Dx()/2, im.Rect.Dy()/2)))
		fill(r.Inset(-2), p.colour(int(k)))
		draw.Draw(out, r, im, image.Point{}, draw.Src)
	}
	var b bytes.Buffer
	err := jpeg.Encode(&b, out, &jpeg.Options{Quality: quality})
	return b.Bytes(), err
}

// colour is that of the first kinds, of the item with a place on the curve.
func (p *page) colour(k int) color.RGBA {
	if len(p.m.Kinds) == 0 {
		return plain
	}
	of := p.m.Kinds[0].Of[p.order.items[k]]
	if of < 0 {
		return plain
	}
	return palette[of%len(palette)]
}
