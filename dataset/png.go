package dataset

import (
	"encoding/binary"
	"io"
	"slices"
)

// readPNG reads from the chunks of a PNG what image.DecodeConfig leaves out: the
// orientation (eXIf), the bits that samples have (sBIT), and whether it is interlaced.
// A chunk that makes no sense is left to the decoder, which sees it after.
func (h *header) readPNG(r io.ReaderAt, size int64) error {
	const most = 1 << 20 // bytes of EXIF: a thumbnail in it has 64 KiB at most
	for at := int64(8); at+12 <= size; {
		var head [8]byte
		if _, err := r.ReadAt(head[:], at); err != nil {
			return err
		}
		length, kind := int64(binary.BigEndian.Uint32(head[:])), string(head[4:])
		if length > size-at-12 {
			return nil
		}
		if kind == "eXIf" || kind == "sBIT" || kind == "IHDR" || kind == "tRNS" {
			content := make([]byte, min(length, most))
			if _, err := r.ReadAt(content, at+8); err != nil {
				return err
			}
			switch {
			case kind == "eXIf":
				h.orientation = exifOrientation(content)
			case kind == "sBIT" && len(content) > 0:
				h.depth = int(slices.Max(content))
			case kind == "IHDR" && len(content) == 13 && content[12] != 0:
				h.bytes *= 2 // a pass is decoded, and then put among the others
			case kind == "tRNS":
				h.deep = false // one colour is transparent
			}
		}
		if kind == "IEND" {
			return nil
		}
		at += 12 + length
	}
	return nil
}
