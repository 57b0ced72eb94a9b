package video

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"io"
	"math"
	"strings"
	"testing"

	"github.com/sparse-manifold/smt/dataset"
	"pgregory.net/rapid"
)

// readAll reads frames to the end.
func readAll(f frames) (all []Frame, err error) {
	for {
		next, err := f.Next()
		if err != nil {
			if err == io.EOF {
				err = nil
			}
			return all, err
		}
		all = append(all, next)
	}
}

func readY4M(b []byte) ([]Frame, error) {
	y, err := newY4M(bufio.NewReader(bytes.NewReader(b)))
	if err != nil {
		return nil, err
	}
	return readAll(y)
}

// Samples come to their places, in every kind of colour and of odd sizes, and film's range to that of
// image files: as ITU-R BT.601 has it, in float64.
func TestY4MSamples(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		space := rapid.SampledFrom([]string{"mono", "420", "420jpeg", "420mpeg2", "420paldv", "422", "444"}).Draw(t, "space")
		w, h, n := rapid.IntRange(1, 9).Draw(t, "width"), rapid.IntRange(1, 9).Draw(t, "height"), rapid.IntRange(1, 3).Draw(t, "frames")
		full := rapid.Bool().Draw(t, "full range")
		// How many pixels share a sample of colour, across and down.
		across, down := 2, 2
		switch space {
		case "422":
			down = 1
		case "444":
			across, down = 1, 1
		}
		cw, ch := (w+across-1)/across, (h+down-1)/down
		samples := w * h
		if space != "mono" {
			samples += 2 * cw * ch
		}
		file := []byte(fmt.Sprintf("YUV4MPEG2 W%d H%d F25:1 Ip A1:1 C%s", w, h, space))
		if full {
			file = append(file, " XCOLORRANGE=FULL"...)
		}
		file = append(file, '\n')
		var data [][]byte
		for range n {
			data = append(data, rapid.SliceOfN(rapid.Byte(), samples, samples).Draw(t, "samples"))
			file = append(append(file, "FRAME\n"...), data[len(data)-1]...)
		}
		all, err := readY4M(file)
		if err != nil || len(all) != n {
			t.Fatalf("%d frames, %v", len(all), err)
		}
		scale := func(sample byte, zero, at, span float64) uint8 {
			if full {
				return sample
			}
			return uint8(min(255, max(0, math.Round((float64(sample)-zero)/span*255+at))))
		}
		for i, f := range all {
			img := f.(picture).Image
			for y := range h {
				for x := range w {
					luma := scale(data[i][y*w+x], 16, 0, 219)
					want := color.Color(color.Gray{luma})
					if space != "mono" {
						k := w*h + y/down*cw + x/across
						want = color.YCbCr{luma, scale(data[i][k], 128, 128, 224), scale(data[i][k+cw*ch], 128, 128, 224)}
					}
					if got := img.At(x, y); got != want {
						t.Fatalf("frame %d of %s, pixel %d, %d is %v, want %v", i, space, x, y, got, want)
					}
				}
			}
			channels := 3
			if space == "mono" {
				channels = 1
			}
			if s := (dataset.Shape{Height: h, Width: w, Channels: channels}); f.Shape() != s {
				t.Fatalf("shape %v, want %v", f.Shape(), s)
			}
		}
	})
}

// A plane of more than a piece is whole too.
func TestY4MLargePlane(t *testing.T) {
	const w, h = 1100, 1000
	file := []byte(fmt.Sprintf("YUV4MPEG2 W%d H%d Cmono XCOLORRANGE=FULL\nFRAME\n", w, h))
	pix := make([]byte, w*h)
	for i := range pix {
		pix[i] = byte(i % 251)
	}
	all, err := readY4M(append(file, pix...))
	if err != nil || len(all) != 1 {
		t.Fatal(len(all), err)
	}
	if !bytes.Equal(all[0].(picture).Image.(*image.Gray).Pix, pix) {
		t.Error("other samples")
	}
}

func TestY4MRefusals(t *testing.T) {
	frame := "FRAME\n\x00\x00\x00\x00"
	for file, want := range map[string]string{
		"":            "unexpected EOF",
		"YUV4MPEG2 W": "unexpected EOF",
		"P5 2 2\n":    `begins with "P5 2 2": want "YUV4MPEG2"`,
		"YUV4MPEG2 W2 H2 Cmono\nFRAME\n\x00\x00\x00":           "frame 0: unexpected EOF",
		"YUV4MPEG2 W2 H2 Cmono\n" + frame + "FRA":              "frame 1: unexpected EOF",
		"YUV4MPEG2 W2 H2 Cmono\n" + frame + "FRAMES\n":         `frame 1: "FRAMES": want FRAME`,
		"YUV4MPEG2 W2 H2 Cmono\n" + frame + "\n":               `frame 1: "": want FRAME`,
		"YUV4MPEG2 W2 Cmono\n":                                 "frames of 2 × 0",
		"YUV4MPEG2 W0 H2 Cmono\n":                              "frames of 0 × 2",
		"YUV4MPEG2 W8193 H4096 Cmono\n":                        "at most 33554432 pixels",
		"YUV4MPEG2 W+2 H2 Cmono\n":                             `parameter W is "+2": want a number`,
		"YUV4MPEG2 W2 H99999999999999999999\n":                 "parameter H is",
		"YUV4MPEG2 W2 W2 H2\n":                                 "parameter W twice",
		"YUV4MPEG2 W2  H2\n":                                   "two spaces",
		"YUV4MPEG2 W2 H2 C420p10\n":                            `colour space "420p10": want mono`,
		"YUV4MPEG2 W2 H2 F25\n":                                `parameter F is "25": want a ratio`,
		"YUV4MPEG2 W2 H2 A:1\n":                                `parameter A is ":1"`,
		"YUV4MPEG2 W2 H2 Ix\n":                                 `parameter I is "x"`,
		"YUV4MPEG2 W2 H2 Z1\n":                                 `parameter "Z1" is not known`,
		"YUV4MPEG2 W2 H2 X" + strings.Repeat("x", 2000) + "\n": "a line of more than 1024 bytes",
	} {
		if _, err := readY4M([]byte(file)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40q: error %v, want %q", file, err, want)
		}
	}
}

// Whatever is read panics nowhere, and what is accepted has as many bytes as frames take.
func FuzzY4M(f *testing.F) {
	f.Add([]byte("YUV4MPEG2 W2 H2 F25:1 Ip A1:1 C420jpeg XYSCSS=420JPEG\nFRAME\nabcdefFRAME Ip\nabcdef"))
	f.Add([]byte("YUV4MPEG2 W3 H1 Cmono XCOLORRANGE=FULL\nFRAME\nabc"))
	f.Add([]byte("YUV4MPEG2 W5792 H5792 C444\nFRAME\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		all, err := readY4M(b)
		pixels := 0
		for _, frame := range all {
			s := frame.Shape()
			pixels += s.Height * s.Width
		}
		if pixels > len(b) {
			t.Errorf("%d pixels of %d bytes", pixels, len(b))
		}
		if errors.Is(err, io.EOF) {
			t.Error("an end that is none")
		}
	})
}
