package dataset

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"testing"
)

// sampleFiles are files of all formats, those that Pillow made among them.
func sampleFiles(t testing.TB) map[string][]byte {
	t.Helper()
	files := map[string][]byte{"tiny.webp": webpFile(t)}
	img := colourful(5, 3, 1)
	for _, format := range []string{"png", "jpeg", "gif", "bmp", "tiff"} {
		files["own."+format] = encode(t, format, img)
	}
	files["turned.jpeg"] = turned(t, img, exif(binary.LittleEndian, "II", 6))
	paths, err := filepath.Glob("testdata/pillow/*.*")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		if filepath.Ext(path) == ".json" {
			continue
		}
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		files[filepath.Base(path)] = data
	}
	return files
}

func FuzzFolderImage(f *testing.F) {
	for _, data := range sampleFiles(f) {
		f.Add(data, uint8(0))
		f.Add(data, uint8(12))
	}
	f.Fuzz(func(t *testing.T, data []byte, depth uint8) {
		limits := Limits{Pixels: 1 << 16, Memory: 1 << 20}
		head, err := readHeader(bytes.NewReader(data), limits)
		p, decodeErr := decode(bytes.NewReader(data), limits, int(depth)%17)
		if err != nil && decodeErr == nil {
			t.Fatalf("decoded what has no header: %v", err)
		}
		if decodeErr != nil {
			return
		}
		if head != p.head || p.img.Bounds().Size() != head.stored || int64(head.stored.X*head.stored.Y) > limits.Pixels {
			t.Fatalf("headers %+v, %+v, image %v", head, p.head, p.img.Bounds())
		}
		p.Pixels(Shape{8, 5, 3})
		p.Pixels(Shape{head.size().Y, head.size().X, 1})
	})
}

func FuzzOrientation(f *testing.F) {
	for _, block := range []string{exif(binary.BigEndian, "MM", 6), exif(binary.LittleEndian, "II", 3), "Exif\x00\x00MM\x00\x2a\xff\xff\xff\xff", ""} {
		f.Add([]byte(block[min(4, len(block)):]))
	}
	f.Fuzz(func(t *testing.T, block []byte) {
		if o := exifOrientation(block); o < 1 || o > 8 {
			t.Fatalf("orientation %d", o)
		}
		d, err := readDirectory(bytes.NewReader(block), int64(len(block)))
		if err != nil {
			return
		}
		if 12*len(d.fields) > len(block) {
			t.Fatalf("%d fields in %d bytes", len(d.fields), len(block))
		}
		for tag := range d.fields {
			if v := d.values(tag); len(v) > max(4, len(block)) {
				t.Fatalf("%d values in %d bytes", len(v), len(block))
			}
		}
	})
}

func FuzzWebPChunks(f *testing.F) {
	for name, data := range sampleFiles(f) {
		if filepath.Ext(name) == ".webp" {
			f.Add(data)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		at := int64(12)
		for _, c := range webpChunks(bytes.NewReader(data), 12, int64(len(data))) {
			if c.at < at+8 || c.at+c.size > int64(len(data)) {
				t.Fatalf("chunk %+v of a file of %d bytes, after %d", c, len(data), at)
			}
			at = c.at + c.size
		}
		stillWebP(bytes.NewReader(data))
	})
}

func FuzzPNM(f *testing.F) {
	for _, text := range pnmFiles {
		f.Add([]byte(text[1:]))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		data = append([]byte("P"), data...)
		head, err := readHeader(bytes.NewReader(data), Limits{Pixels: 1 << 16})
		if err != nil || head.format != "pnm" {
			return
		}
		img, err := decodePNM(bytes.NewReader(data))
		if err == nil && img.Bounds().Size() != head.stored {
			t.Fatalf("header %+v, image %v", head, img.Bounds())
		}
	})
}

func FuzzPNGChunks(f *testing.F) {
	f.Add(encode(f, "png", colourful(3, 2, 1)))
	for name, data := range sampleFiles(f) {
		if filepath.Ext(name) == ".png" {
			f.Add(data)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		h := header{orientation: upright, bytes: 1}
		if err := h.readPNG(bytes.NewReader(data), int64(len(data))); err != nil {
			return
		}
		if h.orientation < 1 || h.orientation > 8 || h.depth < 0 || h.depth > 255 {
			t.Fatalf("%+v", h)
		}
	})
}

func FuzzTIFF(f *testing.F) {
	for name, data := range sampleFiles(f) {
		if ext := filepath.Ext(name); ext == ".tif" || ext == ".tiff" {
			f.Add(data)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		h := header{orientation: upright, bytes: 1}
		if _, err := h.readTIFF(bytes.NewReader(data), int64(len(data))); err != nil {
			return
		}
		head, err := readHeader(bytes.NewReader(data), Limits{Pixels: 1 << 14, Memory: 1 << 18})
		if err != nil {
			return
		}
		if img, err := decodeTIFF(bytes.NewReader(data)); err == nil && img.Bounds().Size() != head.stored {
			t.Fatalf("header %+v, image %v", head, img.Bounds())
		}
	})
}
