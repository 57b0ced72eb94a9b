package dataset

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"

	"golang.org/x/image/tiff"
	"pgregory.net/rapid"

	"github.com/sparse-manifold/smt/internal/memory/memorytest"
)

// ramp is an image of 16 bits with samples from 0 to the largest, shifted.
func ramp(largest, shift int) *image.Gray16 {
	img := image.NewGray16(image.Rect(0, 0, 64, 16))
	n := img.Rect.Dx() * img.Rect.Dy()
	for i := range n {
		img.SetGray16(i%64, i/64, color.Gray16{uint16(i * largest / (n - 1) << shift)})
	}
	return img
}

// levels is how many values the gray pixels have, and the largest.
func levels(pix []uint8) (n int, most uint8) {
	seen := map[uint8]bool{}
	for _, v := range pix {
		seen[v] = true
		most = max(most, v)
	}
	return len(seen), most
}

// withChunk puts a chunk after the header of a PNG.
func withChunk(file []byte, kind string, content ...byte) []byte {
	chunk := append([]byte(kind), content...)
	b := binary.BigEndian.AppendUint32(nil, uint32(len(content)))
	b = binary.BigEndian.AppendUint32(append(b, chunk...), crc32.ChecksumIEEE(chunk))
	return slices.Concat(file[:33], b, file[33:])
}

// withTag is a TIFF of the library's encoder with another tag, of one number.
func withTag(t *testing.T, file []byte, tag uint16, v uint32) []byte {
	f, err := readTIFF(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	tiffTags = append(tiffTags, tag)
	defer func() { tiffTags = tiffTags[:len(tiffTags)-1] }()
	var b bytes.Buffer
	if _, err := b.ReadFrom(f.with(bytes.NewReader(file), map[uint16][]uint32{tag: {v}})); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// Samples of 12 bits in files of 16 keep all levels that eight bits have room for.
func TestDepthOfFolder(t *testing.T) {
	for bits, largest := range map[int]int{8: 200, 10: 1000, 12: 4095, 14: 9000} {
		dir := t.TempDir()
		write(t, dir, "train/dark.png", encode(t, "png", ramp(largest/4, 0)))
		write(t, dir, "train/bright.tif", encode(t, "tiff", ramp(largest/2, 0)))
		write(t, dir, "test/brightest.png", encode(t, "png", ramp(largest, 0)))
		set := mustOpen(t, dir, Options{Shape: Shape{16, 64, 1}})
		if Depth(set.Train) != bits || Depth(Gray(Slice(set.Test, 0, 1))) != bits {
			t.Errorf("largest %d: %d and %d bits, want %d", largest, Depth(set.Train), Depth(set.Test), bits)
		}
		want := fmt.Sprintf("samples of 16 bits are taken as %d bits: the largest in 3 images is %d", bits, largest)
		if !slices.Contains(set.Notes, want) {
			t.Errorf("notes %q, want %q", set.Notes, want)
		}
		for i, share := range []int{2, 4} { // bright, dark: one scale for all
			n, most := levels(pixels(t, set.Train, i))
			top := (largest/share*255 + (1<<bits-1)/2) / (1<<bits - 1)
			if int(most) != top || n < min(top, largest/share) {
				t.Errorf("largest %d of %d bits: %d levels up to %d, want up to %d", largest/share, bits, n, most, top)
			}
		}
		// What a model keeps decides, whatever lies beside an image; a larger sample is an error.
		if bits > 8 {
			narrow := mustOpen(t, dir, Options{Shape: Shape{16, 64, 1}, Depth: bits - 2})
			err := narrow.Test.Image(0, make([]uint8, 16*64))
			wantError(t, err, "brightest.png", fmt.Sprintf("a sample is %d: want at most %d", largest, 1<<(bits-2)-1))
		}
		wide := mustOpen(t, dir, Options{Shape: Shape{16, 64, 1}, Depth: 16})
		if _, most := levels(pixels(t, wide.Test, 0)); int(most) != (largest+128)/257 {
			t.Errorf("as 16 bits: up to %d", most)
		}
	}
	dir := t.TempDir()
	write(t, dir, "1.png", encode(t, "png", ramp(4095, 0)))
	write(t, dir, "2.png", encode(t, "png", ramp(65535, 0)))
	set := mustOpen(t, dir, Options{})
	if n, most := levels(pixels(t, set.Train, 0)); Depth(set.Train) != 16 || n != 17 || most != 16 {
		t.Errorf("beside an image of 16 bits: depth %d, %d levels up to %d", Depth(set.Train), n, most)
	}
	write(t, dir, "3.png", encode(t, "png", colourful(64, 16, 1)))
	if d := Depth(mustOpen(t, dir, Options{}).Train); d != 16 {
		t.Errorf("with an image of 8 bits: depth %d", d)
	}
	_, err := Open(dir, Options{Depth: 17})
	wantError(t, err, "depth 17: want 1 to 16")
}

// What a file states of its samples counts, and for it alone.
func TestDepthStated(t *testing.T) {
	read := func(file []byte) (int, uint8) {
		t.Helper()
		p, err := ReadPicture(t.Context(), bytes.NewReader(file), Limits{}, 10) // which is not asked
		if err != nil {
			t.Fatal(err)
		}
		return levels(p.Pixels(Shape{16, 64, 1}))
	}
	low, spread, dark := encode(t, "png", ramp(4095, 0)), encode(t, "png", ramp(4095, 4)), encode(t, "png", ramp(255, 4))
	var zip bytes.Buffer
	if err := tiff.Encode(&zip, ramp(4095, 0), &tiff.Options{Compression: tiff.Deflate, Predictor: true}); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		file   []byte
		levels int
		most   uint8
	}{
		"sBIT, not spread":                  {withChunk(low, "sBIT", 12), 256, 255},
		"sBIT, spread as it is to be":       {withChunk(spread, "sBIT", 12), 256, 255},
		"sBIT, spread, dark":                {withChunk(dark, "sBIT", 12), 17, 16},
		"sBIT of 16":                        {withChunk(low, "sBIT", 16), 17, 16},
		"sBIT of less than there is":        {withChunk(low, "sBIT", 9), 17, 16},
		"MaxSampleValue":                    {withTag(t, encode(t, "tiff", ramp(4095, 0)), tagMaxSample, 4095), 256, 255},
		"MaxSampleValue of the image":       {withTag(t, encode(t, "tiff", ramp(3000, 0)), tagMaxSample, 3000), 188, 187},
		"MaxSampleValue, packed":            {withTag(t, zip.Bytes(), tagMaxSample, 4095), 256, 255},
		"SMaxSampleValue":                   {withTag(t, encode(t, "tiff", ramp(4095, 0)), tagSMaxSample, 4095), 256, 255},
		"MaxSampleValue below what is held": {withTag(t, encode(t, "tiff", ramp(4095, 0)), tagMaxSample, 100), 17, 16},
	} {
		if n, most := read(c.file); n != c.levels || most != c.most {
			t.Errorf("%s: %d levels up to %d, want %d up to %d", name, n, most, c.levels, c.most)
		}
	}
	// A folder of such files decides nothing, and keeps nothing.
	dir := t.TempDir()
	write(t, dir, "1.png", withChunk(low, "sBIT", 12))
	write(t, dir, "2.pgm", []byte(pnmFiles["gray of 12 bits"]))
	if set := mustOpen(t, dir, Options{}); Depth(set.Train) != 0 || len(set.Notes) != 2 {
		t.Errorf("depth %d, notes %q: want none on the depth", Depth(set.Train), set.Notes)
	}
	// Alpha has all bits, and so have the colours beside it.
	img := image.NewNRGBA64(image.Rect(0, 0, 2, 1))
	img.SetNRGBA64(0, 0, color.NRGBA64{4095, 4095, 4095, 0xffff})
	dir = t.TempDir()
	write(t, dir, "1.png", encode(t, "png", img))
	if set := mustOpen(t, dir, Options{}); Depth(set.Train) != 0 || pixels(t, set.Train, 0)[0] != 16 {
		t.Errorf("alpha: depth %d, pixel %d", Depth(set.Train), pixels(t, set.Train, 0)[0])
	}
}

// A sample v of b bits becomes the byte nearest to 255·v/(2^b-1): once rounded to 16
// bits and once to 8, and so off by one at most.
func TestSpread(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		bits := rapid.IntRange(1, 16).Draw(r, "bits")
		v := rapid.IntRange(0, 1<<bits-1).Draw(r, "sample")
		img := image.NewRGBA64(image.Rect(0, 0, 1, 1))
		img.SetRGBA64(0, 0, color.RGBA64{uint16(v), 0, uint16(v), 0xffff})
		if err := (header{deep: true}).spread(img, bits); err != nil {
			r.Fatal(err)
		}
		got := FromImage(img, Shape{1, 1, 3})
		want := 255 * float64(v) / float64(int(1)<<bits-1)
		if d := float64(got[0]) - want; d > 0.51 || d < -0.51 || got[1] != 0 || got[2] != got[0] {
			r.Fatalf("%d of %d bits: %v, want %.3f", v, bits, got, want)
		}
	})
}

// Limits are checked by the header, before memory is taken.
func TestLimits(t *testing.T) {
	deep := encode(t, "png", image.NewNRGBA64(image.Rect(0, 0, 100, 50)))
	four := apartFiles(t, 40)["CMYK jpeg"] // four bytes of a pixel, and planes of whole blocks
	endless := bytes.Clone(four)
	copy(endless[bytes.Index(endless, []byte{0xff, 0xc0})+5:], "\x23\x28\x23\x28") // 9000 × 9000
	for _, c := range []struct {
		file   []byte
		limits Limits
		says   string
	}{
		{four, Limits{Pixels: 1600, Memory: 12800}, ""},
		{four, Limits{Memory: 12799}, "size 40×40 (width×height) takes 12800 bytes to decode, want at most 12799"},
		{endless, Limits{}, "cannot hold so many pixels"},
		{deep, Limits{}, ""},
		{deep, Limits{Pixels: 5000, Memory: 40000}, ""},
		{deep, Limits{Pixels: 4999}, "size 100×50 (width×height), want 1 to 4999 pixels"},
		{deep, Limits{Memory: 39999}, "size 100×50 (width×height) takes 40000 bytes to decode, want at most 39999"},
		{huge(t, 9000, 9000), Limits{}, "cannot hold so many pixels"},
		{[]byte("P5 9000 9000 255\n"), Limits{}, "cannot hold so many pixels"},
	} {
		_, err := ReadPicture(t.Context(), bytes.NewReader(c.file), c.limits, 0)
		_, headErr := PictureShape(bytes.NewReader(c.file), c.limits)
		for _, err := range []error{err, headErr} {
			if c.says == "" && err != nil || c.says != "" && (err == nil || !strings.Contains(err.Error(), c.says)) {
				t.Errorf("limits %+v: %v, want %q", c.limits, err, c.says)
			}
		}
	}
}

// bomb is a TIFF whose strip unpacks to so many bytes.
func bomb(t *testing.T, file []byte, n int) []byte {
	var strip bytes.Buffer
	w := zlib.NewWriter(&strip)
	w.Write(make([]byte, n))
	w.Close()
	at := uint32(len(file))
	file = append(file, strip.Bytes()...)
	f, err := readTIFF(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	all, err := io.ReadAll(f.with(bytes.NewReader(file), map[uint16][]uint32{tagStripOffsets: {at}, tagStripBytes: {uint32(strip.Len())}}))
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// Decoding takes no more memory than the header was found to need.
func TestDecodeMemory(t *testing.T) {
	if memorytest.RaceDetector {
		t.Skip("with the race detector the compiler makes slices that it otherwise does without")
	}
	const side = 700
	noisy := colourful(side, side, 1)
	gray, deep := image.NewGray(image.Rect(0, 0, side, side)), image.NewNRGBA64(image.Rect(0, 0, side, side))
	copy(gray.Pix, noise(len(gray.Pix), 1))
	copy(deep.Pix, noise(len(deep.Pix), 2))
	packed := func(img image.Image) []byte {
		var b bytes.Buffer
		if err := tiff.Encode(&b, img, &tiff.Options{Compression: tiff.Deflate}); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	files := map[string][]byte{
		"png":            encode(t, "png", noisy),
		"gray png":       encode(t, "png", gray),
		"deep png":       encode(t, "png", deep),
		"jpeg":           encode(t, "jpeg", noisy),
		"gray jpeg":      encode(t, "jpeg", gray),
		"bmp":            encode(t, "bmp", noisy),
		"gif":            encode(t, "gif", image.NewPaletted(gray.Rect, color.Palette{color.Black, color.White})),
		"tiff":           encode(t, "tiff", noisy),
		"tiff, deflated": packed(noisy),
		"deep tiff":      packed(deep),
		"pgm":            append(fmt.Appendf(nil, "P5 %d %d 255\n", side, side), gray.Pix...),
		"bomb of a tiff": bomb(t, packed(gray), side*side*8),
	}
	maps.Copy(files, apartFiles(t, side))
	for name, file := range files {
		head, err := readHeader(bytes.NewReader(file), Limits{})
		if err != nil {
			t.Fatal(name, err)
		}
		used := memorytest.Allocated(func() {
			if _, err := decode(bytes.NewReader(file), Limits{}, 0); err != nil {
				t.Fatal(name, err)
			}
		})
		need := side*side*head.bytes + head.more
		// All that is allocated, the tables and buffers of the decoders among it.
		if int64(used) > need+need/10+1<<20 {
			t.Errorf("%s: decoding allocates %d bytes, and the header says %d", name, used, need)
		}
	}
}
