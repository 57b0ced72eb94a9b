package dataset

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/sparse-manifold/smt/internal/shuffle"
)

// write makes a file of dir, and the folders above it.
func write(t testing.TB, dir, name string, data []byte) string {
	t.Helper()
	path := filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func mustOpen(t testing.TB, path string, opt Options) *Set {
	t.Helper()
	set, err := Open(path, opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { set.Close() })
	return set
}

// wantError demands an error of this package's form that says all of these.
func wantError(t testing.TB, err error, says ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, want one that says %q", says)
	}
	if !strings.HasPrefix(err.Error(), "dataset: ") {
		t.Errorf("error %q: want the prefix %q", err, "dataset: ")
	}
	for _, s := range says {
		if !strings.Contains(err.Error(), s) {
			t.Errorf("error %q: does not say %q", err, s)
		}
	}
}

func keep(t testing.TB, src Source, most int64) {
	t.Helper()
	if err := Keep(t.Context(), src, most); err != nil {
		t.Fatal(err)
	}
}

func wantPanic(t testing.TB, what string, f func()) {
	t.Helper()
	defer func() {
		if recover() == nil {
			t.Errorf("%s: no panic", what)
		}
	}()
	f()
}

func packed(data []byte) []byte {
	var buf bytes.Buffer
	w := gzip.NewWriter(&buf)
	w.Write(data)
	w.Close()
	return buf.Bytes()
}

// pixels reads image i.
func pixels(t testing.TB, src Source, i int) []uint8 {
	t.Helper()
	pix := make([]uint8, src.Shape().Len())
	if err := src.Image(i, pix); err != nil {
		t.Fatal(err)
	}
	return pix
}

// noise is n bytes that differ with the seed and do not repeat soon.
func noise(n int, seed uint64) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(shuffle.Mix(seed<<32 + uint64(i)))
	}
	return b
}

// checkContract checks what every Source promises, from several goroutines.
func checkContract(t *testing.T, src Source) {
	t.Helper()
	n, size := src.Len(), src.Shape().Len()
	want := make([][]uint8, n)
	for i := range n {
		want[i] = pixels(t, src, i)
		if label := src.Label(i); label < -1 || label >= len(src.Classes()) || (label < 0) != (src.Classes() == nil) {
			t.Errorf("label %d of image %d, with classes %q", label, i, src.Classes())
		}
	}
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Go(func() {
			pix := make([]uint8, size+3)
			for k := range 2 * n {
				i := (k + g) % n
				copy(pix[size:], "end")
				if err := src.Image(i, pix); err != nil {
					t.Errorf("image %d: %v", i, err)
				}
				if !bytes.Equal(pix[:size], want[i]) {
					t.Errorf("image %d differs when read at once with others", i)
				}
				if string(pix[size:]) != "end" {
					t.Errorf("image %d: bytes after the image were written", i)
				}
				src.Label(i)
			}
		})
	}
	wg.Wait()
	for _, i := range []int{-1, n} {
		wantPanic(t, fmt.Sprintf("image %d of %d", i, n), func() { src.Image(i, make([]uint8, size)) })
	}
	wantPanic(t, "short pix with capacity", func() { src.Image(0, make([]uint8, size-1, size)) })
}
