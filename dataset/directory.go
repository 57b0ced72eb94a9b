package dataset

import (
	"encoding/binary"
	"errors"
	"io"
)

// Tags of TIFF that are read.
const (
	tagWidth        = 256
	tagHeight       = 257
	tagBits         = 258
	tagCompression  = 259
	tagPhotometric  = 262
	tagFillOrder    = 266
	tagStripOffsets = 273
	tagOrientation  = 274
	tagSamples      = 277
	tagRowsPerStrip = 278
	tagStripBytes   = 279
	tagMaxSample    = 281
	tagPlanar       = 284
	tagT4Options    = 292
	tagPredictor    = 317
	tagColorMap     = 320
	tagTileWidth    = 322
	tagTileHeight   = 323
	tagTileOffsets  = 324
	tagTileBytes    = 325
	tagExtraSamples = 338
	tagSampleFormat = 339
	tagSMaxSample   = 341
	tagJPEGTables   = 347
	tagJPEGFile     = 513
	tagJPEGLength   = 514
	tagLumaWeights  = 529
	tagSubsampling  = 530

	tagReferenceBlackWhite = 532
)

// Types of the values that are read.
const (
	typeByte     = 1
	typeShort    = 3
	typeLong     = 4
	typeRational = 5
	typeBytes    = 7
)

// A directory is the first one of a TIFF file or an EXIF block, by tag.
type directory struct {
	r      io.ReaderAt
	size   int64
	order  binary.ByteOrder
	fields map[uint16]field
	cut    bool // there are fewer entries than declared
	more   bool // another directory follows: of a page, a smaller picture, or of EXIF a thumbnail
}

type field struct {
	kind  uint16
	count uint32
	raw   [4]byte // the values, or where they are
}

var errNoDirectory = errors.New("no TIFF directory")

// readDirectory reads the first directory of size bytes. It takes no more memory than
// these bytes hold entries, whatever number they declare.
func readDirectory(r io.ReaderAt, size int64) (directory, error) {
	d := directory{r: r, size: size, fields: map[uint16]field{}}
	var head [8]byte
	if _, err := r.ReadAt(head[:], 0); err != nil {
		return d, errNoDirectory
	}
	switch string(head[:4]) {
	case "II*\x00":
		d.order = binary.LittleEndian
	case "MM\x00*":
		d.order = binary.BigEndian
	default:
		return d, errNoDirectory
	}
	at := int64(d.order.Uint32(head[4:]))
	var number [2]byte
	if _, err := r.ReadAt(number[:], at); err != nil {
		return d, errNoDirectory
	}
	declared := int64(d.order.Uint16(number[:]))
	n := min(declared, (size-at-2)/12)
	d.cut = n < declared
	var next [4]byte
	if _, err := r.ReadAt(next[:], at+2+12*declared); err == nil {
		d.more = d.order.Uint32(next[:]) != 0
	}
	entries := make([]byte, 12*n)
	if _, err := r.ReadAt(entries, at+2); n > 0 && err != nil && !errors.Is(err, io.EOF) {
		return d, err
	}
	for ; len(entries) > 0; entries = entries[12:] {
		tag := d.order.Uint16(entries)
		if _, twice := d.fields[tag]; !twice {
			d.fields[tag] = field{d.order.Uint16(entries[2:]), d.order.Uint32(entries[4:]), [4]byte(entries[8:12])}
		}
	}
	return d, nil
}

// values are those of a tag, nil if there are none that are whole numbers within the
// file.
func (d directory) values(tag uint16) []uint32 {
	f := d.fields[tag]
	width := map[uint16]int64{typeByte: 1, typeShort: 2, typeLong: 4}[f.kind]
	n := int64(f.count)
	if width == 0 || n == 0 || n > d.size/width {
		return nil
	}
	raw := d.content(tag, width)
	if raw == nil {
		return nil
	}
	values := make([]uint32, n)
	for i := range values {
		switch width {
		case 1:
			values[i] = uint32(raw[i])
		case 2:
			values[i] = uint32(d.order.Uint16(raw[2*i:]))
		default:
			values[i] = d.order.Uint32(raw[4*i:])
		}
	}
	return values
}

// first is the first value of a tag, or this one if there is none.
func (d directory) first(tag uint16, or uint32) uint32 {
	if v := d.values(tag); len(v) > 0 {
		return v[0]
	}
	return or
}

// content are the bytes of the values of a tag, each of this width, nil if they are not within the file.
func (d directory) content(tag uint16, width int64) []byte {
	f := d.fields[tag]
	n := int64(f.count)
	if n > d.size/width {
		return nil
	}
	if n*width <= 4 {
		return f.raw[:n*width]
	}
	raw := make([]byte, n*width)
	if m, _ := d.r.ReadAt(raw, int64(d.order.Uint32(f.raw[:]))); m < len(raw) {
		return nil
	}
	return raw
}

// octets are the bytes that a tag has, nil if there are none.
func (d directory) octets(tag uint16) []byte {
	if kind := d.fields[tag].kind; kind != typeByte && kind != typeBytes {
		return nil
	}
	return d.content(tag, 1)
}

// rationals are the values of a tag that are fractions, nil if there are none.
func (d directory) rationals(tag uint16) []float64 {
	if d.fields[tag].kind != typeRational {
		return nil
	}
	raw := d.content(tag, 8)
	values := make([]float64, 0, len(raw)/8)
	for ; len(raw) > 0; raw = raw[8:] {
		values = append(values, float64(d.order.Uint32(raw))/max(1, float64(d.order.Uint32(raw[4:]))))
	}
	return values
}
