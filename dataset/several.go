package dataset

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"

	"github.com/sparse-manifold/smt/internal/plural"
)

// Of a file with several pictures, an animation or pages, the first is decoded: what is read here is
// whether there are more. It is told from the structure of the file, and no picture is decoded. Of a file that
// is broken after the first picture nothing is said here: the decoder sees as much of it as is used.

// several reports whether a file of a format has more pictures than the one that is used.
func several(r File, format string) bool {
	size, err := r.Seek(0, io.SeekEnd)
	if err != nil {
		return false
	}
	switch format {
	case "gif":
		return gifHasTwo(bufio.NewReader(io.NewSectionReader(r, 0, size)))
	case "png":
		return pngFrames(r, size) > 1
	case "tiff":
		d, err := readDirectory(r, size)
		return err == nil && d.more
	case "webp":
		frames := 0
		for _, c := range webpChunks(r, 12, size) {
			if c.name == "ANMF" {
				frames++
			}
		}
		return frames > 1
	}
	return false
}

// pngFrames is the number of frames that a PNG states (acTL, which comes before the pixels), 0 for none.
func pngFrames(r io.ReaderAt, size int64) uint32 {
	for at := int64(8); at+12 <= size; {
		var head [12]byte // length, kind, and the number of an acTL
		if _, err := r.ReadAt(head[:], at); err != nil {
			return 0
		}
		switch string(head[4:8]) {
		case "acTL":
			return binary.BigEndian.Uint32(head[8:])
		case "IDAT":
			return 0
		}
		at += 12 + int64(binary.BigEndian.Uint32(head[:]))
	}
	return 0
}

// Kinds of blocks of a GIF, and the flag that a table of colours follows (GIF89a, sections 18 to 24).
const (
	gifExtension, gifPicture = 0x21, 0x2c
	gifColours               = 0x80
)

// gifHasTwo reports a second picture in a GIF.
func gifHasTwo(r *bufio.Reader) bool {
	head := make([]byte, 13)
	if _, err := io.ReadFull(r, head); err != nil || !skipColours(r, head[10]) {
		return false
	}
	for found := false; ; {
		kind, err := r.ReadByte()
		switch {
		case err != nil:
			return false
		case kind == gifPicture && found:
			return true
		case kind == gifPicture:
			found = true
			place := make([]byte, 9)
			if _, err := io.ReadFull(r, place); err != nil || !skipColours(r, place[8]) {
				return false
			}
		case kind != gifExtension:
			return false // the end, or nothing that is known
		}
		// Either has a byte, and blocks up to an empty one.
		if _, err := r.ReadByte(); err != nil || !skipBlocks(r) {
			return false
		}
	}
}

// skipColours skips the table of colours that flags announce.
func skipColours(r *bufio.Reader, flags byte) bool {
	if flags&gifColours == 0 {
		return true
	}
	_, err := r.Discard(3 << (1 + flags&7))
	return err == nil
}

func skipBlocks(r *bufio.Reader) bool {
	for {
		n, err := r.ReadByte()
		if err != nil || n == 0 {
			return err == nil
		}
		if _, err := r.Discard(int(n)); err != nil {
			return false
		}
	}
}

// noteSeveral says how many of the images are the first of several in their file, "" for none.
func (s *survey) noteSeveral(images []imageFile) string {
	var files []string
	for _, img := range images {
		if img.several {
			files = append(files, s.name(img.path))
		}
	}
	switch len(files) {
	case 0:
		return ""
	case 1:
		return files[0] + " holds more than one picture: the first is used"
	}
	return fmt.Sprintf("%s hold more than one picture (%s): the first of each is used", plural.Of(len(files), "file"), someOf(files))
}
