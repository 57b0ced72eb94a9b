package dataset

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestOpenIDX(t *testing.T) {
	for name, files := range map[string][4]string{
		"published": {"train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz", "t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"},
		"unpacked":  {"train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"},
		"dotted":    {"train-images.idx3-ubyte", "train-labels.idx1-ubyte", "t10k-images.idx3-ubyte", "t10k-labels.idx1-ubyte"},
		"mixed":     {"train-images-idx4-ubyte", "train-labels.idx1-ubyte.gz", "t10k-images.idx3-ubyte.gz", "t10k-labels.idx1-ubyte"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			contents := [][]byte{
				idxFile(noise(12, 1), 2, 2, 3), idxFile([]byte{0, 1}, 2),
				idxFile(noise(6, 2), 1, 2, 3), idxFile([]byte{2}, 1),
			}
			for i, file := range files {
				// Compression is told by content: that of the labels contradicts the name.
				if i%2 == 0 && strings.HasSuffix(file, ".gz") || i%2 == 1 && !strings.HasSuffix(file, ".gz") {
					contents[i] = packed(contents[i])
				}
				write(t, dir, file, contents[i])
			}
			set := mustOpen(t, dir, Options{})
			if set.Format != "idx" || set.Path != dir || set.Train.Len() != 2 || set.Test.Len() != 1 {
				t.Fatalf("got %+v with %d and %d images", set, set.Train.Len(), set.Test.Len())
			}
			if !bytes.Equal(pixels(t, set.Train, 1), noise(12, 1)[6:]) || !bytes.Equal(pixels(t, set.Test, 0), noise(6, 2)) {
				t.Error("pixels differ")
			}
			if len(set.Train.Classes()) != 3 || len(set.Test.Classes()) != 3 {
				t.Errorf("classes %q and %q, want the 3 of both splits", set.Train.Classes(), set.Test.Classes())
			}
			single := mustOpen(t, filepath.Join(dir, files[2]), Options{})
			if single.Train.Len() != 1 || single.Test != nil || single.Train.Label(0) != 2 {
				t.Errorf("one file: %d images, label %d, want 1 with the label beside it, 2", single.Train.Len(), single.Train.Label(0))
			}
		})
	}
}

// The classes are those of both splits, whichever has the largest label.
func TestOpenIDXClasses(t *testing.T) {
	for _, labels := range [][2]byte{{4, 1}, {1, 4}} {
		dir := t.TempDir()
		for i, split := range []string{"train", "t10k"} {
			write(t, dir, split+"-images-idx3-ubyte", idxFile([]byte{0}, 1, 1, 1))
			write(t, dir, split+"-labels-idx1-ubyte", idxFile(labels[i:i+1], 1))
		}
		set := mustOpen(t, dir, Options{})
		if len(set.Train.Classes()) != 5 || len(set.Test.Classes()) != 5 {
			t.Errorf("labels %v: classes %q and %q, want 5", labels, set.Train.Classes(), set.Test.Classes())
		}
	}
}

func TestOpenIDXErrors(t *testing.T) {
	dir := t.TempDir()
	train := write(t, dir, "train-images-idx3-ubyte", idxFile(noise(12, 1), 2, 2, 3))
	_, err := Open(dir, Options{})
	wantError(t, err, dir, "missing train-labels-idx1-ubyte")
	if set := mustOpen(t, train, Options{}); set.Train.Label(0) != -1 {
		t.Error("one file without labels beside it has some")
	}
	labels := write(t, dir, "train-labels-idx1-ubyte", idxFile([]byte{0, 1}, 2))
	if set := mustOpen(t, dir, Options{}); set.Test != nil {
		t.Error("a test split out of nowhere")
	}
	_, err = Open(labels, Options{})
	wantError(t, err, labels, "images: dimensions [2]")
	_, err = Open(dir, Options{Shape: Shape{Height: 32}})
	wantError(t, err, dir, "options: size 32×32: images are 2×3,")

	write(t, dir, "t10k-labels-idx1-ubyte", idxFile([]byte{0}, 1))
	_, err = Open(dir, Options{})
	wantError(t, err, dir, "missing t10k-images-idx3-ubyte")
	test := write(t, dir, "t10k-images-idx3-ubyte", idxFile(noise(4, 1), 1, 2, 2))
	_, err = Open(dir, Options{})
	wantError(t, err, dir, "test images are 2×2×1, want 2×3×1")
	os.WriteFile(test, []byte{0, 0, 9, 3}, 0o644)
	_, err = Open(dir, Options{})
	wantError(t, err, test, "element type 0x09")
	os.Remove(train)
	_, err = Open(dir, Options{})
	wantError(t, err, dir, "missing train-images-idx3-ubyte")
	_, err = Open(train, Options{Format: "idx"})
	wantError(t, err, train, "no such file")
	if !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%v is not fs.ErrNotExist", err)
	}
}
