package dataset

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"image/gif"
	"testing"

	"pgregory.net/rapid"
)

// Whether a GIF has a second picture is told as package gif does, which decodes all.
func TestSeveralOfGIF(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		all := &gif.GIF{}
		colours := func(name string) color.Palette {
			p := make(color.Palette, rapid.IntRange(1, 256).Draw(rt, name))
			for i := range p {
				p[i] = color.Gray{uint8(i)}
			}
			return p
		}
		shared := colours("shared")
		for range rapid.IntRange(1, 4).Draw(rt, "frames") {
			p := shared
			if rapid.Bool().Draw(rt, "own colours") {
				p = colours("colours")
			}
			frame := image.NewPaletted(image.Rect(0, 0, 40, 30), p)
			for i, v := range noise(40*30, rapid.Uint64().Draw(rt, "pixels")) {
				frame.Pix[i] = byte(int(v) % len(p))
			}
			all.Image, all.Delay = append(all.Image, frame), append(all.Delay, rapid.IntRange(0, 9).Draw(rt, "delay"))
		}
		var b bytes.Buffer
		if err := gif.EncodeAll(&b, all); err != nil {
			rt.Fatal(err)
		}
		decoded, err := gif.DecodeAll(bytes.NewReader(b.Bytes()))
		if err != nil {
			rt.Fatal(err)
		}
		if got, want := several(bytes.NewReader(b.Bytes()), "gif"), len(decoded.Image) > 1; got != want {
			rt.Fatalf("%d frames: several is %v", len(decoded.Image), got)
		}
	})
}

// chunked is a RIFF file of these chunks, each of ten bytes.
func chunked(names ...string) []byte {
	var b []byte
	for _, name := range names {
		b = append(binary.LittleEndian.AppendUint32(append(b, name...), 10), make([]byte, 10)...)
	}
	return append(binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(4+len(b))), append([]byte("WEBP"), b...)...)
}

// framed is a PNG that states so many frames of an animation.
func framed(t testing.TB, frames uint32) []byte {
	return withChunk(encode(t, "png", grayOf("ab")), "acTL", binary.BigEndian.AppendUint64(nil, uint64(frames)<<32)...)
}

// paged is a TIFF of one page, or of so many that its directory says that another follows.
func paged(t testing.TB, another bool) []byte {
	b := encode(t, "tiff", grayOf("ab"))
	at := binary.LittleEndian.Uint32(b[4:])
	next := at + 2 + 12*uint32(binary.LittleEndian.Uint16(b[at:]))
	if another {
		binary.LittleEndian.PutUint32(b[next:], at)
	}
	return b
}

func TestSeveral(t *testing.T) {
	for name, c := range map[string]struct {
		format string
		file   []byte
		want   bool
	}{
		"plain PNG":    {"png", encode(t, "png", grayOf("ab")), false},
		"PNG, 1 frame": {"png", framed(t, 1), false},
		"PNG, 2":       {"png", framed(t, 2), true},
		"TIFF":         {"tiff", paged(t, false), false},
		"TIFF, pages":  {"tiff", paged(t, true), true},
		"WebP":         {"webp", webpFile(t), false},
		"WebP, 1":      {"webp", chunked("VP8X", "ANIM", "ANMF"), false},
		"WebP, 2":      {"webp", chunked("VP8X", "ANIM", "ANMF", "ANMF"), true},
		"JPEG":         {"jpeg", encode(t, "jpeg", grayOf("ab")), false},
	} {
		if got := several(bytes.NewReader(c.file), c.format); got != c.want {
			t.Errorf("%s: several is %v, want %v", name, got, c.want)
		}
	}
}

// Of files with more than one picture the first was used without a word.
func TestSeveralIsSaid(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "a.png", encode(t, "png", grayOf("ab")))
	if notes := mustOpen(t, dir, Options{}).Notes; len(notes) > 0 {
		t.Errorf("%q of one picture", notes)
	}
	write(t, dir, "b.png", framed(t, 3))
	wantNote := func(want string) {
		t.Helper()
		if notes := mustOpen(t, dir, Options{}).Notes; len(notes) != 1 || notes[0] != want {
			t.Errorf("notes %q, want %q", notes, want)
		}
	}
	wantNote("b.png holds more than one picture: the first is used")
	write(t, dir, "c.tiff", paged(t, true))
	wantNote("2 files hold more than one picture (b.png, c.tiff): the first of each is used")
}

func FuzzSeveral(f *testing.F) {
	for _, data := range sampleFiles(f) {
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		one := several(bytes.NewReader(data), "gif")
		if all, err := gif.DecodeAll(bytes.NewReader(data)); err == nil && one != (len(all.Image) > 1) {
			t.Fatalf("%d pictures: several is %v", len(all.Image), one)
		}
		for _, format := range []string{"png", "tiff", "webp"} {
			several(bytes.NewReader(data), format)
		}
	})
}
