package dataset

import (
	"bytes"
	"encoding/base64"
	"image"
	"image/color"
	"image/draw"
	"image/gif"
	"image/jpeg"
	"image/png"
	"testing"

	"golang.org/x/image/bmp"
	"golang.org/x/image/tiff"
)

// colourful is an opaque image of noise whose bounds do not begin at 0.
func colourful(w, h int, seed uint64) *image.NRGBA {
	img := image.NewNRGBA(image.Rect(7, -3, 7+w, h-3))
	copy(img.Pix, noise(len(img.Pix), seed))
	for i := 3; i < len(img.Pix); i += 4 {
		img.Pix[i] = 255
	}
	return img
}

func uniform(w, h int, c color.Color) image.Image {
	img := image.NewNRGBA(image.Rect(0, 0, w, h))
	draw.Draw(img, img.Rect, image.NewUniform(c), image.Point{}, draw.Src)
	return img
}

// grayOf is an image of one channel with these rows.
func grayOf(rows ...string) *image.Gray {
	img := image.NewGray(image.Rect(0, 0, len(rows[0]), len(rows)))
	for y, row := range rows {
		copy(img.Pix[y*img.Stride:], row)
	}
	return img
}

// Images of the wanted size keep their 8-bit values, whatever holds them.
func TestFromImageSameSize(t *testing.T) {
	const w, h = 9, 5
	nrgba := colourful(w, h, 1)
	gray := image.NewGray(image.Rect(2, 2, 2+w, 2+h))
	copy(gray.Pix, noise(w*h, 2))
	paletted := image.NewPaletted(image.Rect(0, 0, w, h), color.Palette{color.Black, color.RGBA{200, 10, 30, 255}, color.White})
	for i := range paletted.Pix {
		paletted.Pix[i] = uint8(i % 3)
	}
	rgba := image.NewRGBA(nrgba.Rect)
	draw.Draw(rgba, rgba.Rect, nrgba, rgba.Rect.Min, draw.Src)
	for name, img := range map[string]image.Image{"nrgba": nrgba, "gray": gray, "paletted": paletted, "rgba": rgba} {
		rgb, luma := FromImage(img, Shape{h, w, 3}), FromImage(img, Shape{h, w, 1})
		b := img.Bounds()
		for y := range h {
			for x := range w {
				c := img.At(b.Min.X+x, b.Min.Y+y)
				want := color.RGBAModel.Convert(c).(color.RGBA)
				i := y*w + x
				if got := [3]uint8(rgb[3*i:]); got != [3]uint8{want.R, want.G, want.B} {
					t.Fatalf("%s at %d,%d: %v, want %v", name, x, y, got, want)
				}
				if want := color.GrayModel.Convert(c).(color.Gray).Y; luma[i] != want {
					t.Fatalf("%s at %d,%d: gray %d, want %d", name, x, y, luma[i], want)
				}
			}
		}
	}
}

func TestFromImageModels(t *testing.T) {
	pixel := func(m color.Model, c color.Color) image.Image {
		img := image.NewNRGBA64(image.Rect(0, 0, 1, 1))
		var d draw.Image = img
		switch m {
		case color.Gray16Model:
			d = image.NewGray16(img.Rect)
		case color.CMYKModel:
			d = image.NewCMYK(img.Rect)
		case color.NRGBAModel:
			d = image.NewNRGBA(img.Rect)
		}
		d.Set(0, 0, c)
		return d
	}
	for _, c := range []struct {
		name string
		img  image.Image
		want [3]uint8
		gray uint8
	}{
		{"gray16 rounds up", pixel(color.Gray16Model, color.Gray16{255}), [3]uint8{1, 1, 1}, 1}, // 255/257; cut it is 0
		{"gray16 rounds down", pixel(color.Gray16Model, color.Gray16{128}), [3]uint8{0, 0, 0}, 0},
		{"gray16 white", pixel(color.Gray16Model, color.Gray16{65535}), [3]uint8{255, 255, 255}, 255},
		{"nrgba64 rounds", pixel(color.NRGBA64Model, color.NRGBA64{255, 257 * 9, 257*9 + 129, 65535}), [3]uint8{1, 9, 10}, 6},
		{"cmyk", pixel(color.CMYKModel, color.CMYK{0, 255, 51, 0}), [3]uint8{255, 0, 204}, 99},
		{"clear", pixel(color.NRGBAModel, color.NRGBA{9, 9, 9, 0}), [3]uint8{255, 255, 255}, 255},
		// Over white: 255 - (255-c)·a/255, here with a = 51, a fifth.
		{"fifth", pixel(color.NRGBAModel, color.NRGBA{0, 100, 255, 51}), [3]uint8{204, 224, 255}, color.GrayModel.Convert(color.RGBA{204, 224, 255, 255}).(color.Gray).Y},
	} {
		if got := [3]uint8(FromImage(c.img, Shape{1, 1, 3})); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
		if got := FromImage(c.img, Shape{1, 1, 1})[0]; got != c.gray {
			t.Errorf("%s: gray %d, want %d", c.name, got, c.gray)
		}
	}
}

func TestFromImageScales(t *testing.T) {
	// Bands left and right of a centred square are cropped, not squeezed in.
	wide := image.NewNRGBA(image.Rect(0, 0, 40, 20))
	draw.Draw(wide, wide.Rect, image.NewUniform(color.NRGBA{255, 0, 0, 255}), image.Point{}, draw.Src)
	draw.Draw(wide, image.Rect(10, 0, 30, 20), image.NewUniform(color.NRGBA{10, 20, 30, 255}), image.Point{}, draw.Src)
	tall := image.NewNRGBA(image.Rect(0, 0, 20, 40))
	for y := range 40 {
		for x := range 20 {
			tall.Set(x, y, wide.At(y, x))
		}
	}
	inner := bytes.Repeat([]byte{10, 20, 30}, 100)
	for name, img := range map[string]image.Image{"wide": wide, "tall": tall, "uniform": uniform(3, 5, color.NRGBA{10, 20, 30, 255})} {
		if got := FromImage(img, Shape{10, 10, 3}); !bytes.Equal(got, inner) {
			t.Errorf("%s: %v, want all 10 20 30", name, got)
		}
	}
	// Scaling down averages: a checkerboard of one pixel becomes an even gray.
	board := image.NewGray(image.Rect(0, 0, 64, 64))
	for i := range board.Pix {
		board.Pix[i] = uint8(255 * ((i + i/64) % 2))
	}
	for i, v := range FromImage(board, Shape{8, 8, 1}) {
		if v < 124 || v > 131 { // the taps of the kernel are not equal, so not exactly 127.5
			t.Errorf("checkerboard: pixel %d is %d, want about 127", i, v)
		}
	}
	// A side of 1 is not cropped to nothing, and nothing at all is white.
	if got := FromImage(uniform(1000, 1, color.Black), Shape{2, 3, 1}); !bytes.Equal(got, make([]byte, 6)) {
		t.Errorf("one row: %v, want black", got)
	}
	if got := FromImage(uniform(1000, 1, color.Black), Shape{9, 1, 1}); !bytes.Equal(got, make([]byte, 9)) {
		t.Errorf("one row to one column: %v, want black", got)
	}
	empty := image.NewYCbCr(image.Rectangle{}, image.YCbCrSubsampleRatio444)
	if got := FromImage(empty, Shape{1, 2, 1}); !bytes.Equal(got, []byte{255, 255}) {
		t.Errorf("empty image: %v, want white", got)
	}
}

func TestFromImagePanics(t *testing.T) {
	for _, s := range []Shape{{0, 1, 1}, {1, -1, 3}, {1, 1, 0}, {1, 1, 2}, {1, 1, 4}} {
		wantPanic(t, s.String(), func() { FromImage(uniform(1, 1, color.Black), s) })
	}
}

func encode(t testing.TB, format string, img image.Image) []byte {
	t.Helper()
	var buf bytes.Buffer
	var err error
	switch format {
	case "png":
		err = png.Encode(&buf, img)
	case "jpeg":
		err = jpeg.Encode(&buf, img, &jpeg.Options{Quality: 100})
	case "gif":
		err = gif.Encode(&buf, img, nil)
	case "bmp":
		err = bmp.Encode(&buf, img)
	case "tiff":
		err = tiff.Encode(&buf, img, nil)
	}
	if err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

// A WebP, lossless, of one pixel: the packages at hand read WebP only.
const tinyWebP = "UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA=="

func webpFile(t testing.TB) []byte {
	t.Helper()
	data, err := base64.StdEncoding.DecodeString(tinyWebP)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestDecodeFormats(t *testing.T) {
	img := uniform(6, 4, color.NRGBA{40, 80, 120, 255})
	for _, format := range []string{"png", "jpeg", "gif", "bmp", "tiff"} {
		if format == "gif" { // which the encoder would bring to a palette of its own
			img = image.NewPaletted(img.Bounds(), color.Palette{color.NRGBA{40, 80, 120, 255}})
		}
		p, err := decode(bytes.NewReader(encode(t, format, img)), Limits{Pixels: 24}, 0)
		if err != nil {
			t.Errorf("%s: %v", format, err)
			continue
		}
		if p.head.stored != image.Pt(6, 4) || p.head.gray {
			t.Errorf("%s: header %+v", format, p.head)
		}
		for i, v := range p.Pixels(Shape{4, 6, 3}) {
			if want := []uint8{40, 80, 120}[i%3]; v != want && (format != "jpeg" || max(v, want)-min(v, want) > 2) { // YCbCr rounds
				t.Errorf("%s: byte %d is %d, want %d", format, i, v, want)
			}
		}
		if _, err := decode(bytes.NewReader(encode(t, format, img)), Limits{Pixels: 23}, 0); err == nil {
			t.Errorf("%s: 24 pixels decoded with a limit of 23", format)
		}
	}
	if p, err := decode(bytes.NewReader(webpFile(t)), Limits{Pixels: 1}, 0); err != nil || p.head.stored != image.Pt(1, 1) {
		t.Errorf("webp: %+v, %v", p, err)
	}
	for name, img := range map[string]image.Image{"gray": grayOf("ab"), "gray16": image.NewGray16(image.Rect(0, 0, 2, 1)),
		"palette": image.NewPaletted(image.Rect(0, 0, 2, 1), color.Palette{color.Black, color.White})} {
		if p, err := decode(bytes.NewReader(encode(t, "png", img)), Limits{Pixels: 2}, 0); err != nil || !p.head.gray {
			t.Errorf("%s: %+v, %v: want gray", name, p, err)
		}
	}
}

// The first frame of a GIF lies where it belongs on the screen, over white.
func TestDecodeGIFFrame(t *testing.T) {
	frame := image.NewPaletted(image.Rect(1, 0, 2, 2), color.Palette{color.Black})
	var buf bytes.Buffer
	if err := gif.EncodeAll(&buf, &gif.GIF{Image: []*image.Paletted{frame}, Delay: []int{0},
		Config: image.Config{Width: 3, Height: 2, ColorModel: frame.Palette}}); err != nil {
		t.Fatal(err)
	}
	p, err := decode(bytes.NewReader(buf.Bytes()), Limits{Pixels: 6}, 0)
	if err != nil {
		t.Fatal(err)
	}
	if got := p.Pixels(Shape{2, 3, 1}); !bytes.Equal(got, []byte{255, 0, 255, 255, 0, 255}) {
		t.Errorf("got %v, want a black column between white ones", got)
	}
}

// A colour that is more than the alpha it was multiplied by is all of it, not what is left past the largest number.
func TestColourBeyondAlpha(t *testing.T) {
	img := image.NewRGBA(image.Rect(0, 0, 1, 1))
	copy(img.Pix, []byte{200, 100, 50, 100})
	if got := FromImage(img, Shape{1, 1, 3}); !bytes.Equal(got, []byte{255, 255, 205}) {
		t.Errorf("pixel %v, want 255, 255, 205", got)
	}
}
