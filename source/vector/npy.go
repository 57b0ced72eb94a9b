package vector

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/sparse-manifold/smt/internal/half"
	"github.com/sparse-manifold/smt/internal/memory"
	"github.com/sparse-manifold/smt/internal/plural"
)

// blockValues is how many values are read at a time.
const blockValues = 1 << 16

const npyMagic = "\x93NUMPY"

// maxHeader bounds the header of an .npy file, as NumPy's own reader does.
const maxHeader = 10_000

// readNPY reads a two-dimensional array of numbers: format versions 1 to 3
// (numpy.lib.format), floats of 2, 4 and 8 bytes, integers and booleans, of either byte order, row by row or column by
// column. Nothing is allocated that the size of the file does not justify, or that room is too small for.
func readNPY(f io.ReaderAt, size int64, room memory.Room) (*Points, error) {
	text, start, err := npyHeader(f, size)
	if err != nil {
		return nil, fmt.Errorf("header: %w", err)
	}
	h, err := parseNPY(text)
	if err != nil {
		return nil, fmt.Errorf("header %.200q: %w", text, err)
	}
	if len(h.shape) != 2 {
		return nil, fmt.Errorf("header: shape has %s: want 2, points and their values", plural.Of(len(h.shape), "dimension"))
	}
	value, width, err := npyValue(h.descr)
	if err != nil {
		return nil, fmt.Errorf("header: %w", err)
	}
	rows, columns := h.shape[0], h.shape[1]
	if rows < 1 || columns < 1 {
		return nil, fmt.Errorf("header: shape is (%d, %d): want at least one point of at least one value", rows, columns)
	}
	values := (size - start) / int64(width)
	if int64(rows) > values/int64(columns) || int64(rows)*int64(columns)*int64(width) != size-start {
		return nil, fmt.Errorf("has %s of values: want %d × %d of %s, as the header says", plural.Of(size-start, "byte"), rows, columns, plural.Of(width, "byte"))
	}
	if err := enough(fmt.Sprintf("%d × %d values", rows, columns), float64(columns)*(4*float64(rows)+spreadSize), room); err != nil {
		return nil, err
	}
	p := &Points{Dim: columns, X: make([]float32, rows*columns), columns: newSpreads(columns)}
	block := make([]byte, min(blockValues, len(p.X))*width)
	row, column := 0, 0
	for done := 0; done < len(p.X); {
		n := min(blockValues, len(p.X)-done)
		if got, err := f.ReadAt(block[:n*width], start+int64(done)*int64(width)); got < n*width {
			return nil, fmt.Errorf("value %d: %w", done+got/width, err)
		}
		for i := range n {
			v := value(block[i*width:])
			if !(math.Abs(v) <= MaxSize) {
				return nil, checkValue(v, row, column)
			}
			p.X[row*columns+column] = p.columns[column].narrow(v)
			if h.fortran {
				if row++; row == rows {
					row, column = 0, column+1
				}
			} else if column++; column == columns {
				row, column = row+1, 0
			}
		}
		done += n
	}
	return p, nil
}

// npyHeader is the text of the header and where the values start.
func npyHeader(f io.ReaderAt, size int64) (text string, start int64, err error) {
	prefix := make([]byte, 12)
	n, err := f.ReadAt(prefix, 0)
	if n < len(prefix) {
		return "", 0, errors.Join(fmt.Errorf("the file has %s: want at least %d", plural.Of(n, "byte"), len(prefix)), notEOF(err))
	}
	var length int64
	switch major := prefix[6]; major {
	case 1:
		length, start = int64(binary.LittleEndian.Uint16(prefix[8:])), 10
	case 2, 3:
		length, start = int64(binary.LittleEndian.Uint32(prefix[8:])), 12
	default:
		return "", 0, fmt.Errorf("format version is %d.%d: want 1, 2 or 3", major, prefix[7])
	}
	if length > maxHeader || length > size-start {
		return "", 0, fmt.Errorf("is said to have %s: want at most %d, and no more than the file", plural.Of(length, "byte"), maxHeader)
	}
	b := make([]byte, length)
	if n, err := f.ReadAt(b, start); n < len(b) {
		return "", 0, err
	}
	return string(b), start + length, nil
}

func notEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

// npyValue returns how a value of a type, as NumPy describes it, is read, and its bytes.
func npyValue(descr string) (value func([]byte) float64, width int, err error) {
	if len(descr) != 3 {
		return nil, 0, errType(descr)
	}
	var order binary.ByteOrder = binary.LittleEndian
	width = int(descr[2] - '0')
	switch {
	case descr[0] == '>':
		order = binary.BigEndian
	case descr[0] != '<' && (descr[0] != '|' || width != 1):
		return nil, 0, errType(descr)
	}
	switch descr[1:] {
	case "f2":
		return func(b []byte) float64 {
			var x [1]float32
			half.Decode(x[:], binary.LittleEndian.AppendUint16(nil, order.Uint16(b)))
			return float64(x[0])
		}, width, nil
	case "f4":
		return func(b []byte) float64 { return float64(math.Float32frombits(order.Uint32(b))) }, width, nil
	case "f8":
		return func(b []byte) float64 { return math.Float64frombits(order.Uint64(b)) }, width, nil
	case "i1":
		return func(b []byte) float64 { return float64(int8(b[0])) }, width, nil
	case "i2":
		return func(b []byte) float64 { return float64(int16(order.Uint16(b))) }, width, nil
	case "i4":
		return func(b []byte) float64 { return float64(int32(order.Uint32(b))) }, width, nil
	case "i8":
		return func(b []byte) float64 { return float64(int64(order.Uint64(b))) }, width, nil
	case "u1", "b1":
		return func(b []byte) float64 { return float64(b[0]) }, width, nil
	case "u2":
		return func(b []byte) float64 { return float64(order.Uint16(b)) }, width, nil
	case "u4":
		return func(b []byte) float64 { return float64(order.Uint32(b)) }, width, nil
	case "u8":
		return func(b []byte) float64 { return float64(order.Uint64(b)) }, width, nil
	}
	return nil, 0, errType(descr)
}

func errType(descr string) error {
	return fmt.Errorf("values are of type %q: want floats, integers or booleans of up to 8 bytes", descr)
}
