package dataset

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"io"
)

// upright is the EXIF orientation of an image stored as it is to be seen. Each
// of the eight, 1 to 8, says where the first stored row and column belong.
const upright = 1

// jpegOrientation reads the EXIF orientation of a JPEG. A file without one, or
// with one that makes no sense, is upright: it is no reason to refuse the pixels.
func jpegOrientation(r io.Reader) int {
	br := bufio.NewReader(r)
	if _, err := br.Discard(2); err != nil { // the start of image
		return upright
	}
	for {
		var head [4]byte // a marker and the length of its segment
		if _, err := io.ReadFull(br, head[:]); err != nil || head[0] != 0xff {
			return upright
		}
		const app1, startOfScan = 0xe1, 0xda
		size := int(binary.BigEndian.Uint16(head[2:])) - 2
		if size < 0 || head[1] == startOfScan {
			return upright
		}
		if head[1] != app1 {
			if _, err := br.Discard(size); err != nil {
				return upright
			}
			continue
		}
		segment := make([]byte, size)
		if _, err := io.ReadFull(br, segment); err != nil {
			return upright
		}
		// XMP sits in an APP1 of its own, so an other one does not end the search.
		if tiff, ok := bytes.CutPrefix(segment, []byte("Exif\x00\x00")); ok {
			return tiffOrientation(tiff)
		}
	}
}

// tiffOrientation looks tag 0x0112 up in the first directory of a TIFF header.
func tiffOrientation(tiff []byte) int {
	if len(tiff) < 8 {
		return upright
	}
	var order binary.ByteOrder = binary.BigEndian
	if tiff[0] == 'I' {
		order = binary.LittleEndian
	}
	at := int64(order.Uint32(tiff[4:]))
	if at+2 > int64(len(tiff)) {
		return upright
	}
	entries := tiff[at+2:]
	for range order.Uint16(tiff[at:]) {
		if len(entries) < 12 {
			break
		}
		if order.Uint16(entries) == 0x0112 {
			if v := int(order.Uint16(entries[8:])); v >= 1 && v <= 8 {
				return v
			}
			break
		}
		entries = entries[12:]
	}
	return upright
}

// sideways reports an orientation that exchanges rows and columns.
func sideways(orientation int) bool { return orientation >= 5 }

// stored is where the pixel seen at x, y is in an image stored w wide and h high.
func stored(orientation, x, y, w, h int) (sx, sy int) {
	if sideways(orientation) {
		x, y = y, x
	}
	switch orientation {
	case 2, 3, 7, 8:
		x = w - 1 - x
	}
	switch orientation {
	case 3, 4, 6, 7:
		y = h - 1 - y
	}
	return x, y
}
