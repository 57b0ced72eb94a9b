package dataset

import (
	"encoding/binary"
	"io"
	"slices"
)

// view is the file as the library reads it, or plane i of it as gray.
func (f tiffFile) view(i int) io.Reader {
	file := f.file()
	switch {
	case f.planar:
		set := map[uint16][]uint32{
			tagBits: {f.bits}, tagPhotometric: {tiffBlackIsZero}, tagSamples: {1}, tagPlanar: {1}, tagExtraSamples: nil,
		}
		for _, tag := range []uint16{tagStripOffsets, tagStripBytes, tagTileOffsets, tagTileBytes} {
			all := f.values(tag)
			n := len(all) / f.each
			set[tag] = all[i*n : (i+1)*n]
		}
		return f.with(file, set)
	case f.grayAlpha():
		// As gray of twice the width.
		return f.with(file, map[uint16][]uint32{
			tagBits: {f.bits}, tagPhotometric: {tiffBlackIsZero}, tagSamples: {1}, tagExtraSamples: nil,
			tagWidth: doubled(f.values(tagWidth)), tagTileWidth: doubled(f.values(tagTileWidth)),
		})
	case f.photometric == tiffCMYK && f.each == 4:
		// Four samples that are taken as they are.
		return f.with(file, map[uint16][]uint32{tagPhotometric: {tiffRGB}, tagExtraSamples: {1}})
	case f.photometric == tiffRGB && f.each == 4 && f.extra == 0:
		return f.with(file, map[uint16][]uint32{tagExtraSamples: {1}})
	}
	return file
}

// file is the file as it is.
func (f tiffFile) file() *io.SectionReader { return io.NewSectionReader(f.r, 0, f.size) }

func doubled(values []uint32) []uint32 {
	var twice []uint32
	for _, v := range values {
		if v > 1<<30 {
			return nil
		}
		twice = append(twice, 2*v)
	}
	return twice
}

// with is the file with another first directory, behind its end: one with these tags,
// without those set to nothing.
func (f tiffFile) with(file io.ReaderAt, set map[uint16][]uint32) io.Reader {
	order, ok := f.order.(interface {
		binary.ByteOrder
		binary.AppendByteOrder
	})
	if !ok {
		panic("dataset: a byte order that appends nothing")
	}
	tags := map[uint16][]uint32{}
	for _, tag := range tiffTags {
		tags[tag] = f.values(tag)
	}
	for tag, values := range set {
		tags[tag] = values
	}
	var numbers []uint16
	for tag, values := range tags {
		if len(values) > 0 {
			numbers = append(numbers, tag)
		}
	}
	slices.Sort(numbers)
	// Directories begin at even places, and the values come after all entries.
	at := f.size + f.size&1
	behind := at + 2 + 12*int64(len(numbers)) + 4
	entries := order.AppendUint16(make([]byte, at-f.size), uint16(len(numbers)))
	var far []byte
	for _, tag := range numbers {
		values := tags[tag]
		entries = order.AppendUint16(entries, tag)
		entries = order.AppendUint16(entries, typeLong)
		entries = order.AppendUint32(entries, uint32(len(values)))
		if len(values) == 1 {
			entries = order.AppendUint32(entries, values[0])
			continue
		}
		entries = order.AppendUint32(entries, uint32(behind)+uint32(len(far)))
		for _, v := range values {
			far = order.AppendUint32(far, v)
		}
	}
	tail := append(append(entries, 0, 0, 0, 0), far...)
	head := make([]byte, 8)
	if n, _ := file.ReadAt(head, 0); n == 8 {
		f.order.PutUint32(head[4:], uint32(at))
	}
	return io.NewSectionReader(&patched{file, head, tail, f.size}, 0, f.size+int64(len(tail)))
}

// patched is a file of size bytes with another head, and more behind its end.
type patched struct {
	file       io.ReaderAt
	head, tail []byte
	size       int64
}

func (p *patched) ReadAt(b []byte, at int64) (int, error) {
	for _, part := range []struct {
		r         io.ReaderAt
		from, end int64
	}{
		{sliceAt(p.head), 0, 8}, {p.file, 8, p.size}, {sliceAt(p.tail), p.size, p.size + int64(len(p.tail))},
	} {
		if at < part.from || at >= part.end {
			continue
		}
		start := at
		if part.r != p.file {
			start -= part.from
		}
		here := b[:min(int64(len(b)), part.end-at)]
		n, err := part.r.ReadAt(here, start)
		if n < len(here) || len(here) == len(b) {
			return n, err
		}
		more, err := p.ReadAt(b[n:], at+int64(n))
		return n + more, err
	}
	return 0, io.EOF
}

type sliceAt []byte

func (s sliceAt) ReadAt(b []byte, at int64) (int, error) { return copy(b, s[at:]), nil }
