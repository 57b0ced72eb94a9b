package safetensors

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/sparse-manifold/smt/internal/safetensors/safetensorstest"
)

// Rows that lie apart make the file that the whole matrix makes, over the borders
// of chunks too.
func TestRows(t *testing.T) {
	for _, shape := range [][2]int{{0, 3}, {1, 1}, {5, 64}, {3, chunkBytes}, {7, chunkBytes/2 + 17}} {
		n, width := shape[0], shape[1]
		rows, whole := make([][]uint8, n), []uint8{}
		for i := range rows {
			for j := range width {
				rows[i] = append(rows[i], uint8(i*31+j*7+j>>8))
			}
			whole = append(whole, rows[i]...)
			rows[i] = append(rows[i], 99) // what a row is followed by is not written
		}
		var got, want bytes.Buffer
		if err := Write(&got, nil, []Tensor{NewRows("x", rows, width)}); err != nil {
			t.Fatal(err)
		}
		if err := Write(&want, nil, []Tensor{NewTensor("x", whole, n, width)}); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(got.Bytes(), want.Bytes()) {
			t.Errorf("%d rows of %d bytes: other bytes than those of the matrix", n, width)
		}
	}
}

// Rows that are read to lie apart are those of the matrix, with zeros between, and a value
// that is none is named by its place in the file.
func TestReadRows(t *testing.T) {
	for _, shape := range [][2]int{{0, 3}, {1, 1}, {5, 64}, {3, chunkBytes/4 + 1}, {7, chunkBytes/8 + 17}, {100000, 3}} {
		n, width := shape[0], shape[1]
		values := make([]float32, n*width)
		for i := range values {
			values[i] = float32(i%1000) + 1
		}
		for _, stride := range []int{width, width + 1, 2*width + 5} {
			read := func(change func(b []byte)) ([]float32, error) {
				var b bytes.Buffer
				if err := Write(&b, map[string]string{"with": "sums"}, []Tensor{NewTensor("x", values, n, width)}); err != nil {
					t.Fatal(err)
				}
				file := b.Bytes()
				if change != nil {
					file = safetensorstest.Older(t, file, "", "")
					change(file)
				}
				f, err := Read(bytes.NewReader(file), int64(len(file)))
				if err != nil {
					t.Fatal(err)
				}
				return Rows[float32](f, "x", n, width, stride)
			}
			got, err := read(nil)
			if err != nil || len(got) != n*stride {
				t.Fatalf("%v, %d values", err, len(got))
			}
			for i, v := range got {
				want := float32(0)
				if i%stride < width {
					want = values[i/stride*width+i%stride]
				}
				if v != want {
					t.Fatalf("%d rows of %d, %d apart: value %d is %g, want %g", n, width, stride, i, v, want)
				}
			}
			if n == 0 {
				continue
			}
			at := n*width - 1
			_, err = read(func(b []byte) { binary.LittleEndian.PutUint32(b[len(b)-4:], math.Float32bits(float32(math.Inf(1)))) })
			if want := fmt.Sprintf(`tensor "x": the value at index %d is +Inf`, at); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("error %v, want %q in it", err, want)
			}
		}
	}
}

// Pieces make the file that the whole vector makes, over the borders of chunks too, and a value
// that is none is named by its place in the whole.
func TestPieces(t *testing.T) {
	for _, lengths := range [][]int{{}, {0}, {3}, {0, 2, 0, 0, 5, 0}, {chunkBytes / 4, 1, chunkBytes}, {chunkBytes/2 + 17, 0, 3}} {
		pieces, whole := make([][]float32, len(lengths)), []float32{}
		for i, n := range lengths {
			for range n {
				pieces[i] = append(pieces[i], float32(len(whole)))
				whole = append(whole, float32(len(whole)))
			}
		}
		var got, want bytes.Buffer
		if err := Write(&got, nil, []Tensor{NewPieces("x", pieces)}); err != nil {
			t.Fatal(err)
		}
		if err := Write(&want, nil, []Tensor{NewTensor("x", whole, len(whole))}); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(got.Bytes(), want.Bytes()) {
			t.Errorf("pieces of %d values: other bytes than those of the vector", lengths)
		}
		if len(whole) == 0 {
			continue
		}
		for i, p := range slices.Backward(pieces) {
			if len(p) > 0 {
				p[len(p)-1] = float32(math.NaN())
				err := Write(&got, nil, []Tensor{NewPieces("x", pieces)})
				if at := fmt.Sprintf("index %d is not finite", len(whole)-1); err == nil || !strings.Contains(err.Error(), at) {
					t.Errorf("piece %d of %d: error %v, want %s", i, lengths, err, at)
				}
				break
			}
		}
	}
}
