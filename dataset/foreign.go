package dataset

import (
	"bytes"
	"io"
)

// A foreignError is the name of an image format that is known, and not read.
type foreignError string

func (e foreignError) Error() string {
	return string(e) + ": want PNG, JPEG, GIF, WebP, BMP, TIFF or PNM"
}

// foreignFormat names the image format that a file begins as, of those that are not
// read: it wants a decoder of video that there is none of in Go. It is "" for any other.
func foreignFormat(r io.ReaderAt) string {
	head := make([]byte, 32)
	n, _ := r.ReadAt(head, 0)
	head = head[:n]
	for _, f := range []struct {
		at          int
		magic, name string
	}{
		{4, "ftypavif", "AVIF"}, {4, "ftypavis", "AVIF"},
		{4, "ftyphei", "HEIC"}, {4, "ftyphev", "HEIC"}, {4, "ftypmif1", "HEIC"}, {4, "ftypmsf1", "HEIC"},
		{0, "\x00\x00\x00\x0cjP  \r\n\x87\n", "JPEG 2000"}, {0, "\xff\x4f\xff\x51", "JPEG 2000"},
		{0, "\x00\x00\x00\x0cJXL \r\n\x87\n", "JPEG XL"}, {0, "\xff\x0a", "JPEG XL"},
		{0, "8BPS", "Photoshop"}, {0, "II\x2b\x00", "BigTIFF"}, {0, "MM\x00\x2b", "BigTIFF"},
		{0, "Pf", "PFM"}, {0, "PF", "PFM"}, {0, "P7", "PAM"},
	} {
		if len(head) > f.at && bytes.HasPrefix(head[f.at:], []byte(f.magic)) {
			// The brand mif1 is of any HEIF; the compatible ones that follow tell AVIF.
			if f.name == "HEIC" && bytes.Contains(head, []byte("avif")) {
				return "AVIF"
			}
			return f.name
		}
	}
	return ""
}
