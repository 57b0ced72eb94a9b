package export

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
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

func TestNPYBytes(t *testing.T) {
	var got bytes.Buffer
	w, err := NewNPY[int64](&got, 2)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Append([]int64{1, -2}); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	// Byte for byte what numpy 2.4 saves for np.array([1, -2]).
	want := "\x93NUMPY\x01\x00v\x00{'descr': '<i8', 'fortran_order': False, 'shape': (2,), }" + strings.Repeat(" ", 60) + "\n" +
		"\x01\x00\x00\x00\x00\x00\x00\x00\xfe\xff\xff\xff\xff\xff\xff\xff"
	if got.String() != want {
		t.Errorf("got\n%q\nwant\n%q", got.String(), want)
	}
}

// Whatever the shape, however the values are cut, and wherever another writer goes on,
// they come back in order.
func TestNPYRoundTrip(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		if rapid.Bool().Draw(rt, "integers") {
			roundTrip(rt, "<i8", rapid.Int64(), func(b []byte) int64 { return int64(binary.LittleEndian.Uint64(b)) })
		} else {
			roundTrip(rt, "<f4", rapid.Float32(), func(b []byte) float32 {
				return math.Float32frombits(binary.LittleEndian.Uint32(b))
			})
		}
	})
}

func roundTrip[T NPYValue](rt *rapid.T, descr string, values *rapid.Generator[T], parse func([]byte) T) {
	shape := rapid.SliceOfN(rapid.IntRange(0, 6), 0, 4).Draw(rt, "shape")
	n := 1
	for _, dim := range shape {
		n *= dim
	}
	data := rapid.SliceOfN(values, n, n).Draw(rt, "data")
	var out bytes.Buffer
	w, err := NewNPY[T](&out, shape...)
	if err != nil {
		rt.Fatal(err)
	}
	for rest := data; len(rest) > 0; {
		k := rapid.IntRange(0, len(rest)).Draw(rt, "values in a call")
		if err := w.Append(rest[:k]); err != nil {
			rt.Fatal(err)
		}
		rest = rest[k:]
		if rapid.Bool().Draw(rt, "go on with another writer") {
			if err := w.Flush(); err != nil {
				rt.Fatal(err)
			}
			if w, err = ContinueNPY[T](&out, int64(n-len(rest)), shape...); err != nil {
				rt.Fatal(err)
			}
		}
	}
	if err := w.Close(); err != nil {
		rt.Fatal(err)
	}
	b := out.Bytes()
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
	const n, d = 1009, 700 // 2.8 MB
	var out bytes.Buffer
	w, err := NewNPY[float32](&out, n, d)
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
	_, _, raw := parseNPY(t, out.Bytes())
	if len(raw) != 4*n*d {
		t.Fatalf("%d bytes of values, want %d", len(raw), 4*n*d)
	}
	for i := range n * d {
		if got := math.Float32frombits(binary.LittleEndian.Uint32(raw[4*i:])); got != float32(i) {
			t.Fatalf("value %d is %v", i, got)
		}
	}
}

// full is a writer that takes so many bytes.
type full int

func (f *full) Write(b []byte) (int, error) {
	n := min(len(b), int(*f))
	*f -= full(n)
	if n < len(b) {
		return n, errors.New("no space left")
	}
	return n, nil
}

func TestNPYFails(t *testing.T) {
	for _, tt := range []struct {
		name string
		room full
		run  func(*NPY[float32]) error
		want string
	}{
		{"too few", 1 << 20, func(w *NPY[float32]) error {
			return errors.Join(w.Append(make([]float32, 5)), w.Close())
		}, "5 values, the shape promised 6"},
		{"too many", 1 << 20, func(w *NPY[float32]) error {
			if err := w.Append(make([]float32, 4)); err != nil {
				return err
			}
			if err := w.Append(make([]float32, 3)); err == nil {
				return errors.New("took 7 values of 6")
			}
			return w.Close()
		}, "7 values, the shape promised 6"},
		{"after close", 1 << 20, func(w *NPY[float32]) error {
			if err := errors.Join(w.Append(make([]float32, 6)), w.Close()); err != nil {
				return err
			}
			if err := w.Append(nil); !errors.Is(err, fs.ErrClosed) {
				return fmt.Errorf("Append: %w", err)
			}
			return w.Close()
		}, fs.ErrClosed.Error()},
		{"disk", 130, func(w *NPY[float32]) error {
			return errors.Join(w.Append(make([]float32, 6)), w.Close())
		}, "no space left"},
		{"disk, noticed by Flush", 130, func(w *NPY[float32]) error {
			if err := w.Append(make([]float32, 6)); err != nil {
				return err
			}
			if err := w.Flush(); err == nil {
				return errors.New("Flush wrote what there was no room for")
			}
			return w.Close()
		}, "no space left"},
	} {
		w, err := NewNPY[float32](&tt.room, 2, 3)
		if err != nil {
			t.Fatal(err)
		}
		if err := tt.run(w); err == nil || !strings.HasPrefix(err.Error(), "export: ") || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: error %v, want %q in it", tt.name, err, tt.want)
		}
	}
}

func TestNewNPYErrors(t *testing.T) {
	for _, tt := range []struct {
		name    string
		written int64
		shape   []int
		want    string
	}{
		{"negative", 0, []int{2, -1}, "dimension 1 is negative"},
		{"negative after zero", 0, []int{0, -1}, "dimension 1 is negative"},
		{"overflow", 0, []int{1 << 31, 1 << 31}, "overflows"}, // 2⁶² values of 4 bytes
		{"rank", 0, make([]int, 33), "33 dimensions"},
		{"more than there can be", 7, []int{2, 3}, "7 values"},
		{"less than none", -1, []int{2, 3}, "-1 values"},
	} {
		_, err := ContinueNPY[float32](io.Discard, tt.written, tt.shape...)
		if err == nil || !strings.HasPrefix(err.Error(), "export: ") || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: error %v, want %q in it", tt.name, err, tt.want)
		}
		if _, err := NewNPY[float32](io.Discard, tt.shape...); tt.written == 0 && err == nil {
			t.Errorf("%s: NewNPY: no error", tt.name)
		}
	}
	if _, err := NewNPY[float32](io.Discard, 1<<30, 1<<30); err != nil {
		t.Errorf("2⁶⁰ values, which fit: %v", err)
	}
}
