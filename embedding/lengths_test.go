package embedding

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/sparse-manifold/smt/internal/half"
)

// Rows that are longer than a unit vector, in a file with the right checksums, are refused by
// their number; those of length 1, zero, and of parts that are zero are read.
func TestLongRowsAreRefused(t *testing.T) {
	for _, dim := range []int{1, 6, 1500, 131072, 300000} { // from many rows a piece to many pieces a row
		for _, at := range []int{0, 2, 6} {
			h := random(rand.New(rand.NewPCG(3, 8)), 7, dim, 0)
			clear(h.Rows[1])
			clear(h.Rows[3][:dim/2])
			if err := open(t, written(t, h, 3)); err != nil {
				t.Fatal(err)
			}
			h.Rows[at] = slices.Repeat([]float32{0.9, -0.9, 0.9}, (dim+2)/3)[:dim]
			err := open(t, written(t, h, 3))
			if want := fmt.Sprintf("e: row %d: its length is ", at); dim > 1 && (err == nil || !strings.Contains(err.Error(), want)) || dim == 1 && err != nil {
				t.Errorf("dim %d: error %v, want %q in it", dim, err, want)
			}
		}
	}
}

// Cut into pieces anywhere, rows have the lengths that they have.
func TestLengthsOfPieces(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		rows, dim := rapid.IntRange(1, 9).Draw(rt, "rows"), rapid.IntRange(1, 9).Draw(rt, "dim")
		each := rapid.IntRange(1, 30).Draw(rt, "values of a piece")
		values := make([]float32, rows*dim)
		want := "<nil>"
		for i := rows - 1; i >= 0; i-- {
			var sum float32
			for j := range dim {
				values[i*dim+j] = rapid.SampledFrom([]float32{0, 0.25, 0.5}).Draw(rt, "value")
				sum += values[i*dim+j] * values[i*dim+j]
			}
			if sum > longest {
				want = fmt.Sprintf("row %d: its", i)
			}
		}
		raw := make([]byte, half.Size*len(values))
		half.Encode(raw, values)
		var pieces []pieceLengths
		for at := 0; at < len(values); at += each {
			pieces = append(pieces, lengthsOf(raw[half.Size*at:half.Size*min(at+each, len(values))], int64(at), int64(dim)))
		}
		if err := checkLengths(pieces, int64(len(values)), int64(dim), int64(each)); !strings.HasPrefix(fmt.Sprint(err), want) {
			rt.Errorf("error %v, want %q", err, want)
		}
	})
}
