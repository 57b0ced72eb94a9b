package index

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/internal/checksum"
	"github.com/sparse-manifold/smt/internal/rapidtest"
	"github.com/sparse-manifold/smt/knn"
)

// A byte that has changed is noticed, by Open or by whoever reads it first, if anything leads to it.
func TestChangedBytes(t *testing.T) {
	p, q := randomPile(1, "photo", 40, 17, 9), randomPile(2, "more", 10, 17, 9)
	whole := contents(t, fileOf(t, 12, p, q))
	x, err := OpenFrom(bytes.NewReader(whole), int64(len(whole)))
	if err != nil {
		t.Fatal(err)
	}
	led := func(at int64) bool { // whether anything leads to a byte
		if at < int64(len(titleLine)) {
			return true
		}
		if at >= x.at.at && at < x.at.at+x.at.bytes {
			return true
		}
		if at >= x.at.offset() && at < x.at.offset()+rootSize {
			return false // the other root counts then, and the index is the one before: below
		}
		for _, m := range x.d.Models {
			if at >= m.At && at < m.At+m.Bytes {
				return true
			}
		}
		for i := range x.blocks {
			e := x.d.entry(i)
			for part := range parts {
				if from := e.place(part); at >= from && at < from+int64(e.bytes[part]) {
					return true
				}
			}
		}
		return false
	}
	rapid.Check(t, func(rt *rapid.T) {
		at := rapid.Int64Range(0, int64(len(whole))-1).Draw(rt, "byte")
		if rapid.Bool().Draw(rt, "of the blocks") {
			from := x.d.entry(0).at
			at = from + at%(int64(len(whole))-from)
		}
		b := slices.Clone(whole)
		b[at] ^= byte(rapid.IntRange(1, 255).Draw(rt, "bits"))
		y, err := OpenFrom(bytes.NewReader(b), int64(len(b)))
		if err == nil {
			err = y.Check(t.Context(), nil)
		}
		if led(at) != (err != nil) {
			rt.Fatalf("byte %d: %v", at, err)
		}
	})
	// Of a changed root the other one counts.
	b := slices.Clone(whole)
	b[x.at.offset()+3]++
	y, err := OpenFrom(bytes.NewReader(b), int64(len(b)))
	if err == nil {
		err = difference(t, y, p)
	}
	if err != nil {
		t.Error(err)
	}
}

// A part is held against its sum by the first read of it, and says which it is.
func TestFirstReadNotices(t *testing.T) {
	p := randomPile(1, "photo", 40, 17, 9)
	whole := contents(t, fileOf(t, 12, p))
	for part, read := range [parts]func(x *Index) error{
		func(x *Index) error { _, err := x.Search(t.Context(), p.rows[:17], 1); return err },
		func(x *Index) error { _, err := x.Search(t.Context(), p.rows[:17], 100); return err },
		func(x *Index) error {
			for _, err := range x.Blocks(t.Context(), 5) {
				if err != nil {
					return err
				}
			}
			return nil
		},
		func(x *Index) error { _, err := x.ID(13); return err },
		func(x *Index) error { _, err := x.Thumbnail(13); return err },
	} {
		b := slices.Clone(whole)
		x, err := OpenFrom(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			t.Fatal(err)
		}
		if err := read(x); err != nil {
			t.Fatal(err)
		}
		b[x.d.entry(1).place(part)+5]++
		y, err := OpenFrom(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			t.Fatal(err)
		}
		if err := read(y); err == nil || !strings.Contains(err.Error(), "block 1: "+partNames[part]+": they have changed") {
			t.Errorf("%s: %v", partNames[part], err)
		}
	}
}

// counted counts the bytes that are read. What is not in b is zeros.
type counted struct {
	b    map[int64][]byte
	read int64
}

func (c *counted) ReadAt(p []byte, at int64) (int, error) {
	clear(p)
	for from, b := range c.b {
		if from < at+int64(len(p)) && from+int64(len(b)) > at {
			copy(p[max(0, from-at):], b[max(0, at-from):])
		}
	}
	c.read += int64(len(p))
	return len(p), nil
}

var _ io.ReaderAt = (*counted)(nil)

// To open an index of a million items of 2,000 components, 7 GB, takes its roots and 44 bytes for each block to be
// read, and a bit for each part to be held.
func TestOpeningReadsNoItems(t *testing.T) {
	const n, rows = 1_000_000, 192
	d := &directory{header: header{Dim: 2000, Even: 1100, Shape: dataset.Shape{Height: 32, Width: 32, Channels: 3},
		Models: []member{{Weight: 1, At: firstData, Bytes: 0}}}}
	end := int64(firstData)
	for first := 0; first < n; first += rows {
		e := entry{at: aligned(end), first: first, rows: min(rows, n-first)}
		e.bytes = d.sizes(e.rows, e.rows*(recordSize+30), e.rows*1500)
		d.entries = e.encode(d.entries)
		end = e.end()
	}
	d.Blocks = d.all()
	b, err := d.encode()
	if err != nil {
		t.Fatal(err)
	}
	at := root{number: 1, at: aligned(end), bytes: int64(len(b)), crc: checksum.Append(0, b)}
	at.end = at.at + at.bytes
	c := &counted{b: map[int64][]byte{0: []byte(titleLine), at.offset(): at.encode(), at.at: b}}
	x, err := OpenFrom(c, at.end)
	if err != nil {
		t.Fatal(err)
	}
	if x.Len() != n || at.end < n*7000 {
		t.Errorf("%d items in %d bytes", x.Len(), at.end)
	}
	if c.read > firstData+int64(len(b)) || len(b) > 240_000 {
		t.Errorf("%d bytes are read of the %d", c.read, at.end)
	}
	if held := 4 * len(x.seen); held > 3500 {
		t.Errorf("%d bytes are held besides", held)
	}
	for _, i := range []int{0, 191, 192, 999_999} {
		if e := x.d.entry(x.block(i)); i < e.first || i >= e.first+e.rows {
			t.Errorf("item %d is said to be in a block of %d to %d", i, e.first, e.first+e.rows)
		}
	}
}

// sealed is b with sums that are right, wherever the root of the higher number leads to, so that what is behind them
// is read too.
func sealed(b []byte) []byte {
	if len(b) < firstData {
		return b
	}
	b = slices.Clone(b)
	copy(b, titleLine)
	at, other := decodeRoot(b[page:][:rootSize]), decodeRoot(b[2*page:][:rootSize])
	if other.number > at.number {
		at = other
	}
	size := int64(len(b))
	if at.at < firstData || at.at > size-4 || at.bytes < 4 || at.bytes > size-at.at {
		return b
	}
	d := &directory{entries: b[at.at+4 : at.at+at.bytes]}
	n := int64(binary.LittleEndian.Uint32(b[at.at:]))
	if n <= at.bytes-4 && json.Unmarshal(d.entries[:n], &d.header) == nil && d.check(at.end) == nil {
		d.entries = d.entries[n:]
		for i := range d.all() { // sums of entries, however wrong they are
			e := d.entry(i)
			for p := range parts {
				if from := e.place(p); from >= 0 && e.bytes[p] >= 0 && from <= size-int64(e.bytes[p]) {
					e.sums[p] = checksum.Append(0, b[from:from+int64(e.bytes[p])])
				}
			}
			copy(d.entries[i*entrySize:], e.encode(nil))
		}
	}
	at.crc = checksum.Append(0, b[at.at:at.at+at.bytes])
	copy(b[at.offset():], at.encode())
	return b
}

// use reads all there is of an index, which may be wrong in every way.
func use(b []byte) error {
	ctx := context.Background()
	x, err := OpenFrom(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		return nil
	}
	for i := range x.Len() {
		_, err := x.Item(i)
		_, errPicture := x.Thumbnail(i)
		if err == nil && errPicture == nil && i > 100 {
			break
		}
	}
	query := make([]float32, x.Dim())
	query[0] = 1
	var found [][]knn.Neighbour
	if found, err = x.Search(ctx, query, 3); err == nil && len(found[0]) < min(3, x.Len()) {
		return fmt.Errorf("%d neighbours of %d", len(found[0]), x.Len())
	}
	for _, err := range x.Blocks(ctx, 5) {
		if err != nil {
			break
		}
	}
	_ = x.Check(ctx, nil)
	return nil
}

// Whatever a file has, reading it ends, with an error or without, and takes no more memory than the file has bytes.
func FuzzOpen(f *testing.F) {
	whole := contents(f, fileOf(f, 12, randomPile(1, "photo", 20, 9, 4)))
	f.Add(whole, true)
	f.Add(whole[:len(whole)-40], false)
	f.Fuzz(func(t *testing.T, b []byte, seal bool) {
		if seal {
			b = sealed(b)
		}
		if err := use(b); err != nil {
			t.Error(err)
		}
	})
}

// The same of an index some bytes of which are others, with sums that are right.
func FuzzChanged(f *testing.F) {
	whole := contents(f, fileOf(f, 12, randomPile(1, "photo", 20, 9, 4)))
	rapidtest.Fuzz(f, func(rt *rapid.T) {
		b := slices.Clone(whole)
		x, err := OpenFrom(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			rt.Fatal(err)
		}
		for range rapid.IntRange(1, 4).Draw(rt, "changes") {
			from := rapid.SampledFrom([]int64{x.at.offset(), x.at.at, x.d.entry(0).place(codes), x.d.entry(0).place(items), x.d.entry(1).place(halves)}).Draw(rt, "part")
			at := from + rapid.Int64Range(0, 400).Draw(rt, "byte")
			if at < int64(len(b)) {
				b[at] = rapid.Byte().Draw(rt, "value")
			}
		}
		if err := use(sealed(b)); err != nil {
			rt.Error(err)
		}
	})
}
