package safetensors

import (
	"bytes"
	"slices"
	"testing"
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
