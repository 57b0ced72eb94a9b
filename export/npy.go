package export

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"io/fs"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/sparse-manifold/smt/internal/plural"
)

// NPYValue is an element type of a .npy file: float32 for embeddings, int64 for
// labels, the type numpy itself gives to integers.
type NPYValue interface{ float32 | int64 }

// maxRank is the most dimensions every version of numpy can load.
const maxRank = 32

// NPY writes an array in NumPy's .npy format (version 1.0, little-endian, C order) as
// its rows come, so that memory does not grow with the array. The header, which has the
// shape, comes first: nothing is written twice, and the writer may be a pipe.
//
// We have a writer of our own because sbinet/npyio takes the whole array as one
// value, and the embeddings of a large collection (13 GB for a million images)
// do not fit beside the model. The format is 128 bytes and the values.
//
// An NPY is for one goroutine at a time.
type NPY[T NPYValue] struct {
	w       *bufio.Writer
	promise int64 // values the shape promises
	written int64 // values so far
	err     error // the first failure, or fs.ErrClosed: what every later call returns
}

// NewNPY begins an array of the given shape in row-major order; the values must then be
// appended and the array closed:
//
//	a, err := export.NewNPY[float32](w, n, d)
//	if err != nil { … }
//	for … { if err := a.Append(row); err != nil { … } }
//	return a.Close()
//
// It fails for a negative dimension, more than 32 of them, and a size beyond 2⁶³-1
// bytes.
func NewNPY[T NPYValue](w io.Writer, shape ...int) (*NPY[T], error) {
	header, err := NPYHeader[T](shape...)
	if err != nil {
		return nil, err
	}
	a, err := ContinueNPY[T](w, 0, shape...)
	if err != nil {
		return nil, err
	}
	_, _ = a.w.Write(header) // shorter than the buffer: it cannot fail yet
	return a, nil
}

// ContinueNPY goes on with an array of which the header and so many values are written.
func ContinueNPY[T NPYValue](w io.Writer, values int64, shape ...int) (*NPY[T], error) {
	n, err := count[T](shape)
	if err != nil {
		return nil, fmt.Errorf("export: %w", err)
	}
	if values < 0 || values > n {
		return nil, fmt.Errorf("export: %s are said to be there, the shape promised %d", plural.Of(values, "value"), n)
	}
	return &NPY[T]{w: bufio.NewWriterSize(w, 1<<20), promise: n, written: values}, nil
}

// NPYHeader is what comes before the values of an array.
func NPYHeader[T NPYValue](shape ...int) ([]byte, error) {
	if _, err := count[T](shape); err != nil {
		return nil, fmt.Errorf("export: %w", err)
	}
	return npyHeader[T](shape), nil
}

// Append writes the next values in row-major order: a row, several, or part of
// one. It fails, and the array with it, when there are more than the shape
// promised or the writer refuses them.
func (a *NPY[T]) Append(values []T) error {
	if a.err != nil {
		return a.err
	}
	if int64(len(values)) > a.promise-a.written {
		return a.fail(fmt.Errorf("%s, the shape promised %d", plural.Of(a.written+int64(len(values)), "value"), a.promise))
	}
	for len(values) > 0 {
		buffer := a.w.AvailableBuffer()
		n := min(len(values), cap(buffer)/size[T]())
		if n == 0 { // less than a value is left of the buffer
			if err := a.w.Flush(); err != nil {
				return a.fail(err)
			}
			continue
		}
		if _, err := a.w.Write(appendValues(buffer, values[:n])); err != nil {
			return a.fail(err)
		}
		values, a.written = values[n:], a.written+int64(n)
	}
	return nil
}

// Flush hands all values so far to the writer.
func (a *NPY[T]) Flush() error {
	if a.err != nil {
		return a.err
	}
	if err := a.w.Flush(); err != nil {
		return a.fail(err)
	}
	return nil
}

// Close hands the rest to the writer, which it does not close. It fails when fewer
// values were appended than the shape promised, when an Append had failed, and when the
// writer does.
func (a *NPY[T]) Close() error {
	if a.err == nil && a.written != a.promise {
		return a.fail(fmt.Errorf("%s, the shape promised %d", plural.Of(a.written, "value"), a.promise))
	}
	if err := a.Flush(); err != nil {
		return err
	}
	a.err = fmt.Errorf("export: %w", fs.ErrClosed)
	return nil
}

// fail makes err the answer to every later call.
func (a *NPY[T]) fail(err error) error {
	a.err = fmt.Errorf("export: %w", err)
	return a.err
}

// size is the number of bytes of a T.
func size[T NPYValue]() int { return binary.Size(*new(T)) }

// count is the number of values of the shape.
func count[T NPYValue](shape []int) (int64, error) {
	if len(shape) > maxRank {
		return 0, fmt.Errorf("shape of %s, at most %d can be read", plural.Of(len(shape), "dimension"), maxRank)
	}
	if i := slices.IndexFunc(shape, func(dim int) bool { return dim < 0 }); i >= 0 {
		return 0, fmt.Errorf("shape %v: dimension %d is negative", shape, i)
	}
	n := int64(1)
	for _, dim := range shape {
		if dim > 0 && n > math.MaxInt64/int64(size[T]())/int64(dim) {
			return 0, fmt.Errorf("shape %v overflows", shape)
		}
		n *= int64(dim)
	}
	return n, nil
}

// npyHeader is the magic, the version, the length of the dictionary and the
// dictionary, a Python literal padded with spaces and a newline so that the
// values begin at a multiple of 64 bytes and can be mapped into memory.
func npyHeader[T NPYValue](shape []int) []byte {
	descr := "<f4"
	if _, ok := any(*new(T)).(int64); ok {
		descr = "<i8"
	}
	dims := make([]string, len(shape))
	for i, dim := range shape {
		dims[i] = strconv.Itoa(dim)
	}
	tuple := strings.Join(dims, ", ")
	if len(dims) == 1 {
		tuple += "," // without it (3) is a number, not a tuple
	}
	dict := fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': (%s), }", descr, tuple)
	const prefix = 10 // magic 6, version 2, length 2
	dict += strings.Repeat(" ", 63-(prefix+len(dict))%64) + "\n"
	b := append([]byte("\x93NUMPY"), 1, 0)
	b = binary.LittleEndian.AppendUint16(b, uint16(len(dict)))
	return append(b, dict...)
}

// appendValues appends the values to b, little-endian.
func appendValues[T NPYValue](b []byte, values []T) []byte {
	switch values := any(values).(type) {
	case []float32:
		for _, v := range values {
			b = binary.LittleEndian.AppendUint32(b, math.Float32bits(v))
		}
	case []int64:
		for _, v := range values {
			b = binary.LittleEndian.AppendUint64(b, uint64(v))
		}
	}
	return b
}
