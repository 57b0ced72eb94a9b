package dataset

import (
	"path/filepath"
	"slices"
	"testing"
)

func TestFiles(t *testing.T) {
	dir := t.TempDir()
	images := write(t, dir, "train-images-idx3-ubyte", nil)
	labels := write(t, dir, "train-labels-idx1-ubyte.gz", nil)
	unlabelled := write(t, dir, "t10k-images-idx3-ubyte", nil)
	for path, want := range map[string][]string{
		images: {images, labels}, unlabelled: {unlabelled}, dir: {dir}, filepath.Join(dir, "none"): {filepath.Join(dir, "none")},
	} {
		if got := Files(path); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
	}
}
