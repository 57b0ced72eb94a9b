package dataset

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// record is a CIFAR record of noise after these labels.
func record(seed uint64, labels ...byte) []byte { return append(labels, noise(cifarLen, seed)...) }

// writeCIFAR10 makes a directory whose six files hold 2 images each, the k-th
// with label k and noise of seed k.
func writeCIFAR10(t testing.TB) string {
	dir := t.TempDir()
	for b, name := range append(append([]string(nil), cifar10.train...), cifar10.test...) {
		k := 2 * b
		write(t, dir, name, append(record(uint64(k), byte(k%10)), record(uint64(k+1), byte((k+1)%10))...))
	}
	write(t, dir, "batches.meta.txt", []byte("airplane\nautomobile\nbird\ncat\ndeer\ndog\nfrog\nhorse\nship\ntruck\n\n"))
	return dir
}

// checkPlanes compares image i with the planes it was written from.
func checkPlanes(t *testing.T, src Source, i int, seed uint64) {
	t.Helper()
	planes, pix := noise(cifarLen, seed), pixels(t, src, i)
	for c := range 3 {
		for y := range 32 {
			for x := range 32 {
				if got, want := pix[(y*32+x)*3+c], planes[c*1024+y*32+x]; got != want {
					t.Fatalf("image %d, row %d, column %d, channel %d: %d, want %d", i, y, x, c, got, want)
				}
			}
		}
	}
}

func TestCIFAR10(t *testing.T) {
	dir := writeCIFAR10(t)
	set := mustOpen(t, dir, Options{})
	if set.Format != "cifar10" || set.Path != dir || set.Train.Len() != 10 || set.Test.Len() != 2 {
		t.Fatalf("%+v: %d and %d images, want 10 and 2", set, set.Train.Len(), set.Test.Len())
	}
	for i := range 10 {
		checkPlanes(t, set.Train, i, uint64(i))
		if set.Train.Label(i) != i {
			t.Errorf("label %d is %d", i, set.Train.Label(i))
		}
	}
	checkPlanes(t, set.Test, 1, 11)
	if c := set.Test.Classes(); len(c) != 10 || c[0] != "airplane" || c[9] != "truck" {
		t.Errorf("classes %q", c)
	}
	checkContract(t, set.Train)
	if Coarse(set.Train) != nil || Coarse(Slice(set.Train, 0, 1)) != nil {
		t.Error("CIFAR-10 has coarse classes")
	}
}

func TestCIFAR100(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "train.bin", append(record(0, 19, 99), record(1, 3, 7)...))
	write(t, dir, "test.bin", record(2, 0, 50))
	write(t, dir, "coarse_label_names.txt", []byte(strings.Repeat("coarse\r\n", 20)))
	set := mustOpen(t, dir, Options{})
	if set.Format != "cifar100" || set.Train.Len() != 2 || set.Test.Len() != 1 {
		t.Fatalf("%+v", set)
	}
	checkPlanes(t, set.Train, 1, 1)
	checkPlanes(t, set.Test, 0, 2)
	if set.Train.Label(0) != 99 || set.Train.Label(1) != 7 || set.Train.Classes()[99] != "99" {
		t.Errorf("fine labels %d, %d", set.Train.Label(0), set.Train.Label(1))
	}
	checkContract(t, set.Train)
	for _, src := range []Source{set.Train, Slice(set.Train, 0, 2)} {
		coarse := Coarse(src)
		if coarse.Label(0) != 19 || coarse.Label(1) != 3 || len(coarse.Classes()) != 20 || coarse.Classes()[3] != "coarse" {
			t.Errorf("coarse labels %d, %d of %q", coarse.Label(0), coarse.Label(1), coarse.Classes())
		}
		checkPlanes(t, coarse, 1, 1)
		checkContract(t, coarse)
	}
	if set.Train.Label(0) != 99 {
		t.Error("Coarse changed its argument")
	}
}

func TestCIFAROneFile(t *testing.T) {
	dir := t.TempDir()
	for name, c := range map[string]struct {
		data   []byte
		format string
	}{
		"test_batch.bin": {record(0, 1), "cifar10"},
		"test.bin":       {record(0, 2, 1), "cifar100"},
		"ten.bin":        {record(0, 1), "cifar10"}, // by size
		"hundred.bin":    {record(0, 2, 1), "cifar100"},
		"zeros.bin":      {append([]byte{0, 0, 8}, noise(cifarLen-2, 0)...), "cifar10"}, // begins as an IDX
	} {
		set := mustOpen(t, write(t, dir, name, c.data), Options{})
		if set.Format != c.format || set.Train.Len() != 1 || set.Test != nil {
			t.Errorf("%s: %+v, want one image of %s", name, set, c.format)
		}
	}
	// A size that fits both kinds tells nothing.
	both := write(t, dir, "both.bin", make([]byte, 3073*3074))
	_, err := Open(both, Options{})
	wantError(t, err, both, "format not recognised")
	if set := mustOpen(t, both, Options{Format: "cifar100"}); set.Train.Len() != 3073 {
		t.Errorf("%d images, want 3073", set.Train.Len())
	}
}

func TestCIFARErrors(t *testing.T) {
	for k := 1; k <= 5; k++ {
		dir := writeCIFAR10(t)
		name := fmt.Sprintf("data_batch_%d.bin", k)
		os.Remove(filepath.Join(dir, name))
		_, err := Open(dir, Options{})
		wantError(t, err, filepath.Join(dir, name), "no such file")
	}
	for what, c := range map[string]struct {
		file string
		data []byte
		says string
	}{
		"cut":   {"data_batch_2.bin", make([]byte, 3072), "size 3072 bytes, want a multiple of 3073"},
		"empty": {"test_batch.bin", nil, "size 0 bytes, want a multiple of 3073"},
		"label": {"data_batch_5.bin", append(record(0, 9), record(1, 10)...), "record 1: label 10, want less than 10"},
		"names": {"batches.meta.txt", []byte("one\ntwo\n"), "2 class names, want 10"},
	} {
		t.Run(what, func(t *testing.T) {
			dir := writeCIFAR10(t)
			path := write(t, dir, c.file, c.data)
			_, err := Open(dir, Options{})
			wantError(t, err, path, c.says)
		})
	}
	dir := t.TempDir()
	_, err := Open(dir, Options{Format: "cifar100"})
	wantError(t, err, filepath.Join(dir, "train.bin"), "no such file")
	path := write(t, dir, "train.bin", record(0, 20, 0))
	_, err = Open(path, Options{})
	wantError(t, err, path, "record 0: label 20, want less than 20")
	_, err = Open(writeCIFAR10(t), Options{Shape: Shape{Channels: 1}})
	wantError(t, err, "options: channels 1: images have 3")
}

func TestCIFARReadErrors(t *testing.T) {
	dir := writeCIFAR10(t)
	set := mustOpen(t, dir, Options{})
	path := filepath.Join(dir, "data_batch_3.bin")
	if err := os.Truncate(path, 3073+100); err != nil {
		t.Fatal(err)
	}
	pix := make([]uint8, cifarLen)
	checkPlanes(t, set.Train, 4, 4) // the record before the cut
	wantError(t, set.Train.Image(5, pix), path, "record 1: unexpected EOF")
	if err := set.Close(); err != nil {
		t.Fatal(err)
	}
	err := set.Train.Image(0, pix)
	wantError(t, err, filepath.Join(dir, "data_batch_1.bin"), "record 0: ")
	if !errors.Is(err, os.ErrClosed) {
		t.Errorf("%v is not os.ErrClosed", err)
	}
}

func FuzzCIFAR(f *testing.F) {
	f.Add(record(0, 9), false)
	f.Add(append(record(0, 19, 99), record(1, 0, 0)...), true)
	f.Add(record(0, 10), false)
	f.Add([]byte{}, true)
	f.Fuzz(func(t *testing.T, data []byte, hundred bool) {
		classes := [][]string{numbered(10)}
		if hundred {
			classes = [][]string{numbered(20), numbered(100)}
		}
		s := &cifar{classes: classes, labels: make([][]uint8, len(classes))}
		if err := s.add("fuzz", bytes.NewReader(data), int64(len(data))); err != nil {
			wantError(t, err, "fuzz: ")
			return
		}
		n := len(classes) + cifarLen
		if s.Len()*n != len(data) {
			t.Fatalf("%d images out of %d bytes", s.Len(), len(data))
		}
		for i := range s.Len() {
			rec := data[i*n : (i+1)*n]
			if s.Label(i) != int(rec[len(classes)-1]) || s.Label(i) >= len(s.Classes()) {
				t.Fatalf("label %d of record % x", s.Label(i), rec[:2])
			}
			if pix := pixels(t, s, i); pix[1] != rec[len(classes)+cifarPlane] || pix[cifarLen-1] != rec[n-1] {
				t.Fatalf("image %d: planes are not interleaved", i)
			}
		}
	})
}

// A file of class names takes no more memory than names do.
func TestCIFARNamesBounded(t *testing.T) {
	dir := writeCIFAR10(t)
	path := write(t, dir, "batches.meta.txt", nil)
	if err := os.Truncate(path, 1<<40); err != nil {
		t.Skip("no file of holes here:", err)
	}
	_, err := Open(dir, Options{})
	wantError(t, err, path, "1099511627776 bytes, want class names")
}
