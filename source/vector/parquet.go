package vector

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"

	"github.com/sparse-manifold/smt/internal/memory"
	"github.com/sparse-manifold/smt/internal/plural"
)

const parquetMagic = "PAR1"

// readParquet reads the points of a Parquet file: its columns, all of numbers, are the values
// of a point; or its one column has lists of numbers, all of one length.
func readParquet(f io.ReaderAt, size int64, room memory.Room) (p *Points, err error) {
	// The library panics at some damaged files.
	defer func() {
		if r := recover(); r != nil {
			p, err = nil, fmt.Errorf("is damaged: %v", r)
		}
	}()
	if err := checkFooter(f, size); err != nil {
		return nil, err
	}
	file, err := parquet.OpenFile(f, size, parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true))
	if err != nil {
		return nil, err
	}
	if err := checkCodecs(file.Metadata().RowGroups); err != nil {
		return nil, err
	}
	columns, err := numberColumns(file.Root(), halves(file.Metadata().Schema))
	if err != nil {
		return nil, err
	}
	rows := file.NumRows()
	if rows < 1 {
		return nil, errors.New("has no rows")
	}
	t := &table{columns: columns, list: columns[0].MaxRepetitionLevel() > 0, rows: rows, stated: make([]int64, len(columns))}
	if err := t.bound(file.Metadata().RowGroups, room); err != nil {
		return nil, err
	}
	for _, group := range file.RowGroups() {
		for c, chunk := range group.ColumnChunks() {
			if err := t.readChunk(c, chunk); err != nil {
				return nil, err
			}
		}
		t.from += group.NumRows()
	}
	return t.points()
}

// checkFooter holds the size of the footer, which is allocated, against that of the file.
func checkFooter(f io.ReaderAt, size int64) error {
	const around = 12 // the magic before and after it, and its length
	if size < around {
		return fmt.Errorf("has %s: want at least %d", plural.Of(size, "byte"), around)
	}
	b := make([]byte, 8)
	if n, err := f.ReadAt(b, size-8); n < len(b) {
		return err
	}
	if string(b[4:]) != parquetMagic {
		return fmt.Errorf("ends with %q: want %q, the end of a whole Parquet file", b[4:], parquetMagic)
	}
	if n := int64(binary.LittleEndian.Uint32(b)); n > size-around {
		return fmt.Errorf("footer is said to have %s, of a file of %d", plural.Of(n, "byte"), size)
	}
	return nil
}

// checkCodecs refuses columns compressed by LZ4: of some of them the library makes other values at every reading, and
// no error.
func checkCodecs(groups []format.RowGroup) error {
	for _, g := range groups {
		for _, c := range g.Columns {
			if codec := c.MetaData.Codec; codec == format.Lz4Raw || codec == format.Lz4 {
				return fmt.Errorf("column %q is compressed by %v: want Snappy, gzip, Zstandard, Brotli or none", strings.Join(c.MetaData.PathInSchema, "."), codec)
			}
		}
	}
	return nil
}

// numberColumns are the leaves of a schema, if they are all numbers in columns, or one
// column of lists. half has the indices of those that are of halves.
func numberColumns(root *parquet.Column, half map[int]bool) (all []*parquet.Column, err error) {
	var lists []string
	for _, top := range root.Columns() {
		leaf := top
		for !leaf.Leaf() {
			inner := leaf.Columns()
			if len(inner) != 1 {
				return nil, fmt.Errorf("column %q has %s: want numbers, or lists of them", top.Name(), plural.Of(len(inner), "part"))
			}
			leaf = inner[0]
		}
		if !half[leaf.Index()] && !isNumber(leaf.Type()) {
			return nil, fmt.Errorf("column %q has values of type %s: want numbers; leave it out", top.Name(), leaf.Type())
		}
		switch leaf.MaxRepetitionLevel() {
		case 0:
		case 1:
			lists = append(lists, top.Name())
		default:
			return nil, fmt.Errorf("column %q has lists of lists: want numbers, or lists of them", top.Name())
		}
		all = append(all, leaf)
	}
	switch {
	case len(all) == 0:
		return nil, errors.New("has no columns")
	case len(lists) > 0 && len(all) > 1:
		return nil, fmt.Errorf("column %q has lists, and there are %s: want it alone, or columns of numbers", lists[0], plural.Of(len(all), "column"))
	}
	return all, nil
}

// table is what is read so far.
type table struct {
	columns []*parquet.Column
	list    bool // the one column has lists
	rows    int64
	from    int64       // the first row of the row group
	stated  []int64     // values of each column, as the metadata say
	values  [][]float32 // of each column
	spreads []spread    // of each value of a point
	dim     int         // of lists, 0 before the first is whole
}

// readChunk reads the values of column c in a row group.
func (t *table) readChunk(c int, chunk parquet.ColumnChunk) (err error) {
	for len(t.values) <= c {
		t.values = append(t.values, nil)
	}
	pages := chunk.Pages()
	defer func() { err = errors.Join(err, pages.Close()) }()
	buffer := make([]parquet.Value, 4096)
	row := t.from - 1
	for {
		page, err := pages.ReadPage()
		if err == io.EOF {
			return t.endList(c, row)
		}
		if err != nil {
			return fmt.Errorf("column %q: %w", t.name(c), err)
		}
		values := page.Values()
		for err == nil {
			var n int
			if n, err = values.ReadValues(buffer); err != nil && err != io.EOF {
				break
			}
			for _, v := range buffer[:n] {
				if v.RepetitionLevel() == 0 {
					if e := t.endList(c, row); e != nil {
						err = e
						break
					}
					row++
				}
				if e := t.add(c, row, v); e != nil {
					err = e
					break
				}
			}
		}
		parquet.Release(page)
		if err != io.EOF {
			return err
		}
	}
}

func (t *table) name(c int) string { return t.columns[c].Path()[0] }

// add adds a value to a row.
func (t *table) add(c int, row int64, v parquet.Value) error {
	column := c
	if t.list {
		column = t.length()
	}
	if v.IsNull() {
		return fmt.Errorf("row %d (from 0) of column %q has no value: want a number everywhere", row, t.name(c))
	}
	if int64(len(t.values[c])) >= t.stated[c] {
		return fmt.Errorf("column %q has more than %s, which the metadata say it has", t.name(c), plural.Of(t.stated[c], "value"))
	}
	x := number(t.columns[c].Type(), v)
	if err := checkValue(x, int(row), column); err != nil {
		return err
	}
	for len(t.spreads) <= column {
		t.spreads = append(t.spreads, newSpreads(1)...)
	}
	t.values[c] = append(t.values[c], t.spreads[column].narrow(x))
	return nil
}

// length is that of the list that is being read.
func (t *table) length() int {
	if t.dim == 0 {
		return len(t.values[0])
	}
	return len(t.values[0]) % t.dim
}

// endList wants the list that ends, if any, to be as long as the first.
func (t *table) endList(c int, row int64) error {
	if !t.list || row < t.from {
		return nil
	}
	if t.dim == 0 {
		t.dim = len(t.values[c])
	}
	if have := len(t.values[c]); int64(have) != (row+1)*int64(t.dim) {
		return fmt.Errorf("row %d (from 0) of column %q has %s, the first row has %d: want as many in all", row, t.name(c), plural.Of(int64(have)-row*int64(t.dim), "value"), t.dim)
	}
	return nil
}

// points are the columns, side by side.
func (t *table) points() (*Points, error) {
	if t.list {
		if t.dim == 0 || int64(len(t.values[0])) != t.rows*int64(t.dim) {
			return nil, fmt.Errorf("column %q has %s: want %s of %d", t.name(0), plural.Of(len(t.values[0]), "value"), plural.Of(t.rows, "row"), t.dim)
		}
		return &Points{Dim: t.dim, X: t.values[0], columns: t.spreads}, nil
	}
	for c := range t.columns {
		if len(t.values) <= c || int64(len(t.values[c])) != t.rows {
			return nil, fmt.Errorf("column %q has other than %s, as there are rows", t.name(c), plural.Of(t.rows, "value"))
		}
	}
	dim := len(t.columns)
	p := &Points{Dim: dim, X: make([]float32, int(t.rows)*dim), columns: t.spreads}
	for c, values := range t.values {
		for i, v := range values {
			p.X[i*dim+c] = v
		}
	}
	return p, nil
}
