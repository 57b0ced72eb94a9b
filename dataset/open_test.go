package dataset

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

func TestOpenErrors(t *testing.T) {
	dir := t.TempDir()
	_, err := Open(filepath.Join(dir, "missing"), Options{})
	wantError(t, err, filepath.Join(dir, "missing"), "no such file")
	if !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%v is not fs.ErrNotExist", err)
	}
	_, err = Open(dir, Options{})
	wantError(t, err, dir, "format not recognised", "train-images-idx3-ubyte", "data_batch_1.bin", "train.bin", "image files")
	write(t, dir, "deep/er/notes.txt", []byte("hello"))
	_, err = Open(dir, Options{})
	wantError(t, err, dir, "format not recognised", "1 of other formats (deep/er/notes.txt)")
	phone := t.TempDir()
	write(t, phone, "a.heic", []byte("\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic"))
	write(t, phone, "b.avif", []byte("\x00\x00\x00\x18ftypavif\x00\x00\x00\x00mif1avif"))
	_, err = Open(phone, Options{})
	wantError(t, err, phone, "no image files; 2 files left out: 1 AVIF (b.avif), 1 HEIC (a.heic)")
	for _, text := range []string{"hello", "", "\x1f\x8bno gzip", "\x00\x00\x08\x05"} {
		file := write(t, dir, "file", []byte(text))
		_, err = Open(file, Options{})
		wantError(t, err, file, "format not recognised", "IDX", "CIFAR", "folder")
	}
	_, err = Open(dir, Options{Format: "parquet"})
	wantError(t, err, dir, `format "parquet": want idx, cifar10, cifar100, list, tar or folder`)
}

func TestOpenForced(t *testing.T) {
	dir := t.TempDir()
	file := write(t, dir, "file.png", encode(t, "png", grayOf("ab")))
	for format, says := range map[string]string{
		"idx":      "missing train-images-idx3-ubyte",
		"cifar10":  "data_batch_1.bin: ",
		"cifar100": "train.bin: ",
	} {
		_, err := Open(dir, Options{Format: format})
		wantError(t, err, dir, says)
	}
	_, err := Open(file, Options{Format: "folder"})
	wantError(t, err, file, "want a folder of images, found a file")
	_, err = Open(file, Options{Format: "idx"})
	wantError(t, err, file, "magic 89 50 4e 47")
	_, err = Open(file, Options{Format: "cifar10"})
	wantError(t, err, file, "want a multiple of 3073")
	// A format that is there gives way to the forced one.
	write(t, dir, "train-images-idx3-ubyte", idxFile(noise(2, 1), 1, 1, 2))
	write(t, dir, "train-labels-idx1-ubyte", idxFile([]byte{0}, 1))
	if set := mustOpen(t, dir, Options{}); set.Format != "idx" {
		t.Errorf("format %q, want idx", set.Format)
	}
	if set := mustOpen(t, dir, Options{Format: "folder"}); set.Format != "folder" || set.Train.Len() != 1 {
		t.Errorf("format %q, %d images, want a folder of 1", set.Format, set.Train.Len())
	}
}

// One of two data sets in a folder was dropped in silence.
func TestTwoFormatsInOneFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "both")
	if err := os.Rename(writeCIFAR10(t), dir); err != nil {
		t.Fatal(err)
	}
	write(t, dir, "train-images-idx3-ubyte", idxFile(make([]byte, 4), 1, 2, 2))
	write(t, dir, "train-labels-idx1-ubyte", idxFile([]byte{3}, 1))
	for _, path := range []string{dir, filepath.Dir(dir)} {
		_, err := Open(path, Options{})
		wantError(t, err, dir, "format is open", "cifar10 and of idx")
	}
	for _, format := range []string{"cifar10", "idx"} {
		if set := mustOpen(t, dir, Options{Format: format}); set.Format != format {
			t.Errorf("format %s, want %s", set.Format, format)
		}
	}
}

func TestOpenInside(t *testing.T) {
	parent := t.TempDir()
	cifar := filepath.Join(parent, "cifar-10-batches-bin")
	if err := os.Rename(writeCIFAR10(t), cifar); err != nil {
		t.Fatal(err)
	}
	write(t, parent, "pictures/1.png", encode(t, "png", grayOf("ab")))
	if set := mustOpen(t, parent, Options{}); set.Format != "cifar10" || set.Path != cifar {
		t.Errorf("%+v, want the CIFAR-10 inside", set)
	}
	write(t, parent, "other/train.bin", record(0, 0, 0))
	write(t, parent, "other/test.bin", record(0, 0, 0))
	_, err := Open(parent, Options{})
	wantError(t, err, parent, "several datasets", "cifar-10-batches-bin, other")
	if set := mustOpen(t, parent, Options{Format: "cifar100"}); set.Path != filepath.Join(parent, "other") {
		t.Errorf("forced: %+v, want the CIFAR-100 inside", set)
	}
}

func TestClose(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "1.png", encode(t, "png", grayOf("ab")))
	set := mustOpen(t, dir, Options{})
	if err := set.Close(); err != nil {
		t.Errorf("a set with no open files and no test split: %v", err)
	}
	set = mustOpen(t, writeCIFAR10(t), Options{})
	if err := set.Close(); err != nil {
		t.Error(err)
	}
	if err := set.Test.Image(0, make([]uint8, cifarLen)); !errors.Is(err, os.ErrClosed) {
		t.Errorf("test image after Close: %v, want os.ErrClosed", err)
	}
}
