package main

import (
	"image"
	"image/color"

	"golang.org/x/image/draw"
)

// mark is how an image is marked: by colour, by the kind of its frame and by a sign, so that no one of them is
// needed.
type mark struct {
	colour  color.NRGBA
	broken  bool
	drawing []image.Point // the pixels of the sign, on a square of signSide
}

const (
	signSide = 7
	signZoom = 2
)

var (
	query = mark{colour: color.NRGBA{A: 255}}
	// Blue and orange (Okabe and Ito 2008) are told apart by all.
	right = mark{colour: color.NRGBA{0x00, 0x72, 0xb2, 255}, drawing: pixels("......#", ".....##", "#...##.", "##.##..", ".###...", "..#....", ".......")}
	wrong = mark{colour: color.NRGBA{0xd5, 0x5e, 0x00, 255}, broken: true, drawing: pixels("#.....#", "##...##", ".##.##.", "..###..", ".##.##.", "##...##", "#.....#")}
)

// pixels are those of a drawing that are set.
func pixels(rows ...string) (all []image.Point) {
	for y, row := range rows {
		for x, c := range row {
			if c == '#' {
				all = append(all, image.Pt(x, y))
			}
		}
	}
	return all
}

// frame draws the frame of a box, around it.
func (m mark) frame(on *image.NRGBA, box image.Rectangle) {
	rim := box.Inset(-gap / 2)
	for y := rim.Min.Y; y < rim.Max.Y; y++ {
		for x := rim.Min.X; x < rim.Max.X; x++ {
			if !m.broken || (x-rim.Min.X+y-rim.Min.Y)%12 < 8 {
				on.SetNRGBA(x, y, m.colour)
			}
		}
	}
}

// sign draws the sign in the lower right corner of a box, on white.
func (m mark) sign(on *image.NRGBA, box image.Rectangle) {
	if m.drawing == nil {
		return
	}
	const side = (signSide + 2) * signZoom
	corner := box.Max.Sub(image.Pt(side, side))
	draw.Draw(on, image.Rectangle{Min: corner, Max: box.Max}, image.White, image.Point{}, draw.Src)
	for _, p := range m.drawing {
		at := corner.Add(p.Add(image.Pt(1, 1)).Mul(signZoom))
		draw.Draw(on, image.Rectangle{Min: at, Max: at.Add(image.Pt(signZoom, signZoom))}, image.NewUniform(m.colour), image.Point{}, draw.Src)
	}
}
