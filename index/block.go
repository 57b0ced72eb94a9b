package index

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/sparse-manifold/smt/internal/half"
	"github.com/sparse-manifold/smt/internal/plural"
)

// The items of a block are records of recordSize bytes, and the text of their ids one after the other:
//
//	uint32  where the id ends in the text
//	uint32  where the thumbnail ends in the pictures
//	int32   the class, -1 for none
//	uint32  width and
//	uint32  height of the original, in pixels
//	uint64  the digest of the pixels that were embedded
const (
	recordSize = 28
	// mostID bounds the bytes of an id, as package embedding does.
	mostID = 1<<16 - 1
	// mostPicture bounds the bytes of a thumbnail: 96 × 96 pixels without any compression are half as many.
	mostPicture = 1 << 16
	mostSide    = 1 << 24
)

// Item is what an index knows of an image, beside its embedding and its thumbnail.
type Item struct {
	ID            string
	Label         string // the name of its class, "" for none
	Width, Height int    // of the original, in pixels
}

// NewItem is an image to be written.
type NewItem struct {
	Item
	// Thumbnail is a JPEG or PNG file of the image.
	Thumbnail []byte
	// Digest tells the pixels that were embedded from others. Work that goes on compares it.
	Digest uint64
}

// record is an item as a block has it.
type record struct {
	idEnd, pictureEnd uint32
	class             int32
	width, height     uint32
	digest            uint64
}

func (r record) encode(b []byte) []byte {
	for _, n := range []uint32{r.idEnd, r.pictureEnd, uint32(r.class), r.width, r.height} {
		b = binary.LittleEndian.AppendUint32(b, n)
	}
	return binary.LittleEndian.AppendUint64(b, r.digest)
}

func decodeRecord(b []byte) record {
	n := func(at int) uint32 { return binary.LittleEndian.Uint32(b[at:]) }
	return record{n(0), n(4), int32(n(8)), n(12), n(16), binary.LittleEndian.Uint64(b[20:])}
}

// checkItem reports what an index cannot hold of an item.
func checkItem(i NewItem) error {
	switch {
	case len(i.ID) > mostID:
		return fmt.Errorf("its id has %s: want at most %d", plural.Of(len(i.ID), "byte"), mostID)
	case len(i.Thumbnail) > mostPicture:
		return fmt.Errorf("its thumbnail has %s: want at most %d", plural.Of(len(i.Thumbnail), "byte"), mostPicture)
	case i.Width < 0 || i.Height < 0 || i.Width > mostSide || i.Height > mostSide:
		return fmt.Errorf("it has %d × %d pixels: want sides of 0 to %d", i.Width, i.Height, mostSide)
	}
	return nil
}

// encodeItems are two parts of a block: items, whose classes are given, and pictures.
func encodeItems(all []NewItem, classes []int32) (records, thumbnails []byte) {
	var text []byte
	for n, i := range all {
		text = append(text, i.ID...)
		thumbnails = append(thumbnails, i.Thumbnail...)
		r := record{uint32(len(text)), uint32(len(thumbnails)), classes[n], uint32(i.Width), uint32(i.Height), i.Digest}
		records = r.encode(records)
	}
	return append(records, text...), thumbnails
}

// checkItems holds the items of a block against each other, its pictures and the number of classes.
func checkItems(b []byte, e entry, classes int) error {
	text := len(b) - e.rows*recordSize
	var last record
	for i := range e.rows {
		r := decodeRecord(b[i*recordSize:])
		switch {
		case r.idEnd < last.idEnd || r.idEnd-last.idEnd > mostID || int64(r.idEnd) > int64(text):
			return fmt.Errorf("item %d: its id is from byte %d to %d of %d: want 0 to %d bytes", e.first+i, last.idEnd, r.idEnd, text, mostID)
		case r.pictureEnd < last.pictureEnd || r.pictureEnd-last.pictureEnd > mostPicture || int64(r.pictureEnd) > int64(e.bytes[pictures]):
			return fmt.Errorf("item %d: its thumbnail is from byte %d to %d of %d: want 0 to %d bytes", e.first+i, last.pictureEnd, r.pictureEnd, e.bytes[pictures], mostPicture)
		case r.class < -1 || int(r.class) >= classes:
			return fmt.Errorf("item %d: its class is %d: want -1 to %d", e.first+i, r.class, classes-1)
		case r.width > mostSide || r.height > mostSide:
			return fmt.Errorf("item %d: it has %d × %d pixels: want sides of at most %d", e.first+i, r.width, r.height, mostSide)
		}
		last = r
	}
	if int(last.idEnd) != text || int(last.pictureEnd) != e.bytes[pictures] {
		return errors.New("its ids or its pictures end before their part does")
	}
	return nil
}

// checkHalves reports a value that a unit vector has not, or a row that is longer.
func checkHalves(b []byte, e entry, dim int) error {
	if i := half.Beyond(b, 1); i >= 0 {
		return fmt.Errorf("item %d: value %d is not within ±1", e.first+i/dim, i%dim)
	}
	for i := range e.rows {
		if l := half.Energy(b[i*dim*half.Size : (i+1)*dim*half.Size]); !(l <= longest) {
			return fmt.Errorf("item %d: its embedding has the squared length %.4g: want at most 1", e.first+i, l)
		}
	}
	return nil
}

// longest is the largest squared length of an embedding: a unit vector, each value rounded to a half.
const longest = 1.01
