package vector

import (
	"fmt"
	"math"

	"github.com/parquet-go/parquet-go/format"

	"github.com/sparse-manifold/smt/internal/memory"
	"github.com/sparse-manifold/smt/internal/plural"
)

// spreadSize is the size of a spread.
const spreadSize = 24

// enough reports what takes more bytes than there is room for, before it is allocated. What a file states may
// be any number.
func enough(what string, bytes float64, room memory.Room) error {
	if room.Bytes == 0 || bytes <= float64(room.Bytes) {
		return nil
	}
	return fmt.Errorf("%s take %.1f GB of memory, and %s leaves %.1f: want fewer points, or fewer values of each", what, bytes/1e9, room.By, float64(room.Bytes)/1e9)
}

// bound sums the values that are stated of each column, and reports more than there is room for. A few bytes may
// state, and unpack to, any number.
func (t *table) bound(groups []format.RowGroup, room memory.Room) error {
	const (
		value    = 9 // bytes: a float32 in a slice that grows, and its place among the points
		unpacked = 6 // bytes: two levels, and an index into a dictionary
	)
	var all, chunk float64
	for _, g := range groups {
		if len(g.Columns) != len(t.columns) {
			return fmt.Errorf("a row group has %s: want %d", plural.Of(len(g.Columns), "column"), len(t.columns))
		}
		for c := range g.Columns {
			m := &g.Columns[c].MetaData
			if m.NumValues < 0 || m.TotalUncompressedSize < 0 || m.NumValues > math.MaxInt64-t.stated[c] {
				return fmt.Errorf("column %q is said to have %s, of %s", t.name(c), plural.Of(m.NumValues, "value"), plural.Of(m.TotalUncompressedSize, "byte"))
			}
			t.stated[c] += m.NumValues
			all += float64(m.NumValues)
			chunk = max(chunk, float64(m.TotalUncompressedSize)+unpacked*float64(m.NumValues)) // which may be one page
		}
	}
	dim := all / float64(max(1, t.rows)) // of lists, if they are as long
	return enough(fmt.Sprintf("%.0f values", all), value*all+2*spreadSize*dim+chunk, room)
}
