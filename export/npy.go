package export

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/sparse-manifold/smt/internal/atomicfile"
)

// NPYValue is an element type of a .npy file: float32 for embeddings, int64 for
// labels, the type numpy itself gives to integers.
type NPYValue interface{ float32 | int64 }

// maxRank is the most dimensions every version of numpy can load.
const maxRank = 32

// NPY writes an array to a NumPy .npy file (version 1.0, little-endian, C order)
// as its rows come, so that memory does not grow with the array.
//
// We have a writer of our own because sbinet/npyio takes the whole array as one
// value, and the embeddings of a large collection (13 GB for a million images)
// do not fit beside the model. The format is 128 bytes and the values.
//
// The file appears at its path when Close succeeds, complete, or not at all.
// An NPY is for one goroutine at a time.
type NPY[T NPYValue] struct {
	path    string
	file    *atomicfile.File
	w       *bufio.Writer
	promise int64 // values the shape promises
	written int64 // values so far
	err     error // the first failure, or fs.ErrClosed: what every later call returns
}

// NewNPY begins the file at path, an array of the given shape in row-major
// order; the rows must then be appended and the file closed:
//
//	w, err := export.NewNPY[float32](path, n, d)
//	if err != nil { … }
//	defer w.Abort() // does nothing once Close has succeeded
//	for … { if err := w.Append(row); err != nil { … } }
//	return w.Close()
//
// It fails for a negative dimension, more than 32 of them, a size beyond 2⁶³-1
// bytes, and when the path's folder cannot be written to.
func NewNPY[T NPYValue](path string, shape ...int) (*NPY[T], error) {
	n, err := count[T](shape)
	if err != nil {
		return nil, fmt.Errorf("export: %s: %w", path, err)
	}
	f, err := atomicfile.Create(path)
	if err != nil {
		return nil, fmt.Errorf("export: %w", err)
	}
	w := &NPY[T]{path: path, file: f, w: bufio.NewWriterSize(f, 1<<20), promise: n}
	_, _ = w.w.Write(npyHeader[T](shape)) // shorter than the buffer: it cannot fail yet
	return w, nil
}

// Append writes the next values in row-major order: a row, several, or part of
// one. It fails, and the file with it, when there are more than the shape
// promised or the disk refuses them.
func (w *NPY[T]) Append(values []T) error {
	if w.err != nil {
		return w.err
	}
	if int64(len(values)) > w.promise-w.written {
		return w.fail(fmt.Errorf("export: %s: %d values, the shape promised %d",
			w.path, w.written+int64(len(values)), w.promise))
	}
	for len(values) > 0 {
		free := w.w.AvailableBuffer()
		n := min(len(values), cap(free)/size[T]())
		if n == 0 { // less than a value is left of the buffer
			if err := w.w.Flush(); err != nil {
				return w.fail(fmt.Errorf("export: %w", err))
			}
			continue
		}
		if _, err := w.w.Write(appendValues(free, values[:n])); err != nil {
			return w.fail(fmt.Errorf("export: %w", err))
		}
		values, w.written = values[n:], w.written+int64(n)
	}
	return nil
}

// Close puts the file at its path, replacing one that is there. It fails when
// fewer values were appended than the shape promised, when an Append had failed,
// and when the disk does; then nothing is left behind and what was at the path
// is untouched.
func (w *NPY[T]) Close() error {
	if w.err != nil {
		return w.err
	}
	if w.written != w.promise {
		return w.fail(fmt.Errorf("export: %s: %d values, the shape promised %d", w.path, w.written, w.promise))
	}
	if err := w.w.Flush(); err != nil {
		return w.fail(fmt.Errorf("export: %w", err))
	}
	if err := w.file.CloseAtomicallyReplace(); err != nil {
		return w.fail(fmt.Errorf("export: %w", err))
	}
	w.err = closedError(w.path)
	return nil
}

// Abort gives the file up and removes what was written; what was at the path
// is untouched. After Close it does nothing.
func (w *NPY[T]) Abort() {
	if w.err == nil {
		w.fail(closedError(w.path))
	}
}

// fail removes the temporary file and makes err the answer to every later call.
func (w *NPY[T]) fail(err error) error {
	w.err = errors.Join(err, w.file.Cleanup())
	return w.err
}

func closedError(path string) error { return fmt.Errorf("export: %s: %w", path, fs.ErrClosed) }

// size is the number of bytes of a T.
func size[T NPYValue]() int { return binary.Size(*new(T)) }

// count is the number of values of the shape.
func count[T NPYValue](shape []int) (int64, error) {
	if len(shape) > maxRank {
		return 0, fmt.Errorf("shape of %d dimensions, at most %d can be read", len(shape), maxRank)
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
