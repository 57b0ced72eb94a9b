package jpegplanes

import (
	"bytes"
	"fmt"
	"image"
	"image/jpeg"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/sparse-manifold/smt/internal/memory/memorytest"
)

// samples are files that Pillow made, and what it sees in them, package dataset tests. Here they
// are compared with image/jpeg, where that reads them.
func samples(t testing.TB) map[string][]byte {
	t.Helper()
	paths, err := filepath.Glob("../../dataset/testdata/pillow/*.jpg")
	if err != nil || len(paths) == 0 {
		t.Fatal("no samples", err)
	}
	files := map[string][]byte{}
	for _, path := range paths {
		if files[filepath.Base(path)], err = os.ReadFile(path); err != nil {
			t.Fatal(err)
		}
	}
	for _, size := range []image.Point{{1, 1}, {17, 9}, {40, 33}} {
		gray, colour := image.NewGray(image.Rectangle{Max: size}), image.NewRGBA(image.Rectangle{Max: size})
		for i := range gray.Pix {
			gray.Pix[i] = uint8(i * i)
			copy(colour.Pix[4*i:], []uint8{uint8(i), uint8(i * i), uint8(5 * i), 255})
		}
		for name, img := range map[string]image.Image{"gray": gray, "colour": colour} {
			var b bytes.Buffer
			if err := jpeg.Encode(&b, img, nil); err != nil {
				t.Fatal(err)
			}
			files[fmt.Sprint(name, size)] = b.Bytes()
		}
	}
	return files
}

// Samples are those of image/jpeg, which has another transform: each is within 1 of the exact one.
func TestAgreesWithImageJPEG(t *testing.T) {
	compared := 0
	for name, file := range samples(t) {
		got, err := Decode(bytes.NewReader(file))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		want, err := jpeg.Decode(bytes.NewReader(file))
		if err != nil {
			continue
		}
		for i, p := range got.planes {
			var pix []uint8
			var stride int
			switch w := want.(type) {
			case *image.Gray:
				pix, stride = w.Pix, w.Stride
			case *image.YCbCr:
				pix, stride = [][]uint8{w.Y, w.Cb, w.Cr}[i], w.CStride
				if i == 0 {
					stride = w.YStride
				}
			default:
				continue
			}
			compared++
			for y := range p.height {
				for x, v := range p.row(y) {
					if d := int(v) - int(pix[y*stride+x]); d < -2 || d > 2 {
						t.Fatalf("%s: sample %d, %d of component %d is %d, want %d", name, x, y, i, v, pix[y*stride+x])
					}
				}
			}
		}
	}
	if compared < 12 {
		t.Errorf("%d planes were compared", compared)
	}
}

// A sample is the definition of the inverse transform (T.81, A.3.3), within what integers round.
func TestTransform(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		var coefficients [64]int16
		for range rapid.IntRange(0, 20).Draw(r, "number") {
			coefficients[rapid.IntRange(0, 63).Draw(r, "at")] = int16(rapid.IntRange(-60, 60).Draw(r, "value"))
		}
		var quant [64]uint16
		for i := range quant {
			quant[i] = uint16(rapid.IntRange(1, 30).Draw(r, "quant"))
		}
		p := &plane{quant: &quant, across: 2, samples: make([]uint8, 4*64)}
		p.transform(3, &coefficients)
		for y := range 8 {
			for x := range 8 {
				sum := 0.0
				for k, at := range natural {
					u, v := float64(at%8), float64(at/8)
					f := float64(coefficients[at]) * float64(quant[k]) / 4
					if u == 0 {
						f /= math.Sqrt2
					}
					if v == 0 {
						f /= math.Sqrt2
					}
					sum += f * math.Cos((2*float64(x)+1)*u*math.Pi/16) * math.Cos((2*float64(y)+1)*v*math.Pi/16)
				}
				got, want := float64(p.samples[(8+y)*16+8+x]), min(max(sum+128, 0), 255)
				if math.Abs(got-want) > 1 {
					r.Fatalf("sample %d, %d is %v, want %v", x, y, got, want)
				}
			}
		}
	})
}

// Planes that are subsampled are interpolated on a line between centres; others are the nearest sample.
func TestRow(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		side := rapid.SampledFrom([]int{1, 2, 3, 4})
		f := Frame{Width: rapid.IntRange(1, 20).Draw(r, "width"), Height: rapid.IntRange(1, 20).Draw(r, "height")}
		for range rapid.IntRange(1, 4).Draw(r, "components") {
			f.Components = append(f.Components, Component{H: side.Draw(r, "h"), V: side.Draw(r, "v")})
		}
		d := &decoder{frame: f}
		d.lay()
		random := rand.New(rand.NewPCG(rapid.Uint64().Draw(r, "samples"), 0))
		for _, p := range d.planes {
			for i := range p.samples {
				p.samples[i] = uint8(random.Uint32())
			}
		}
		planes := Planes{f, d.planes}
		h, v := f.most()
		row := make([]uint8, f.Width)
		for i, p := range d.planes {
			for y := range f.Height {
				planes.Row(i, y, row)
				for x := range f.Width {
					wide := h == 2*p.H && p.width > 2 && (v == p.V || v == 2*p.V)
					tall := v == 2*p.V && (wide || h == p.H)
					want := 0.0
					for _, a := range taps(x, p.H, h, p.width, wide) {
						for _, b := range taps(y, p.V, v, p.height, tall) {
							want += a.weight * b.weight * float64(p.row(b.at)[a.at])
						}
					}
					if math.Abs(float64(row[x])-want) > 0.75 {
						r.Fatalf("component %d of %+v at %d, %d: %d, want %v", i, f, x, y, row[x], want)
					}
				}
			}
		}
	})
}

type tap struct {
	at     int
	weight float64
}

// taps are the samples that a pixel is made of along one side.
func taps(x, factor, most, n int, between bool) []tap {
	if !between {
		return []tap{{x * factor / most, 1}}
	}
	centre := (float64(x)+0.5)/2 - 0.5
	low := math.Floor(centre)
	at := func(i float64) int { return int(min(max(i, 0), float64(n-1))) }
	return []tap{{at(low), 1 - (centre - low)}, {at(low + 1), centre - low}}
}

// Codes are read as the canonical ones of their lengths (T.81, annex C).
func TestHuffman(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		counts := make([]uint8, 16)
		var codes []string
		next := 0 // the next code, of the current length
		for i := range counts {
			next *= 2
			n := rapid.IntRange(0, min(1<<(i+1)-next, 12)).Draw(r, "count")
			counts[i] = uint8(n)
			for range n {
				codes = append(codes, fmt.Sprintf("%0*b", i+1, next))
				next++
			}
		}
		if len(codes) == 0 {
			return
		}
		values := make([]uint8, len(codes))
		for i := range values {
			values[i] = uint8(7 * i)
		}
		table, err := newHuffman(counts, values)
		if err != nil {
			r.Fatal(err)
		}
		text, want := "", []uint8{}
		for range rapid.IntRange(1, 50).Draw(r, "symbols") {
			i := rapid.IntRange(0, len(codes)-1).Draw(r, "symbol")
			text += codes[i]
			want = append(want, values[i])
		}
		text += strings.Repeat("1", (8-len(text)%8)%8)
		var file []byte
		for ; text != ""; text = text[8:] {
			var b byte
			fmt.Sscanf(text[:8], "%b", &b)
			if file = append(file, b); b == 0xff {
				file = append(file, 0)
			}
		}
		d := newDecoder(bytes.NewReader(append(file, 0xff, 0xff, markerEOI)))
		for i, w := range want {
			if got, err := d.bits.symbol(table); err != nil || got != w {
				r.Fatalf("symbol %d is %d, %v, want %d", i, got, err, w)
			}
		}
		if marker, err := d.bits.end(); err != nil || marker != markerEOI {
			r.Fatalf("then marker %#x, %v", marker, err)
		}
	})
	if _, err := newHuffman([]uint8{3, 15: 0}, []uint8{1, 2, 3}); err == nil {
		t.Error("three codes of one bit were taken")
	}
}

// Colours are told as libjpeg does.
func TestLuma(t *testing.T) {
	three := []Component{{ID: 1}, {ID: 2}, {ID: 3}}
	four := append(slices.Clone(three), Component{ID: 4})
	rgb := []Component{{ID: 'R'}, {ID: 'G'}, {ID: 'B'}}
	for _, c := range []struct {
		frame Frame
		luma  bool
	}{
		{Frame{Components: three[:1]}, false}, {Frame{Components: three}, true}, {Frame{Components: rgb}, false}, {Frame{Components: four}, false},
		{Frame{Components: rgb, jfif: true}, true}, {Frame{Components: three, adobe: true}, false}, {Frame{Components: three, adobe: true, jfif: true}, true},
		{Frame{Components: rgb, adobe: true, transform: 1}, true}, {Frame{Components: four, adobe: true}, false}, {Frame{Components: four, adobe: true, transform: 2}, true},
	} {
		if got := c.frame.Luma(); got != c.luma {
			t.Errorf("%+v: %v", c.frame, got)
		}
	}
}

// Decoding takes no more than the frame was found to need, and tables.
func TestMemory(t *testing.T) {
	if memorytest.RaceDetector {
		t.Skip("with the race detector the compiler makes slices that it otherwise does without")
	}
	for name, file := range samples(t) {
		frame, err := ReadFrame(bytes.NewReader(file))
		if err != nil {
			t.Fatal(name, err)
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if _, err := Decode(bytes.NewReader(file)); err != nil {
			t.Fatal(name, err)
		}
		runtime.ReadMemStats(&after)
		if used := int64(after.TotalAlloc - before.TotalAlloc); used > frame.Memory()+64<<10 {
			t.Errorf("%s: decoding allocates %d bytes, and the frame says %d", name, used, frame.Memory())
		}
	}
	if m := (Frame{Width: 65535, Height: 65535, Progressive: true, Components: []Component{{H: 4, V: 4}, {H: 1, V: 1}}}).Memory(); m < 65535*65535*3 {
		t.Errorf("the largest frame takes %d bytes", m)
	}
}
