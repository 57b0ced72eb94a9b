//go:build unix

package dataset

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// A FIFO in the place of any file is named, and nothing waits for its writer.
func TestFIFO(t *testing.T) {
	fifo := func(path string) string {
		t.Helper()
		os.Remove(path)
		if err := syscall.Mkfifo(path, 0o600); err != nil {
			t.Skip("no FIFOs here:", err)
		}
		return path
	}
	path := fifo(filepath.Join(t.TempDir(), "alone"))
	_, err := Open(path, Options{})
	wantError(t, err, path, "is a FIFO: want a regular file or a folder")

	for _, name := range append([]string{"batches.meta.txt"}, cifar10.train...) {
		dir := writeCIFAR10(t)
		path := fifo(filepath.Join(dir, name))
		_, err := Open(dir, Options{Format: "cifar10"})
		wantError(t, err, path, "a FIFO", "want a regular file")
	}

	dir := t.TempDir()
	write(t, dir, "train-images-idx3-ubyte", idxFile(noise(12, 1), 2, 2, 3))
	labels := fifo(filepath.Join(dir, "train-labels-idx1-ubyte"))
	_, err = Open(dir, Options{})
	wantError(t, err, labels, "is a FIFO: want a regular file")
	_, err = Open(filepath.Join(dir, "train-images-idx3-ubyte"), Options{})
	wantError(t, err, labels, "is a FIFO: want a regular file")

	// A folder that has nothing else is known by its names.
	for _, name := range []string{"train-images-idx3-ubyte", "train-images.idx3-ubyte.gz", "data_batch_1.bin", "train.bin"} {
		dir := t.TempDir()
		path := fifo(filepath.Join(dir, name))
		for _, labels := range []string{"train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"} {
			if strings.HasPrefix(name, "train-") { // beside the others they would be another data set
				write(t, dir, labels, nil)
			}
		}
		_, err := Open(dir, Options{})
		wantError(t, err, path, "is a FIFO: want a regular file")
	}

	// The path is said once.
	dir = writeCIFAR10(t)
	path = fifo(filepath.Join(dir, "data_batch_2.bin"))
	if _, err := Open(dir, Options{}); err == nil || strings.Count(err.Error(), path) != 1 {
		t.Errorf("error %v, want one that says %s once", err, path)
	}

	dir = t.TempDir()
	picture := write(t, dir, "1.png", encode(t, "png", grayOf("ab")))
	fifo(filepath.Join(dir, "2.png"))
	set := mustOpen(t, dir, Options{})
	wantLeft(t, set, "1 file left out: 1 not regular (2.png)")
	fifo(picture) // since it was opened
	wantError(t, set.Train.Image(0, make([]uint8, 2)), picture, "a FIFO")
}
