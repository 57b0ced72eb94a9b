package index

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"

	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/internal/checksum"
	"github.com/sparse-manifold/smt/internal/half"
	"github.com/sparse-manifold/smt/internal/plural"
	"github.com/sparse-manifold/smt/internal/strictjson"
	"github.com/sparse-manifold/smt/knn"
)

// A directory is what an index has: the length of a JSON object in four bytes, the object, and an entry of entrySize
// bytes for each block.
type directory struct {
	header
	entries []byte
}

const (
	mostDirectory = 1 << 30 // bytes: 25 million blocks
	mostDim       = 1 << 20
	mostItems     = math.MaxInt32
	mostClasses   = 1 << 20
	mostMembers   = 1 << 10
)

// header is what holds for all blocks.
type header struct {
	Dim     int           `json:"dim"`
	Even    int           `json:"even"` // -1 if flips cannot be told
	Shape   dataset.Shape `json:"shape"`
	Depth   int           `json:"depth,omitempty"`
	Models  []member      `json:"models"`
	Classes []string      `json:"classes"`
	Blocks  int           `json:"blocks"` // of the items; pending ones come after them
	Pending int           `json:"pending,omitempty"`
}

// member is a model of the index: where its file lies in this one, and how it takes part.
type member struct {
	Name   string  `json:"name"`
	Gray   bool    `json:"gray,omitempty"`
	Weight float64 `json:"weight"`
	At     int64   `json:"at"`
	Bytes  int64   `json:"bytes"`
	Digest string  `json:"sha256"`
}

func (h header) check(size int64) error {
	switch {
	case h.Dim < 1 || h.Dim > mostDim:
		return fmt.Errorf("dim is %d: want 1 to %d", h.Dim, mostDim)
	case h.Even < -1 || h.Even > h.Dim:
		return fmt.Errorf("even is %d: want -1 to dim, %d", h.Even, h.Dim)
	case h.Shape.Height < 1 || h.Shape.Width < 1 || h.Shape.Height > mostSide || h.Shape.Width > mostSide || h.Shape.Channels != 1 && h.Shape.Channels != 3:
		return fmt.Errorf("shape is %d × %d × %d: want sides of 1 to %d, and 1 or 3 channels", h.Shape.Height, h.Shape.Width, h.Shape.Channels, mostSide)
	case h.Depth < 0 || h.Depth > 16:
		return fmt.Errorf("depth is %d: want 0 to 16", h.Depth)
	case len(h.Classes) > mostClasses:
		return fmt.Errorf("there are %s: want at most %d", plural.Of(len(h.Classes), "class"), mostClasses)
	case len(h.Models) < 1 || len(h.Models) > mostMembers:
		return fmt.Errorf("there are %s: want 1 to %d", plural.Of(len(h.Models), "model"), mostMembers)
	case h.Blocks < 0 || h.Pending < 0:
		return fmt.Errorf("there are %d blocks, and %d pending: want no negative number", h.Blocks, h.Pending)
	}
	for i, m := range h.Models {
		if !(m.Weight > 0) || math.IsInf(m.Weight, 1) {
			return fmt.Errorf("model %d has weight %g: want a positive number", i, m.Weight)
		}
		if m.At < firstData || m.Bytes < 0 || m.Bytes > size-m.At {
			return fmt.Errorf("model %d is at %d to %d: want a place in the file, which has %s", i, m.At, m.At+m.Bytes, plural.Of(size, "byte"))
		}
	}
	return nil
}

// split is the number of even values for package knn, to which a vector whose flip cannot be told has no odd ones.
func (h header) split() int {
	if h.Even < 0 {
		return h.Dim
	}
	return h.Even
}

// Parts of a block, in their order there.
const (
	coarse = iota
	codes
	halves
	items
	pictures
	parts
)

var partNames = [parts]string{"coarse codes", "codes", "halves", "items", "pictures"}

// entry is where a block is.
type entry struct {
	at    int64
	first int // item
	rows  int
	bytes [parts]int    // the first three follow from rows and dim
	sums  [parts]uint32 // CRC-32C
}

const entrySize = 8 + 4 + 4 + 4 + 4 + 4*parts

// align is what parts begin at a multiple of.
const align = 64

func aligned(n int64) int64 { return (n + align - 1) / align * align }

// place is where a part begins.
func (e entry) place(part int) int64 {
	at := e.at
	for p := range part {
		at = aligned(at + int64(e.bytes[p]))
	}
	return at
}

// end is where the block ends.
func (e entry) end() int64 { return e.place(pictures) + int64(e.bytes[pictures]) }

func (e entry) encode(b []byte) []byte {
	b = binary.LittleEndian.AppendUint64(b, uint64(e.at))
	for _, n := range []int{e.first, e.rows, e.bytes[items], e.bytes[pictures]} {
		b = binary.LittleEndian.AppendUint32(b, uint32(n))
	}
	for _, sum := range e.sums {
		b = binary.LittleEndian.AppendUint32(b, sum)
	}
	return b
}

// entry is that of block i.
func (d *directory) entry(i int) (e entry) {
	b := d.entries[i*entrySize : (i+1)*entrySize]
	number := func(at int) int { return int(binary.LittleEndian.Uint32(b[at:])) }
	e.at = int64(binary.LittleEndian.Uint64(b))
	e.first, e.rows = number(8), number(12)
	e.bytes = d.sizes(e.rows, number(16), number(20))
	for p := range parts {
		e.sums[p] = uint32(number(24 + 4*p))
	}
	return e
}

func (d *directory) sizes(rows, itemBytes, pictureBytes int) [parts]int {
	r, _ := knn.NewRounded(d.Dim, d.split()) // the header was checked
	return [parts]int{r.CoarseBytes(rows), r.Bytes(rows), rows * d.Dim * half.Size, itemBytes, pictureBytes}
}

// all is how many blocks there are, with pending ones.
func (d *directory) all() int { return len(d.entries) / entrySize }

// rows are the items of the first blocks.
func (d *directory) rows(blocks int) int {
	if blocks == 0 {
		return 0
	}
	last := d.entry(blocks - 1)
	return last.first + last.rows
}

func (d *directory) encode() ([]byte, error) {
	text, err := json.Marshal(d.header)
	if err != nil {
		return nil, err
	}
	b := binary.LittleEndian.AppendUint32(nil, uint32(len(text)))
	b = append(append(b, text...), d.entries...)
	if len(b) > mostDirectory {
		return nil, fmt.Errorf("the directory has %s: want at most %d", plural.Of(len(b), "byte"), mostDirectory)
	}
	return b, nil
}

// readDirectory reads the directory of a root. Every place and size in it lies in the file, before the end of the root.
func readDirectory(r region, at root) (*directory, error) {
	b, err := r.bytes(at.at, int(at.bytes))
	if err != nil {
		return nil, fmt.Errorf("directory: %w", err)
	}
	if sum := checksum.Append(0, b); sum != at.crc {
		return nil, fmt.Errorf("the directory has changed: its checksum is %s, %s was written", checksum.Text(sum), checksum.Text(at.crc))
	}
	n := int64(binary.LittleEndian.Uint32(b))
	if n > int64(len(b))-4 {
		return nil, fmt.Errorf("directory: its header has %s: want at most %d", plural.Of(n, "byte"), len(b)-4)
	}
	d := &directory{entries: b[4+n:]}
	if err := strictjson.Unmarshal(b[4:4+n], &d.header); err != nil {
		return nil, fmt.Errorf("directory: %w", err)
	}
	if err := d.check(at.end); err != nil {
		return nil, fmt.Errorf("directory: %w", err)
	}
	if have := len(d.entries); have%entrySize != 0 || d.all() != d.Blocks+d.Pending {
		return nil, fmt.Errorf("directory: %s of entries: want %d for each of %d blocks", plural.Of(have, "byte"), entrySize, d.Blocks+d.Pending)
	}
	end, first := int64(firstData), 0
	for i := range d.all() {
		e := d.entry(i)
		if err := e.check(end, first, at.end); err != nil {
			return nil, fmt.Errorf("directory: block %d: %w", i, err)
		}
		end, first = e.end(), first+e.rows
	}
	return d, nil
}

// check holds an entry against the end of the block before it, its items, and the end of the file.
func (e entry) check(after int64, first int, size int64) error {
	n := int64(e.rows)
	switch {
	case n < 1 || n > knn.MostRounded || first > mostItems-e.rows:
		return fmt.Errorf("%s after %d: want 1 to %d, and no more than %d in all", plural.Of(e.rows, "item"), first, knn.MostRounded, mostItems)
	case e.first != first:
		return fmt.Errorf("it begins with item %d: want %d", e.first, first)
	case int64(e.bytes[items]) < n*recordSize || int64(e.bytes[items]) > n*(recordSize+mostID):
		return fmt.Errorf("its %s have %s: want %d to %d", plural.Of(e.rows, "item"), plural.Of(e.bytes[items], "byte"), n*recordSize, n*(recordSize+mostID))
	case int64(e.bytes[pictures]) > n*mostPicture:
		return fmt.Errorf("its pictures have %s: want at most %d", plural.Of(e.bytes[pictures], "byte"), n*mostPicture)
	case e.at < after || e.at%align != 0 || e.at > size || e.end() > size:
		return fmt.Errorf("it is at %d to %d: want a multiple of %d from %d on, and an end before %d", e.at, e.end(), align, after, size)
	}
	return nil
}
