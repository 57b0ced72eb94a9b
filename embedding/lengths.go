package embedding

import (
	"fmt"
	"math"

	"github.com/sparse-manifold/smt/internal/half"
)

// longest is the largest squared length of a row: a unit vector, each value rounded to a half,
// which adds a thousandth.
const longest = 1.01

// pieceLengths are squared lengths of the rows in a piece of a file: of what it has of a row
// that began before it, and of one that goes on after it; and the first whole row that is
// too long, or -1.
type pieceLengths struct {
	before, after float64
	bad           int64
	length        float64 // of that row, squared
}

// lengthsOf is those of a piece that begins with value number at of rows of dim values.
func lengthsOf(piece []byte, at, dim int64) pieceLengths {
	l := pieceLengths{bad: -1}
	for begin, end := at, at+int64(len(piece)/half.Size); begin < end; {
		next := min(end, (begin/dim+1)*dim)
		sum := half.Energy(piece[(begin-at)*half.Size : (next-at)*half.Size])
		switch {
		case begin%dim != 0:
			l.before = sum
		case next%dim != 0:
			l.after = sum
		case !(sum <= longest) && l.bad < 0:
			l.bad, l.length = begin/dim, sum
		}
		begin = next
	}
	return l
}

// checkLengths reports the first row that is too long of so many values, in pieces of
// `each` values.
func checkLengths(pieces []pieceLengths, values, dim, each int64) error {
	tooLong := func(row int64, squared float64) error {
		return fmt.Errorf("row %d: its length is %.4g, want at most 1", row, math.Sqrt(squared))
	}
	var open float64 // of the row that the last piece ended in
	for p, l := range pieces {
		begin := int64(p) * each
		end := min(begin+each, values)
		if begin%dim != 0 {
			open += l.before
			if end/dim > begin/dim && !(open <= longest) { // it ends here
				return tooLong(begin/dim, open)
			}
		}
		if l.bad >= 0 {
			return tooLong(l.bad, l.length)
		}
		if end/dim > begin/dim || begin%dim == 0 {
			open = l.after
		}
	}
	return nil
}
