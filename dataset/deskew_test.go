package dataset

import (
	"bytes"
	"image"
	"math"
	"testing"

	"pgregory.net/rapid"
)

// drawing is a gray image with ink on a ground of one value, no nearer to the edges than margin.
func drawing(rt *rapid.T, margin int) ([]uint8, Shape) {
	s := Shape{rapid.IntRange(2*margin+1, 2*margin+9).Draw(rt, "height"), rapid.IntRange(2*margin+1, 2*margin+9).Draw(rt, "width"), 1}
	pix := bytes.Repeat([]byte{rapid.Byte().Draw(rt, "ground")}, s.Len())
	for range rapid.IntRange(0, 12).Draw(rt, "strokes") {
		y := rapid.IntRange(margin, s.Height-1-margin).Draw(rt, "row")
		x := rapid.IntRange(margin, s.Width-1-margin).Draw(rt, "column")
		pix[y*s.Width+x] = rapid.Byte().Draw(rt, "value")
	}
	return pix, s
}

func inked(pix []uint8, ground uint8) []float64 {
	ink := make([]float64, len(pix))
	for i, v := range pix {
		ink[i] = math.Abs(float64(v) - float64(ground))
	}
	return ink
}

// shape64 is the definition: the slope of ink, its centre, and the standard deviation of its columns once it is upright. The slope is
// 0 where the ink is in one row.
func shape64(ink []float64, s Shape) (slope, x0, y0, deviation float64) {
	var mass, xy, yy, xx float64
	for i, v := range ink {
		mass += v
		x0 += v * float64(i%s.Width)
		y0 += v * float64(i/s.Width)
	}
	x0, y0 = x0/mass, y0/mass
	for i, v := range ink {
		xy += v * (float64(i%s.Width) - x0) * (float64(i/s.Width) - y0)
		yy += v * (float64(i/s.Width) - y0) * (float64(i/s.Width) - y0)
	}
	if yy > 1e-9*mass { // not rounding
		slope = max(-2, min(2, xy/yy))
	}
	for i, v := range ink {
		x := float64(i%s.Width) - x0 - slope*(float64(i/s.Width)-y0)
		xx += v * x * x
	}
	return slope, x0, y0, math.Sqrt(xx / mass)
}

// straight64 is the definition of Straighten, but for rounding.
func straight64(pix []uint8, s Shape, ground uint8) []float64 {
	out := make([]float64, len(pix))
	slope, x0, y0, deviation := shape64(inked(pix, ground), s)
	scale := max(0.5, min(2, deviation/(0.15*float64(s.Width))))
	for i := range out {
		y, x := i/s.Width, x0+scale*(float64(i%s.Width)-x0)+slope*(float64(i/s.Width)-y0)
		out[i] = float64(ground)
		for k := range s.Width {
			out[i] += (float64(pix[y*s.Width+k]) - float64(ground)) * max(0, 1-math.Abs(x-float64(k)))
		}
	}
	return out
}

func TestStraightenAgreesWithDefinition(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		pix, s := drawing(rt, 1)
		before := bytes.Clone(pix)
		got := Straighten(pix, s)
		if !bytes.Equal(pix, before) {
			rt.Fatal("the image given has changed")
		}
		if bytes.Equal(pix, bytes.Repeat(pix[:1], len(pix))) {
			if !bytes.Equal(got, pix) {
				rt.Fatalf("without ink, %v becomes %v", pix, got)
			}
			return
		}
		for i, want := range straight64(pix, s, pix[0]) {
			// A place is off by up to 1/512 of a pixel, and the value rounded.
			if d := math.Abs(float64(got[i]) - want); d > 0.5+255.0/512+1e-6 {
				rt.Fatalf("pixel %d of %v is %d, want %g", i, s, got[i], want)
			}
		}
	})
}

// A slanted ellipse with soft edges comes out upright and of the width that is wanted, and once more hardly changes.
func TestStraightenedInkIsUpright(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s := Shape{40, rapid.IntRange(60, 80).Draw(rt, "width"), 1}
		slope := rapid.Float64Range(-0.5, 0.5).Draw(rt, "slope")
		wide := rapid.Float64Range(0.08, 0.12).Draw(rt, "deviation of columns") * float64(s.Width)
		tall, from := rapid.Float64Range(3, 4).Draw(rt, "deviation of rows"), rapid.Float64Range(-2, 2).Draw(rt, "off the middle")
		pix := make([]uint8, s.Len())
		for i := range pix {
			y := float64(i/s.Width) - 20 - from
			x := float64(i%s.Width) - float64(s.Width)/2 - from - slope*y
			pix[i] = uint8(255*math.Exp(-x*x/(2*wide*wide)-y*y/(2*tall*tall)) + 0.5)
		}
		once := Straighten(pix, s)
		// Interpolation adds less than a third of a pixel to the variance, and values are rounded, at the tails to nothing.
		lean, _, _, deviation := shape64(inked(once, 0), s)
		if want := 0.15 * float64(s.Width); math.Abs(lean) > 0.02 || math.Abs(deviation-want) > 0.05*want {
			rt.Errorf("it leans by %g and is %g wide, want %g", lean, deviation, want)
		}
		twice, change := Straighten(once, s), 0.0
		for i, v := range twice {
			change = max(change, math.Abs(float64(v)-float64(once[i])))
		}
		if change > 16 {
			rt.Errorf("once more, a value changes by %g", change)
		}
	})
}

// A slanted line comes out upright, in dark on light as in light on dark.
func TestStraightenLine(t *testing.T) {
	s := Shape{21, 41, 1}
	for _, colours := range [][2]uint8{{0, 255}, {255, 0}, {200, 30}} {
		pix := bytes.Repeat(colours[:1], s.Len())
		for y := range s.Height {
			pix[y*s.Width+10+y] = colours[1] // a pixel to the right for each down
		}
		got := Straighten(pix, s)
		for i, v := range got {
			// Spread to twice its width, the line is one pixel and half of those beside it. It ends at the edge: its end pixels
			// are of the edge, but not the median of it.
			share := max(0, 1-math.Abs(float64(i%s.Width-20))/2)
			if want := float64(colours[0]) + share*(float64(colours[1])-float64(colours[0])); math.Abs(float64(v)-want) > 0.5 {
				t.Fatalf("colours %v: pixel %d, %d is %d, want %g", colours, i/s.Width, i%s.Width, v, want)
			}
		}
	}
}

func TestStraightenCommutesWithFlips(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		pix, s := drawing(rt, 0)
		if got, want := Straighten(flipped(pix, s), s), flipped(Straighten(pix, s), s); !bytes.Equal(got, want) {
			rt.Fatalf("%v: the straightened flip is\n%v, the flip of the straightened image\n%v", s, got, want)
		}
	})
}

func flipped(pix []uint8, s Shape) []uint8 {
	out := make([]uint8, len(pix))
	for i, v := range pix {
		out[i-i%s.Width+s.Width-1-i%s.Width] = v
	}
	return out
}

// No row is moved by more than two pixels a row, and ink becomes neither more than twice as wide nor less than half.
func TestStraightenBounds(t *testing.T) {
	for _, s := range []Shape{{1, 1, 1}, {5, 7, 1}, {1, 9, 1}} {
		if pix := make([]uint8, s.Len()); !bytes.Equal(Straighten(pix, s), pix) {
			t.Errorf("%v: an image without ink has changed", s)
		}
	}
	s := Shape{9, 201, 1}
	for name, c := range map[string]struct{ ink, want [2]image.Point }{
		"a slope of 30":             {[2]image.Point{{X: 85, Y: 4}, {X: 115, Y: 5}}, [2]image.Point{{X: 86, Y: 4}, {X: 114, Y: 5}}},
		"two pixels apart":          {[2]image.Point{{X: 99, Y: 4}, {X: 101, Y: 4}}, [2]image.Point{{X: 98, Y: 4}, {X: 102, Y: 4}}},
		"from edge to edge, nearly": {[2]image.Point{{X: 2, Y: 4}, {X: 198, Y: 4}}, [2]image.Point{{X: 51, Y: 4}, {X: 149, Y: 4}}},
	} {
		pix := make([]uint8, s.Len())
		for _, p := range c.ink {
			pix[p.Y*s.Width+p.X] = 255
		}
		got := Straighten(pix, s)
		for _, p := range c.want {
			if name == "a slope of 30" { // of which 28 are left, and they are spread
				p.X = 100 + 2*(p.X-100)
			}
			if v := got[p.Y*s.Width+p.X]; v < 128 {
				t.Errorf("%s: at %v is %d", name, p, v)
			}
		}
	}
}

func TestDeskew(t *testing.T) {
	set := mustOpen(t, writeCIFAR10(t), Options{})
	src := Gray(set.Train)
	seen := Deskew(src)
	for i := range src.Len() {
		if got, want := pixels(t, seen, i), Straighten(pixels(t, src, i), src.Shape()); !bytes.Equal(got, want) {
			t.Fatalf("image %d is not straightened", i)
		}
	}
	if seen.Label(1) != src.Label(1) || seen.ID(1) != src.ID(1) || seen.Len() != src.Len() {
		t.Error("the view has other images")
	}
	checkContract(t, seen)
}
