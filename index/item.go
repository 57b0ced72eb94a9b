package index

import (
	"fmt"
	"github.com/sparse-manifold/smt/internal/checksum"
)

// block is the block of an item.
func (x *Index) block(item int) int {
	if item < 0 || item >= x.n {
		panic(fmt.Sprintf("index: item %d of %d", item, x.n))
	}
	lo, hi := 0, x.blocks
	for hi-lo > 1 {
		if mid := (lo + hi) / 2; x.d.entry(mid).first <= item {
			lo = mid
		} else {
			hi = mid
		}
	}
	return lo
}

// part is a part of a block.
func (x *Index) part(block, part int) ([]byte, error) {
	return x.piece(block, part, 0, x.d.entry(block).bytes[part])
}

// piece is n bytes of a part of a block, from one on. The part is held against its sum when it is first read.
func (x *Index) piece(block, part, from, n int) (b []byte, err error) {
	e := x.d.entry(block)
	bit := block*parts + part
	word, mask := &x.seen[bit/32], uint32(1)<<(bit%32)
	if word.Load()&mask != 0 {
		b, err = x.r.bytes(e.place(part)+int64(from), n)
	} else if b, err = x.r.bytes(e.place(part), e.bytes[part]); err == nil {
		if err = x.verify(b, e, part); err == nil {
			word.Or(mask)
			b = b[from : from+n]
		}
	}
	if err != nil {
		return nil, fmt.Errorf("index: %s: block %d: %s: %w", x.name, block, partNames[part], err)
	}
	return b, nil
}

func (x *Index) verify(b []byte, e entry, part int) error {
	if sum := checksum.Append(0, b); sum != e.sums[part] {
		return fmt.Errorf("they have changed: their checksum is %s, %s was written", checksum.Text(sum), checksum.Text(e.sums[part]))
	}
	switch part {
	case coarse:
		return faultOf(x.scan.CoarseFault(b, e.rows), e)
	case codes:
		return faultOf(x.scan.Fault(b, e.rows), e)
	case halves:
		return checkHalves(b, e, x.d.Dim)
	case items:
		return checkItems(b, e, len(x.d.Classes))
	}
	return nil
}

// faultOf is the error of a row of a block, -1 for none.
func faultOf(row int, e entry) error {
	if row < 0 {
		return nil
	}
	return fmt.Errorf("item %d: its unit or the length of what rounding took is no such number", e.first+row)
}

// record is that of an item, the one before it in its block, and the text of its block's ids.
func (x *Index) record(i int) (r, before record, text []byte, err error) {
	block := x.block(i)
	b, err := x.part(block, items)
	if err != nil {
		return r, before, nil, err
	}
	e := x.d.entry(block)
	at := i - e.first
	if at > 0 {
		before = decodeRecord(b[(at-1)*recordSize:])
	}
	return decodeRecord(b[at*recordSize:]), before, b[e.rows*recordSize:], nil
}

// Item is what is known of item i. It panics if i is out of range.
func (x *Index) Item(i int) (Item, error) {
	r, before, text, err := x.record(i)
	if err != nil {
		return Item{}, err
	}
	item := Item{ID: string(text[before.idEnd:r.idEnd]), Width: int(r.width), Height: int(r.height)}
	if r.class >= 0 {
		item.Label = x.d.Classes[r.class]
	}
	return item, nil
}

// ID is the id of item i. It panics if i is out of range.
func (x *Index) ID(i int) (string, error) {
	item, err := x.Item(i)
	return item.ID, err
}

// Thumbnail is a small picture of item i, a JPEG or PNG file. It is not to be written to, and is valid until Close.
func (x *Index) Thumbnail(i int) ([]byte, error) {
	r, before, _, err := x.record(i)
	if err != nil {
		return nil, err
	}
	b, err := x.part(x.block(i), pictures)
	if err != nil {
		return nil, err
	}
	return b[before.pictureEnd:r.pictureEnd:r.pictureEnd], nil
}
