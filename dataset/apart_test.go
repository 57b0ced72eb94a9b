package dataset

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"image/jpeg"
	"maps"
	"math/big"
	"slices"
	"strings"
	"testing"
)

// tiffOf is a TIFF of one strip, with these tags of whole numbers.
func tiffOf(t testing.TB, wide, high int, strip []byte, tags map[uint16][]uint32) []byte {
	t.Helper()
	base := encode(t, "tiff", image.NewGray(image.Rect(0, 0, 1, 1)))
	at := uint32(len(base))
	file := append(base, strip...)
	f, err := readTIFF(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	set := map[uint16][]uint32{
		tagWidth: {uint32(wide)}, tagHeight: {uint32(high)}, tagRowsPerStrip: {uint32(high)},
		tagStripOffsets: {at}, tagStripBytes: {uint32(len(strip))}, tagCompression: {tiffPlain},
	}
	maps.Copy(set, tags)
	var b bytes.Buffer
	if _, err := b.ReadFrom(f.with(bytes.NewReader(file), set)); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// planarFile is a JPEG of four components, each the scan of a gray JPEG of its own.
func planarFile(t testing.TB, planes [4]*image.Gray) []byte {
	t.Helper()
	file := []byte("\xff\xd8")
	for i, plane := range planes {
		var b bytes.Buffer
		if err := jpeg.Encode(&b, plane, nil); err != nil {
			t.Fatal(err)
		}
		gray := b.Bytes()
		for at := 2; gray[at+1] != 0xd9; {
			end := at + 2 + int(binary.BigEndian.Uint16(gray[at+2:]))
			switch gray[at+1] {
			case 0xc0:
				if size := plane.Rect; i == 0 {
					frame := []byte{0xff, 0xc0, 0, 20, 8, byte(size.Dy() >> 8), byte(size.Dy()), byte(size.Dx() >> 8), byte(size.Dx()), 4}
					file = append(file, append(frame, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0, 4, 0x11, 0)...)
				}
			case 0xda:
				gray[at+5] = byte(i + 1)
				end = len(gray) - 2
				fallthrough
			default:
				file = append(file, gray[at:end]...)
			}
			at = end
		}
	}
	return append(file, 0xff, 0xd9)
}

// apartFiles are files of the kinds that are taken apart here, of side × side pixels of noise.
func apartFiles(t testing.TB, side int) map[string][]byte {
	t.Helper()
	var planes [4]*image.Gray
	for i := range planes {
		planes[i] = image.NewGray(image.Rect(0, 0, side, side))
		copy(planes[i].Pix, noise(side*side, uint64(i)))
	}
	var gray bytes.Buffer
	if err := jpeg.Encode(&gray, planes[0], nil); err != nil {
		t.Fatal(err)
	}
	four := planarFile(t, planes)
	lines := new(big.Int) // as the white one above
	lines.SetString(strings.Repeat("00000000000101", 8*side), 2)
	return map[string][]byte{
		"CMYK jpeg": four,
		"gray tiff as jpeg": tiffOf(t, side, side, gray.Bytes(), map[uint16][]uint32{
			tagBits: {8}, tagCompression: {tiffJPEG}, tagPhotometric: {tiffBlackIsZero}, tagSamples: {1}}),
		"CMYK tiff as jpeg": tiffOf(t, side, side, four, map[uint16][]uint32{
			tagBits: {8, 8, 8, 8}, tagCompression: {tiffJPEG}, tagPhotometric: {tiffCMYK}, tagSamples: {4}}),
		"group 3 by lines": tiffOf(t, side, side, lines.FillBytes(make([]byte, 14*side)), map[uint16][]uint32{
			tagBits: {1}, tagCompression: {tiffG3}, tagT4Options: {1}, tagPhotometric: {tiffWhiteIsZero}, tagSamples: {1}}),
		"YCbCr tiff": tiffOf(t, side, side, noise(3*side*side, 1), map[uint16][]uint32{
			tagBits: {8, 8, 8}, tagPhotometric: {tiffYCbCr}, tagSamples: {3}, tagSubsampling: {1, 1}}),
		"12 bits": tiffOf(t, side, side, noise(3*side*((side+1)/2), 1), map[uint16][]uint32{
			tagBits: {12}, tagPhotometric: {tiffBlackIsZero}, tagSamples: {1}}),
		"RGB of 4 bits": tiffOf(t, side, side, noise(side*((3*side+1)/2), 1), map[uint16][]uint32{
			tagBits: {4, 4, 4}, tagPhotometric: {tiffRGB}, tagSamples: {3}}),
	}
}

// Four planes of a JPEG become ink as Adobe writes it, inverted; Pillow has the same of its own files.
func TestPlanarJPEG(t *testing.T) {
	var planes [4]*image.Gray
	for i := range planes {
		planes[i] = image.NewGray(image.Rect(0, 0, 20, 11))
		copy(planes[i].Pix, slices.Repeat([]byte{byte(40 + 50*i)}, 20*11))
	}
	p, err := ReadPicture(t.Context(), bytes.NewReader(planarFile(t, planes)), Limits{}, 0)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := p.img.At(3, 4), (color.CMYK{215, 165, 115, 65}); got != want || p.Shape() != (Shape{11, 20, 3}) {
		t.Errorf("%v of shape %v, want %v", got, p.Shape(), want)
	}
}

// A JPEG that states no width or no height is refused for that, of any number of components.
func TestSizeOfNothing(t *testing.T) {
	four := apartFiles(t, 16)["CMYK jpeg"]
	apart := slices.Clone(four) // with sampling factors that image/jpeg refuses
	apart[bytes.Index(apart, []byte{0xff, 0xc0})+11] = 0x12
	for name, file := range map[string][]byte{
		"gray":          encode(t, "jpeg", image.NewGray(image.Rect(0, 0, 16, 16))),
		"colour":        encode(t, "jpeg", colourful(16, 16, 1)),
		"CMYK":          four,
		"CMYK, sampled": apart,
	} {
		frame := bytes.Index(file, []byte{0xff, 0xc0})
		for says, at := range map[string]int{"size 16×0 (width×height), want 1 to": frame + 5, "size 0×16 (width×height), want 1 to": frame + 7} {
			none := slices.Clone(file)
			none[at], none[at+1] = 0, 0
			if _, err := ReadPicture(t.Context(), bytes.NewReader(none), Limits{}, 0); err == nil || !strings.Contains(err.Error(), says) {
				t.Errorf("%s: %v, want %q", name, err, says)
			}
		}
	}
}

// What is not read, or states what is not so, is refused with the reason.
func TestRefusedApart(t *testing.T) {
	packed := func(tags map[uint16][]uint32) []byte {
		all := map[uint16][]uint32{tagBits: {8}, tagPhotometric: {tiffBlackIsZero}, tagSamples: {1}}
		maps.Copy(all, tags)
		return tiffOf(t, 16, 16, noise(4096, 1), all)
	}
	luma := func(tags map[uint16][]uint32) []byte {
		all := map[uint16][]uint32{tagBits: {8, 8, 8}, tagPhotometric: {tiffYCbCr}, tagSamples: {3}}
		maps.Copy(all, tags)
		return packed(all)
	}
	asJPEG := func(wide, high int, name string, change func(file []byte)) []byte {
		strip := encode(t, "jpeg", image.NewGray(image.Rect(0, 0, 16, 16)))
		if name == "CMYK" {
			strip = apartFiles(t, 16)["CMYK jpeg"]
		}
		change(strip)
		return tiffOf(t, wide, high, strip, map[uint16][]uint32{tagBits: {8}, tagCompression: {tiffJPEG}, tagPhotometric: {tiffBlackIsZero}, tagSamples: {1}})
	}
	asItIs := func([]byte) {}
	huge := func(file []byte) {
		frame := bytes.Index(file, []byte{0xff, 0xc0})
		copy(file[frame+5:], "\xff\xff\xff\xff")
	}
	for says, file := range map[string][]byte{
		"16×16 pixels of 4 components, want 16×16 of 1":    asJPEG(16, 16, "CMYK", asItIs),
		"16×16 pixels of 1 component, want 17×16 of 1":     asJPEG(17, 16, "gray", asItIs),
		"65535×65535 pixels of 1 component, want 16×16":    asJPEG(16, 16, "gray", huge),
		"60000×1000 (width×height): a file of":             asJPEG(60000, 1000, "gray", asItIs),
		"samples of 16 bits, want [8]":                     packed(map[uint16][]uint32{tagBits: {16}, tagCompression: {tiffJPEG}}),
		"a JPEG file of the whole image (tag 513)":         packed(map[uint16][]uint32{tagCompression: {tiffOldJPEG}}),
		"want them between marks of begin and end":         withTag(t, asJPEG(16, 16, "gray", asItIs), tagJPEGTables, 7),
		"chroma of 3×1 pixels, want 1, 2 or 4":             luma(map[uint16][]uint32{tagSubsampling: {3, 1}}),
		"planes of YCbCr":                                  luma(map[uint16][]uint32{tagPlanar: {2}}),
		"tag 529 declares 1 value of type 4, want 3":       withTag(t, luma(nil), tagLumaWeights, 1),
		"of 3 rows, want a multiple of 2":                  luma(map[uint16][]uint32{tagRowsPerStrip: {3}}),
		"strips or tiles at 1 place with 1 length, want 4": luma(map[uint16][]uint32{tagRowsPerStrip: {4}}),
		"(width×height) takes":                             luma(map[uint16][]uint32{tagTileWidth: {1 << 14}, tagTileHeight: {1 << 14}, tagTileOffsets: {8}, tagTileBytes: {8}}),
		"lines that are not compressed":                    packed(map[uint16][]uint32{tagBits: {1}, tagCompression: {tiffG3}, tagT4Options: {3}}),
		"strip or tile 0: line ":                           packed(map[uint16][]uint32{tagBits: {1}, tagCompression: {tiffG3}, tagT4Options: {1}}),
		"photometric interpretation 8 is not read":         packed(map[uint16][]uint32{tagPhotometric: {8}}),
		"samples of 32 bits, want [1 2 4 8 12 16]":         packed(map[uint16][]uint32{tagBits: {32}}),
		"samples of format 3, want whole numbers":          withTag(t, packed(map[uint16][]uint32{tagBits: {16}}), tagSampleFormat, 3),
		"a palette of 0 numbers, want 48":                  packed(map[uint16][]uint32{tagBits: {4}, tagPhotometric: {tiffPalette}}),
		"with the lowest bit first is not read":            withTag(t, packed(map[uint16][]uint32{tagCompression: {tiffLZW}}), tagFillOrder, 2),
		"predictor 2 of samples of 12 bits":                packed(map[uint16][]uint32{tagBits: {12}, tagPredictor: {2}}),
	} {
		if _, err := ReadPicture(t.Context(), bytes.NewReader(file), Limits{}, 0); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%v, want %q", err, says)
		}
	}
}
