package export

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// parseNPY reads a .npy file as the format's description says, with nothing of
// the writer's: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
func parseNPY(t interface{ Fatalf(string, ...any) }, b []byte) (descr string, shape []int, data []byte) {
	if len(b) < 10 || string(b[:8]) != "\x93NUMPY\x01\x00" {
		t.Fatalf("magic and version are %q", b[:min(8, len(b))])
	}
	end := 10 + int(binary.LittleEndian.Uint16(b[8:]))
	if end%64 != 0 {
		t.Fatalf("the values begin at %d, not a multiple of 64", end)
	}
	m := regexp.MustCompile(`^\{'descr': '([^']*)', 'fortran_order': False, 'shape': \((|\d+,|\d+(?:, \d+)+)\), \} *\n$`).
		FindSubmatch(b[10:end])
	if m == nil {
		t.Fatalf("header is %q", b[10:end])
	}
	for _, s := range strings.FieldsFunc(string(m[2]), func(r rune) bool { return r == ',' || r == ' ' }) {
		dim, err := strconv.Atoi(s)
		if err != nil {
			t.Fatalf("%v", err)
		}
		shape = append(shape, dim)
	}
	return string(m[1]), shape, b[end:]
}

// files are the names in a folder.
func files(t *testing.T, dir string) []string {
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func TestNPYBytes(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.npy")
	w, err := NewNPY[int64](path, 2)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Append([]int64{1, -2}); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	// Byte for byte what numpy 2.4 saves for np.array([1, -2]).
	want := "\x93NUMPY\x01\x00v\x00{'descr': '<i8', 'fortran_order': False, 'shape': (2,), }" + strings.Repeat(" ", 60) + "\n" +
		"\x01\x00\x00\x00\x00\x00\x00\x00\xfe\xff\xff\xff\xff\xff\xff\xff"
	if string(got) != want {
		t.Errorf("got\n%q\nwant\n%q", got, want)
	}
}

// Whatever the shape and however the values are cut, they come back in order.
func TestNPYRoundTrip(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(rt *rapid.T) {
		if rapid.Bool().Draw(rt, "integers") {
			roundTrip(rt, dir, "<i8", rapid.Int64(), func(b []byte) int64 { return int64(binary.LittleEndian.Uint64(b)) })
		} else {
			roundTrip(rt, dir, "<f4", rapid.Float32(), func(b []byte) float32 {
				return math.Float32frombits(binary.LittleEndian.Uint32(b))
			})
		}
	})
}

func roundTrip[T NPYValue](rt *rapid.T, dir, descr string, values *rapid.Generator[T], parse func([]byte) T) {
	shape := rapid.SliceOfN(rapid.IntRange(0, 6), 0, 4).Draw(rt, "shape")
	n := 1
	for _, dim := range shape {
		n *= dim
	}
	data := rapid.SliceOfN(values, n, n).Draw(rt, "data")
	path := filepath.Join(dir, "x.npy")
	w, err := NewNPY[T](path, shape...)
	if err != nil {
		rt.Fatal(err)
	}
	for rest := data; len(rest) > 0; {
		k := rapid.IntRange(0, len(rest)).Draw(rt, "values in a call")
		if err := w.Append(rest[:k]); err != nil {
			rt.Fatal(err)
		}
		rest = rest[k:]
	}
	if err := w.Close(); err != nil {
		rt.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		rt.Fatal(err)
	}
	gotDescr, gotShape, raw := parseNPY(rt, b)
	if gotDescr != descr || len(gotShape) != len(shape) {
		rt.Fatalf("type %s, shape %v; wrote %s, %v", gotDescr, gotShape, descr, shape)
	}
	for i := range shape {
		if gotShape[i] != shape[i] {
			rt.Fatalf("shape is %v, wrote %v", gotShape, shape)
		}
	}
	if len(raw) != n*size[T]() {
		rt.Fatalf("%d bytes of values, want %d", len(raw), n*size[T]())
	}
	for i, want := range data {
		if got := parse(raw[i*size[T]():]); got != want {
			rt.Fatalf("value %d is %v, wrote %v", i, got, want)
		}
	}
}

// Values that overrun the buffer several times and do not align with it.
func TestNPYLarge(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.npy")
	const n, d = 1009, 700 // 2.8 MB
	w, err := NewNPY[float32](path, n, d)
	if err != nil {
		t.Fatal(err)
	}
	row := make([]float32, d)
	for i := range n {
		for j := range row {
			row[j] = float32(i*d + j) // below 2²⁴, exact
		}
		if err := w.Append(row); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	_, _, raw := parseNPY(t, b)
	if len(raw) != 4*n*d {
		t.Fatalf("%d bytes of values, want %d", len(raw), 4*n*d)
	}
	for i := range n * d {
		if got := math.Float32frombits(binary.LittleEndian.Uint32(raw[4*i:])); got != float32(i) {
			t.Fatalf("value %d is %v", i, got)
		}
	}
}

// A file that did not become complete leaves the path and its folder as they were.
func TestNPYLeavesNothing(t *testing.T) {
	tests := []struct {
		name string
		run  func(*NPY[float32]) error
		want string
	}{
		{"too few", func(w *NPY[float32]) error {
			return errors.Join(w.Append(make([]float32, 5)), w.Close())
		}, "5 values, the shape promised 6"},
		{"too many", func(w *NPY[float32]) error {
			if err := w.Append(make([]float32, 4)); err != nil {
				return err
			}
			if err := w.Append(make([]float32, 3)); err == nil {
				return errors.New("took 7 values of 6")
			}
			return w.Close()
		}, "7 values, the shape promised 6"},
		{"abort", func(w *NPY[float32]) error {
			if err := w.Append(make([]float32, 6)); err != nil {
				return err
			}
			w.Abort()
			return w.Close()
		}, fs.ErrClosed.Error()},
		{"append after abort", func(w *NPY[float32]) error {
			w.Abort()
			return w.Append(nil)
		}, fs.ErrClosed.Error()},
		{"disk", func(w *NPY[float32]) error {
			w.file.File.Close() // writes fail from here on
			return errors.Join(w.Append(make([]float32, 6)), w.Close())
		}, "file already closed"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, "x.npy")
			if err := os.WriteFile(path, []byte("former"), 0o600); err != nil {
				t.Fatal(err)
			}
			w, err := NewNPY[float32](path, 2, 3)
			if err != nil {
				t.Fatal(err)
			}
			if err := tt.run(w); err == nil || !strings.HasPrefix(err.Error(), "export: ") || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want %q in it", err, tt.want)
			}
			if b, err := os.ReadFile(path); err != nil || !bytes.Equal(b, []byte("former")) {
				t.Errorf("the file holds %q, %v", b, err)
			}
			if got := files(t, dir); len(got) != 1 {
				t.Errorf("left behind: %v", got)
			}
		})
	}
}

func TestNPYAfterClose(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "x.npy")
	w, err := NewNPY[float32](path, 0, 3)
	if err != nil {
		t.Fatal(err)
	}
	if got := files(t, dir); len(got) != 1 || got[0] == "x.npy" {
		t.Errorf("before Close the folder holds %v, want the temporary file only", got)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	w.Abort() // as the deferred one does
	if err := w.Close(); !errors.Is(err, fs.ErrClosed) {
		t.Errorf("a second Close: %v, want fs.ErrClosed", err)
	}
	if err := w.Append(nil); !errors.Is(err, fs.ErrClosed) {
		t.Errorf("Append after Close: %v, want fs.ErrClosed", err)
	}
	if got := files(t, dir); len(got) != 1 || got[0] != "x.npy" {
		t.Errorf("the folder holds %v, want x.npy", got)
	}
}

func TestNewNPYErrors(t *testing.T) {
	dir := t.TempDir()
	tests := []struct {
		name  string
		path  string
		shape []int
		want  string
	}{
		{"negative", "x.npy", []int{2, -1}, "dimension 1 is negative"},
		{"negative after zero", "x.npy", []int{0, -1}, "dimension 1 is negative"},
		{"overflow", "x.npy", []int{1 << 31, 1 << 31}, "overflows"}, // 2⁶² values of 4 bytes
		{"rank", "x.npy", make([]int, 33), "33 dimensions"},
		{"folder", "none/x.npy", []int{1}, "no such file"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := NewNPY[float32](filepath.Join(dir, tt.path), tt.shape...)
			if err == nil || !strings.HasPrefix(err.Error(), "export: ") || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want %q in it", err, tt.want)
			}
			if got := files(t, dir); len(got) != 0 {
				t.Errorf("left behind: %v", got)
			}
		})
	}
	w, err := NewNPY[float32](filepath.Join(dir, "max.npy"), 1<<30, 1<<30)
	if err != nil {
		t.Fatalf("2⁶⁰ values, which fit: %v", err)
	}
	w.Abort()
	if got := files(t, dir); len(got) != 0 {
		t.Errorf("left behind: %v", got)
	}
}
