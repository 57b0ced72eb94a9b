package video

import (
	"bufio"
	"bytes"
	"image"
	"image/color"
	"image/gif"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func readGIF(b []byte) ([]Frame, error) {
	a, err := newGIF(bufio.NewReader(bytes.NewReader(b)))
	if err != nil {
		return nil, err
	}
	return readAll(a)
}

// drawAnimation draws a GIF of images of any place, colours, disposal and transparency.
func drawAnimation(t *rapid.T) (gif.GIF, []byte) {
	w, h := rapid.IntRange(1, 6).Draw(t, "width"), rapid.IntRange(1, 6).Draw(t, "height")
	g := gif.GIF{Config: image.Config{Width: w, Height: h}}
	palette := func(name string) color.Palette {
		p := color.Palette{}
		for i, v := range rapid.SliceOfN(rapid.Uint8(), 2, 9).Draw(t, name) {
			p = append(p, color.RGBA{v, v ^ 0x55, uint8(i), 255})
		}
		if rapid.Bool().Draw(t, "transparent") {
			p[0] = color.RGBA{}
		}
		return p
	}
	if rapid.Bool().Draw(t, "global colours") {
		g.Config.ColorModel = palette("global")
	}
	for range rapid.IntRange(1, 5).Draw(t, "frames") {
		x, y := rapid.IntRange(0, w-1).Draw(t, "x"), rapid.IntRange(0, h-1).Draw(t, "y")
		r := image.Rect(x, y, rapid.IntRange(x+1, w).Draw(t, "right"), rapid.IntRange(y+1, h).Draw(t, "bottom"))
		colours, _ := g.Config.ColorModel.(color.Palette)
		if colours == nil || rapid.Bool().Draw(t, "local colours") {
			colours = palette("local")
		}
		p := image.NewPaletted(r, colours)
		for i := range p.Pix {
			p.Pix[i] = uint8(rapid.IntRange(0, len(colours)-1).Draw(t, "pixel"))
		}
		g.Image, g.Delay = append(g.Image, p), append(g.Delay, 1)
		g.Disposal = append(g.Disposal, byte(rapid.IntRange(0, 3).Draw(t, "disposal")))
	}
	var b bytes.Buffer
	if err := gif.EncodeAll(&b, &g); err != nil {
		t.Fatal(err)
	}
	return g, b.Bytes()
}

// Frames are what GIF89a, section 23, says is seen, pixel by pixel: an image is put over what was left by
// those before, each of which left itself, nothing, or what there was before it.
func TestGIFComposition(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		_, file := drawAnimation(t)
		all, err := readGIF(file)
		if err != nil {
			t.Fatal(err)
		}
		g, err := gif.DecodeAll(bytes.NewReader(file)) // the library's, of all images at once
		if err != nil {
			t.Fatal(err)
		}
		if len(all) != len(g.Image) {
			t.Fatalf("%d frames, want %d", len(all), len(g.Image))
		}
		left := map[image.Point]color.Color{}
		for i, img := range g.Image {
			seen := map[image.Point]color.Color{}
			for at, c := range left {
				seen[at] = c
			}
			for y := img.Rect.Min.Y; y < img.Rect.Max.Y; y++ {
				for x := img.Rect.Min.X; x < img.Rect.Max.X; x++ {
					at := image.Pt(x, y)
					if c := img.At(x, y); alpha(c) > 0 {
						seen[at] = c
					}
					switch g.Disposal[i] {
					case gif.DisposalBackground:
						delete(left, at)
					case gif.DisposalPrevious:
					default:
						if c := seen[at]; c != nil {
							left[at] = c
						}
					}
				}
			}
			for y := range g.Config.Height {
				for x := range g.Config.Width {
					got, want := all[i].(picture).At(x, y), seen[image.Pt(x, y)]
					if want == nil {
						want = color.Transparent
					}
					if !same(got, want) {
						t.Fatalf("frame %d, pixel %d, %d is %v, want %v", i, x, y, got, want)
					}
				}
			}
		}
	})
}

func alpha(c color.Color) uint32 {
	_, _, _, a := c.RGBA()
	return a
}

func same(a, b color.Color) bool {
	r, g, bl, al := a.RGBA()
	x, y, z, w := b.RGBA()
	return r == x && g == y && bl == z && al == w
}

// An animation that is cut anywhere is refused.
func TestGIFCut(t *testing.T) {
	var b bytes.Buffer
	if err := blink(2)(&b); err != nil {
		t.Fatal(err)
	}
	whole := b.Bytes()
	if all, err := readGIF(whole); err != nil || len(all) != 2 {
		t.Fatal(len(all), err)
	}
	for n := range whole {
		if _, err := readGIF(whole[:n]); err == nil {
			t.Errorf("its first %d of %d bytes are taken for whole", n, len(whole))
		}
	}
}

func TestGIFRefusals(t *testing.T) {
	const screen = "GIF89a\x02\x00\x02\x00\x00\x00\x00"
	for file, want := range map[string]string{
		"GIF90a" + screen[6:]:                                    `begins with "GIF90a"`,
		"GIF89a\x00\x00\x02\x00\x00\x00\x00":                     "frames of 0 × 2",
		"GIF89a\xff\xff\xff\xff\x00\x00\x00":                     "at most 33554432 pixels",
		screen + "\x77":                                          "a block of kind 0x77",
		screen + "\x21\xf9\x01\x00\x00":                          "a graphic control extension of 5 bytes, want 8",
		screen + ",\x01\x00\x00\x00\x02\x00\x01\x00\x00\x02\x00": "want one within the screen",
		"GIF89a\x64\x00\x64\x00\x00\x00\x00,\x00\x00\x00\x00\x64\x00\x64\x00\x00\x02\x00": "not enough image data",
	} {
		if _, err := readGIF([]byte(file)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40q: error %v, want %q", file, err, want)
		}
	}
}

// No bytes make reading panic.
func FuzzGIF(f *testing.F) {
	for n := range 3 {
		var b bytes.Buffer
		if err := blink(n + 1)(&b); err != nil {
			f.Fatal(err)
		}
		f.Add(b.Bytes())
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) > 13 && (int(b[6])|int(b[7])<<8)*(int(b[8])|int(b[9])<<8) > 1<<16 {
			t.Skip("the same with a smaller screen, and faster")
		}
		all, err := readGIF(b)
		if err == nil && b[len(b)-1] != gifTrailer && !bytes.Contains(b, []byte{gifTrailer}) {
			t.Errorf("%d frames without an end", len(all))
		}
	})
}
