package image

import (
	"testing"

	"github.com/sparse-manifold/smt/dataset"
)

// Gray views go by the names of the images that they are views of.
func TestIDsOfGrayViews(t *testing.T) {
	shape := dataset.Shape{Height: 1, Width: 1, Channels: 3}
	src, err := dataset.IDX([]byte{0, 0, 8, 4, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6}, nil, "two")
	if err != nil || src.Shape() != shape {
		t.Fatal(err)
	}
	views := WithGray(src)
	for i, want := range []string{"two#0", "two#1", "two#0", "two#1"} {
		if got := views.ID(i); got != want {
			t.Errorf("view %d is called %q, want %q", i, got, want)
		}
	}
}
