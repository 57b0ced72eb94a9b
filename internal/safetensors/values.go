package safetensors

import (
	"context"
	"fmt"
	"io"
	"slices"

	"github.com/sparse-manifold/smt/internal/checksum"
	"github.com/sparse-manifold/smt/internal/parallel"
)

// Float32 is Values for F32.
func (f *File) Float32(name string, shape ...int) ([]float32, error) {
	return Values[float32](f, name, shape...)
}

// Float64 is Values for F64.
func (f *File) Float64(name string, shape ...int) ([]float64, error) {
	return Values[float64](f, name, shape...)
}

// Values reads the named tensor in row-major order. Its type must be T's and its
// shape the one given, of the same number of dimensions, where -1 stands for any
// size; no shape is the shape of a scalar. The error names the tensor, what was
// found and what was expected, and, for a NaN or an infinity, its index.
func Values[T Value](f *File, name string, shape ...int) ([]T, error) {
	return values[T](f, name, shape, 0, 0)
}

// Rows is Values of rows × cols, cols at least 1, of which each row is followed by zeros: rows
// are stride values apart.
func Rows[T Value](f *File, name string, rows, cols, stride int) ([]T, error) {
	return values[T](f, name, []int{rows, cols}, cols, stride)
}

func values[T Value](f *File, name string, shape []int, cols, stride int) ([]T, error) {
	out, err := placed[T](f, name, shape, cols, stride)
	if err != nil {
		return nil, fmt.Errorf("safetensors: tensor %q: %w", name, err)
	}
	return out, nil
}

// placed reads a tensor whose rows of cols values are placed stride apart. With cols 0 it is
// one row.
func placed[T Value](f *File, name string, shape []int, cols, stride int) ([]T, error) {
	i, has := f.byName[name]
	if !has {
		return nil, fmt.Errorf("not in the file")
	}
	e := &f.entries[i]
	if want := dtypeOf[T](); e.dtype != want {
		return nil, fmt.Errorf("type is %s, expected %s", e.dtype, want)
	}
	if !slices.EqualFunc(e.shape, shape, func(is, want int) bool { return is == want || want == -1 }) {
		return nil, fmt.Errorf("shape is %v, expected %v", e.shape, shape)
	}
	size := e.dtype.size()
	n := int((e.end - e.begin) / int64(size)) // no more than the file has: Read checked
	if cols == 0 {
		cols, stride = max(1, n), max(1, n)
	}
	out := make([]T, n/cols*stride)
	at := func(i int) int { return i/cols*stride + i%cols }
	sum, bad, err := inPieces(n, size, func(buf []byte, from, to int) (bad int, err error) {
		if err := readAt(f.r, buf, f.base+e.begin+int64(from*size)); err != nil {
			return -1, err
		}
		bad = -1
		for i := from; i < to; {
			end := min(to, (i/cols+1)*cols) // of what is left of the row
			part := out[at(i):][:end-i]
			decode(part, buf[(i-from)*size:])
			if k := nonFinite(part); k >= 0 && bad < 0 {
				bad = i - from + k
			}
			i = end
		}
		return bad, nil
	})
	if err != nil {
		return nil, err
	}
	// A sum first: a changed file is that, and not one with a NaN.
	if f.sums != nil && f.sums[i] != checksum.Text(sum) {
		return nil, fmt.Errorf("its values have changed: their checksum is %s, %s was written", checksum.Text(sum), f.sums[i])
	}
	if bad >= 0 {
		return nil, fmt.Errorf("the value at index %d is %v, expected a finite one", bad, out[at(bad)])
	}
	e.read = true
	return out, nil
}

// inPieces goes through n values of size bytes piece by piece, on all workers: piece fills
// buf with the bytes of the values [from, to), and returns the first of them that is not finite,
// or -1. inPieces returns the sum of all bytes, and the first that is not finite of all.
func inPieces(n, size int, piece func(buf []byte, from, to int) (bad int, err error)) (sum uint32, bad int, err error) {
	step := chunkBytes / size
	pieces := (n + step - 1) / step
	sums, bads, bufs := make([]uint32, pieces), make([]int, pieces), make([][]byte, parallel.Workers(pieces))
	err = parallel.ForErr(context.Background(), pieces, func(w, i int) error {
		from, to := i*step, min((i+1)*step, n)
		if bufs[w] == nil {
			bufs[w] = make([]byte, min(chunkBytes, n*size))
		}
		buf := bufs[w][:(to-from)*size]
		bad, err := piece(buf, from, to)
		sums[i], bads[i] = checksum.Append(0, buf), bad
		return err
	})
	bad = -1
	var join checksum.Joiner
	for i, b := range bads {
		if b >= 0 && bad < 0 {
			bad = i*step + b
		}
		sum = join.Join(sum, sums[i], int64(min(step, n-i*step)*size))
	}
	return sum, bad, err
}

// readAt fills b from offset off, with io.ErrUnexpectedEOF for a file that has
// become shorter than it was said to be, or a reader that gives less and no reason.
func readAt(r io.ReaderAt, b []byte, off int64) error {
	n, err := r.ReadAt(b, off)
	if n == len(b) {
		return nil
	}
	if err == io.EOF || err == nil {
		return io.ErrUnexpectedEOF
	}
	return err
}
