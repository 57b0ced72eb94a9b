package jpegplanes

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// Codes are read as the canonical ones of their lengths (T.81, annex C).
func TestHuffman(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		counts := make([]uint8, 16)
		var codes []string
		next := 0 // the next code, of the current length
		for i := range counts {
			next *= 2
			n := rapid.IntRange(0, min(1<<(i+1)-next, 12)).Draw(r, "count")
			counts[i] = uint8(n)
			for range n {
				codes = append(codes, fmt.Sprintf("%0*b", i+1, next))
				next++
			}
		}
		if len(codes) == 0 {
			return
		}
		values := make([]uint8, len(codes))
		for i := range values {
			values[i] = uint8(7 * i)
		}
		table, err := newHuffman(counts, values)
		if err != nil {
			r.Fatal(err)
		}
		text, want := "", []uint8{}
		for range rapid.IntRange(1, 50).Draw(r, "symbols") {
			i := rapid.IntRange(0, len(codes)-1).Draw(r, "symbol")
			text += codes[i]
			want = append(want, values[i])
		}
		text += strings.Repeat("1", (8-len(text)%8)%8)
		var file []byte
		for ; text != ""; text = text[8:] {
			var b byte
			fmt.Sscanf(text[:8], "%b", &b)
			if file = append(file, b); b == 0xff {
				file = append(file, 0)
			}
		}
		d := newDecoder(bytes.NewReader(append(file, 0xff, 0xff, markerEOI)))
		for i, w := range want {
			if got, err := d.bits.symbol(table); err != nil || got != w {
				r.Fatalf("symbol %d is %d, %v, want %d", i, got, err, w)
			}
		}
		if marker, err := d.bits.end(); err != nil || marker != markerEOI {
			r.Fatalf("then marker %#x, %v", marker, err)
		}
	})
	if _, err := newHuffman([]uint8{3, 15: 0}, []uint8{1, 2, 3}); err == nil {
		t.Error("three codes of one bit were taken")
	}
}
