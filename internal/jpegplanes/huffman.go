package jpegplanes

import (
	"bufio"
	"errors"
	"fmt"

	"github.com/sparse-manifold/smt/internal/plural"
)

var errShort = errors.New("a scan ends before its last block")

// huffman is a table of codes (T.81, annex C).
type huffman struct {
	// short is, by the next 8 bits, the length of the code that they begin with, and its value.
	short [256]struct{ length, value uint8 }
	// end is the first code of each length that is none, brought to 16 bits.
	end    [17]uint32
	offset [17]int // of the value of a code of each length, less the code
	values []uint8
}

// readHuffman reads tables of codes (T.81, B.2.4.2).
func (d *decoder) readHuffman(body []byte) error {
	for len(body) > 0 {
		class, to := body[0]>>4, body[0]&15
		if class > 1 || to > 3 || len(body) < 17 {
			return fmt.Errorf("table %d of codes, of class %d, in %s", to, class, plural.Of(len(body), "byte"))
		}
		counts := body[1:17]
		body = body[17:]
		n := 0
		for _, c := range counts {
			n += int(c)
		}
		if n > 256 || n > len(body) {
			return fmt.Errorf("a Huffman table of %s in %s", plural.Of(n, "code"), plural.Of(len(body), "byte"))
		}
		t, err := newHuffman(counts, body[:n])
		if err != nil {
			return err
		}
		d.huffman[class][to] = t
		body = body[n:]
	}
	return nil
}

// newHuffman is the table of the values, of which counts have codes of 1, 2, … 16 bits.
func newHuffman(counts, values []uint8) (*huffman, error) {
	t := &huffman{values: values}
	code, k := 0, 0
	for length := 1; length <= 16; length++ {
		t.offset[length] = k - code
		for range counts[length-1] {
			if code >= 1<<length {
				return nil, fmt.Errorf("a Huffman table with more codes of %s than there are", plural.Of(length, "bit"))
			}
			for rest := range 1 << max(0, 8-length) {
				if length <= 8 {
					t.short[code<<(8-length)|rest] = struct{ length, value uint8 }{uint8(length), values[k]}
				}
			}
			code++
			k++
		}
		t.end[length] = uint32(code) << (16 - length)
		code <<= 1
	}
	return t, nil
}

// bits are those of a scan, up to the next marker.
type bits struct {
	r      *bufio.Reader
	held   uint32 // the last n of its bits are the next
	n      int
	marker byte // that the bits ended at, 0 until they do
}

// peek are the next 16 bits, with zeros after the last.
func (b *bits) peek() (uint32, error) {
	for b.n < 16 && b.marker == 0 {
		next, err := b.r.ReadByte()
		if err != nil {
			return 0, err
		}
		if next == 0xff {
			after := next
			for after == 0xff && err == nil {
				after, err = b.r.ReadByte()
			}
			if err != nil {
				return 0, err
			}
			if b.marker = after; after != 0 { // 0 says that it was none
				break
			}
		}
		b.held = b.held<<8 | uint32(next)
		b.n += 8
	}
	if b.n < 16 {
		return b.held << (16 - b.n) & 0xffff, nil
	}
	return b.held >> (b.n - 16) & 0xffff, nil
}

// skip passes over bits that were looked at.
func (b *bits) skip(n int) error {
	if n > b.n {
		return errShort
	}
	b.n -= n
	return nil
}

// take is a number of up to 16 bits.
func (b *bits) take(n int) (int32, error) {
	if n == 0 {
		return 0, nil
	}
	next, err := b.peek()
	if err != nil {
		return 0, err
	}
	return int32(next >> (16 - n)), b.skip(n)
}

// signed is a number of so many bits, of which those that begin with 0 are negative (T.81, F.2.2.1).
func (b *bits) signed(n int) (int32, error) {
	v, err := b.take(n)
	if n > 0 && v < 1<<(n-1) {
		v += 1 - 1<<n
	}
	return v, err
}

// symbol is the value of the next code.
func (b *bits) symbol(t *huffman) (uint8, error) {
	next, err := b.peek()
	if err != nil {
		return 0, err
	}
	if s := t.short[next>>8]; s.length > 0 {
		return s.value, b.skip(int(s.length))
	}
	for length := 9; length <= 16; length++ {
		if next < t.end[length] {
			return t.values[int(next>>(16-length))+t.offset[length]], b.skip(length)
		}
	}
	if b.marker != 0 {
		return 0, errShort
	}
	return 0, errors.New("bits that are no Huffman code")
}

// end passes over what is left before the marker that bits end at.
func (b *bits) end() (marker byte, err error) {
	for b.marker == 0 && err == nil {
		b.n = 0
		_, err = b.peek()
	}
	marker = b.marker
	b.n, b.marker = 0, 0
	return marker, err
}
