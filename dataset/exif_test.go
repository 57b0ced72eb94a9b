package dataset

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"testing"
)

// The rows as seen of an image stored as abc, def: the table of the EXIF standard.
var seen = map[int][]string{
	1: {"abc", "def"}, 2: {"cba", "fed"}, 3: {"fed", "cba"}, 4: {"def", "abc"},
	5: {"ad", "be", "cf"}, 6: {"da", "eb", "fc"}, 7: {"fc", "eb", "da"}, 8: {"cf", "be", "ad"},
}

func TestOrientation(t *testing.T) {
	for o, rows := range seen {
		want := grayOf(rows...)
		shape := Shape{len(rows), len(rows[0]), 1}
		got := make([]uint8, shape.Len())
		convert(grayOf("abc", "def"), o, shape, got)
		if !bytes.Equal(got, want.Pix) {
			t.Errorf("orientation %d: %q, want %q", o, got, want.Pix)
		}
		if size := (header{stored: image.Pt(3, 2), orientation: o}).size(); size != want.Rect.Max {
			t.Errorf("orientation %d: size %v, want %v", o, size, want.Rect.Max)
		}
	}
}

// app1 is a JPEG segment with this content.
func app1(content string) string {
	return "\xff\xe1" + string(binary.BigEndian.AppendUint16(nil, uint16(len(content)+2))) + content
}

// exif is the segment that says orientation o.
func exif(order binary.AppendByteOrder, mark string, o uint16) string {
	b := order.AppendUint32(order.AppendUint16([]byte(mark), 42), 8)
	b = order.AppendUint16(b, 2)
	b = append(b, make([]byte, 12)...) // an other tag first
	b = order.AppendUint16(order.AppendUint16(b, 0x0112), 3)
	b = order.AppendUint16(order.AppendUint32(b, 1), o)
	return app1("Exif\x00\x00" + string(b) + "\x00\x00")
}

// turned is a JPEG of img with these segments after its start.
func turned(t testing.TB, img image.Image, segments string) []byte {
	plain := encode(t, "jpeg", img)
	return append(append(bytes.Clone(plain[:2]), segments...), plain[2:]...)
}

func TestJPEGOrientation(t *testing.T) {
	img := uniform(4, 2, color.Gray{99})
	for name, c := range map[string]struct {
		segments string
		want     int
		cut      bool
	}{
		"none":           {"", 1, false},
		"big endian":     {exif(binary.BigEndian, "MM", 6), 6, false},
		"little endian":  {exif(binary.LittleEndian, "II", 8), 8, false},
		"after XMP":      {app1("http://ns.adobe.com/xap/1.0/\x00<x/>") + exif(binary.BigEndian, "MM", 3), 3, false},
		"after a note":   {"\xff\xfe\x00\x04hi" + exif(binary.BigEndian, "MM", 2), 2, false},
		"out of range":   {exif(binary.BigEndian, "MM", 9), 1, false},
		"short":          {app1("Exif\x00\x00MM"), 1, false},
		"far directory":  {app1("Exif\x00\x00MM\x00\x2a\xff\xff\xff\xff"), 1, false},
		"many entries":   {app1("Exif\x00\x00MM\x00\x2a\x00\x00\x00\x08\xff\xff"), 1, false},
		"cut in segment": {"\xff\xe1\xff\xffExif", 1, true},
	} {
		head, err := readHeader(bytes.NewReader(turned(t, img, c.segments)), Limits{})
		if c.cut {
			if err == nil {
				t.Errorf("%s: no error", name)
			}
			continue
		}
		if err != nil || head.orientation != c.want {
			t.Errorf("%s: orientation %d, want %d (%v)", name, head.orientation, c.want, err)
		}
	}
}
