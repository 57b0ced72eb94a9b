package jpegplanes

import (
	"bytes"
	"fmt"
	"image"
	"image/jpeg"
	"os"
	"path/filepath"
	"slices"
	"testing"

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
		used := memorytest.Allocated(func() {
			if _, err := Decode(bytes.NewReader(file)); err != nil {
				t.Fatal(name, err)
			}
		})
		if int64(used) > frame.Memory()+64<<10 {
			t.Errorf("%s: decoding allocates %d bytes, and the frame says %d", name, used, frame.Memory())
		}
	}
	if m := (Frame{Width: 65535, Height: 65535, Progressive: true, Components: []Component{{H: 4, V: 4}, {H: 1, V: 1}}}).Memory(); m < 65535*65535*3 {
		t.Errorf("the largest frame takes %d bytes", m)
	}
}
