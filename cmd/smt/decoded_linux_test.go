package main

import (
	"bytes"
	"encoding/binary"
	"io/fs"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

// opened counts how often each file of a folder is opened while work is done, as inotify tells. That a file is closed
// is asked for too, so that no two events are alike and told as one.
func opened(t *testing.T, folder string, work func()) map[string]int {
	t.Helper()
	fd, err := unix.InotifyInit1(unix.IN_CLOEXEC | unix.IN_NONBLOCK)
	if err != nil {
		t.Skipf("inotify: %v", err)
	}
	defer unix.Close(fd)
	count, at := map[string]int{}, map[int32]string{}
	err = filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			count[path] = 0
			return err
		}
		watch, err := unix.InotifyAddWatch(fd, path, unix.IN_OPEN|unix.IN_CLOSE_NOWRITE)
		at[int32(watch)] = path
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	work()
	for events := make([]byte, 1<<16); ; {
		n, err := unix.Read(fd, events)
		if err == unix.EAGAIN {
			return count
		}
		if err != nil {
			t.Fatal(err)
		}
		for b := events[:n]; len(b) > 0; {
			number := func(i int) uint32 { return binary.NativeEndian.Uint32(b[4*i:]) } // watch, mask, cookie, length of the name
			name, _, _ := bytes.Cut(b[unix.SizeofInotifyEvent:unix.SizeofInotifyEvent+number(3)], []byte{0})
			switch mask := number(1); {
			case mask&unix.IN_Q_OVERFLOW != 0:
				t.Fatal("events were lost")
			case mask&(unix.IN_OPEN|unix.IN_ISDIR) == unix.IN_OPEN:
				count[filepath.Join(at[int32(number(0))], string(name))]++
			}
			b = b[unix.SizeofInotifyEvent+number(3):]
		}
	}
}

// A command opens each image file twice: once for its header, as all headers decide the size of the images, and
// once to decode it.
func TestFilesAreDecodedOnce(t *testing.T) {
	folder := pngData(t, 120)
	model := filepath.Join(t.TempDir(), "model.safetensors")
	fitted := fitSmall(t, folder, "--holdout", "20")
	out := func(name string) string { return filepath.Join(t.TempDir(), name) }
	for _, args := range [][]string{
		append([]string{"fit", folder, "-o", model}, small...),
		{"fit", folder, "-o", model, "--atoms", "64"}, // the rest is chosen
		{"eval", fitted, folder, "--holdout", "20"},
		{"eval", fitted, folder, "--holdout", "20", "--hubs", "50", "--whiten", "8"},
		{"embed", fitted, folder, "-o", out("out.npy")},
		{"embed", fitted, folder, "-o", out("out.npy"), "--whiten", "8"},
		{"index", fitted, folder, "-o", out("photos.index")},
		{"explain", fitted, folder, "-o", out("report")},
		{"data", "info", folder},
	} {
		times := map[int]int{} // of so many openings, files
		for _, n := range opened(t, folder, func() { must(t, args...) }) {
			times[n]++
		}
		if len(times) != 1 || times[2] != 120 {
			t.Errorf("smt %v: of so many openings there are so many files: %v, want 2 openings of all 120", args, times)
		}
	}
}
