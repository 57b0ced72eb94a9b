package readout

import (
	"encoding/binary"

	"github.com/sparse-manifold/smt/internal/half"
)

// A tile has side × side values of K. Whole, it is their halves. Of a kernel that is cut off it has those that are not zero
// alone:
//
//	counts   side × uint16   how many each row has
//	columns  a byte each     row by row, in increasing order
//	values   a half each     in the same order
const (
	// side is that of a tile: a column is a byte.
	side = 256
	// countsSize is the bytes of the counts of a tile, entrySize those of a value and its column.
	countsSize = 2 * side
	entrySize  = 1 + half.Size
)

// whole is the number of tiles that n items take.
func whole(n int) int { return (n + side - 1) / side }

// encode is a tile of values, of which cut says that many are zero.
func encode(values []float32, cut bool) []byte {
	if !cut {
		b := make([]byte, side*side*half.Size)
		half.Encode(b, values)
		return b
	}
	var kept []float32
	var columns []byte
	counts := make([]byte, 0, countsSize)
	for r := range side {
		before := len(kept)
		for c, v := range values[r*side : (r+1)*side] {
			if v != 0 {
				kept, columns = append(kept, v), append(columns, byte(c))
			}
		}
		counts = binary.LittleEndian.AppendUint16(counts, uint16(len(kept)-before))
	}
	b := make([]byte, countsSize+entrySize*len(kept))
	copy(b[copy(b, counts):], columns)
	half.Encode(b[countsSize+len(kept):], kept)
	return b
}

// decode writes a tile to values; kept has room for as many.
func decode(values, kept []float32, tile []byte, cut bool) {
	if !cut {
		half.Decode(values, tile)
		return
	}
	clear(values)
	n := (len(tile) - countsSize) / entrySize
	columns := tile[countsSize : countsSize+n]
	half.Decode(kept[:n], tile[countsSize+n:])
	at := 0
	for r := range side {
		row := values[r*side : (r+1)*side]
		for range binary.LittleEndian.Uint16(tile[2*r:]) {
			row[columns[at]] = kept[at]
			at++
		}
	}
}
