package jpegplanes

import (
	"bytes"
	"encoding/binary"
	"io"
	"slices"
	"strings"
	"testing"
)

// segment is the place of the first segment of this kind, after its marker.
func segment(t *testing.T, file []byte, marker byte) int {
	t.Helper()
	for at := 2; at+4 <= len(file); at += 2 + int(binary.BigEndian.Uint16(file[at+2:])) {
		if file[at+1] == marker {
			return at + 2
		}
		if file[at+1] == markerSOS {
			break
		}
	}
	t.Fatalf("no segment %#x", marker)
	return 0
}

// What is broken is refused, with the reason.
func TestBroken(t *testing.T) {
	files := samples(t)
	for _, c := range []struct {
		name, file string
		marker     byte
		at         int // within the segment, its length the first two bytes
		value      byte
		says       string
	}{
		{"12 bits", "planes4-0-progressive0.jpg", markerSOF0, 2, 12, "samples of 12 bits, want 8"},
		{"a width of 0", "gray(1,1)", markerSOF0, 6, 0, "size 0×1"},
		{"five components", "planes4-0-progressive0.jpg", markerSOF0, 7, 5, "a frame of"},
		{"two of a name", "planes4-0-progressive0.jpg", markerSOF0, 11, 1, "two components 1"},
		{"sampling of 5", "planes4-0-progressive0.jpg", markerSOF0, 9, 0x51, "sampling factors 5 and 1"},
		{"a table that is none", "planes4-0-progressive0.jpg", markerSOF0, 10, 4, "of quantization table 4"},
		{"a table that is missing", "gray(1,1)", markerSOF0, 10, 3, "component 1 has no quantization table"},
		{"arithmetic codes", "planes4-0-progressive0.jpg", markerSOF0, -1, 0xc9, "a frame of kind 0xc9"},
		{"a second frame", "gray(1,1)", markerDHT, -1, markerSOF0, "a second frame"},
		{"too many codes", "gray(1,1)", markerDHT, 3, 3, "more codes of 1 bit than there are"},
		{"a class of codes", "gray(1,1)", markerDHT, 2, 0x20, "class 2"},
		{"a kind of table", "gray(1,1)", markerDQT, 2, 0x20, "of kind 2"},
		{"a segment of length 1", "gray(1,1)", markerDHT, 1, 1, "a segment of length"},
	} {
		file := slices.Clone(files[c.file])
		at := segment(t, file, c.marker) + c.at
		if c.at == 1 {
			file[at-1] = 0
		}
		file[at] = c.value
		if _, err := Decode(bytes.NewReader(file)); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want %q", c.name, err, c.says)
		}
	}
	// Of the segments that begin at a scan, one is taken out, or comes twice.
	file := files["planes4-2-progressive0.jpg"]
	scan := bytes.LastIndex(file, []byte{0xff, markerSOS})
	whole := append(slices.Clone(file[:len(file)-2]), file[scan:]...)
	for says, file := range map[string][]byte{
		"no scan of component":             append(slices.Clone(file[:scan]), 0xff, markerEOI),
		"is coded from bit 0 on after bit": whole,
		"no scan":                          append(slices.Clone(file[:bytes.Index(file, []byte{0xff, markerSOS})]), 0xff, markerEOI),
		"a scan before the frame":          append([]byte{0xff, markerSOI}, file[scan:]...),
	} {
		if _, err := Decode(bytes.NewReader(file)); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%v, want %q", err, says)
		}
	}
	if _, err := ReadFrame(strings.NewReader("\xff\xd8\xff\xd9")); err == nil || !strings.Contains(err.Error(), "no frame") {
		t.Errorf("a file without a frame: %v", err)
	}
}

// A file that is cut anywhere is an error, and one whose samples are, though it has an end.
func TestCut(t *testing.T) {
	for name, file := range samples(t) {
		file = file[:bytes.LastIndex(file, []byte{0xff, markerEOI})+2]
		for n := range file {
			if _, err := Decode(bytes.NewReader(file[:n])); err == nil {
				t.Fatalf("%s: decoded of %d bytes of %d", name, n, len(file))
			}
			ended := io.MultiReader(bytes.NewReader(file[:n]), strings.NewReader("\xff\xd9"))
			// A progressive one has a whole image after each scan.
			if _, err := Decode(ended); err == nil && n < len(file)-8 && !strings.Contains(name, "progressive1") {
				t.Fatalf("%s: decoded of %d bytes of %d and an end", name, n, len(file))
			}
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, file := range samples(f) {
		f.Add(file)
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		frame, err := ReadFrame(bytes.NewReader(file))
		if err == nil && frame.Memory() > 1<<20 {
			return
		}
		planes, decodeErr := Decode(bytes.NewReader(file))
		if err != nil && decodeErr == nil {
			t.Fatalf("decoded without a frame: %v", err)
		}
		if decodeErr != nil {
			return
		}
		row := make([]uint8, planes.Width)
		for c := range planes.Components {
			for y := range planes.Height {
				planes.Row(c, y, row)
			}
		}
	})
}
