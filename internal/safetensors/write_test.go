package safetensors

import (
	"bytes"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The bytes of a small file, written out by hand from the format's description; the sums
// are of another program (crc32c of PyPI's package of that name).
func TestWriteBytes(t *testing.T) {
	var got bytes.Buffer
	err := Write(&got, map[string]string{"b": "<2>", "a": "é\n"}, []Tensor{
		NewTensor("z", []uint16{0x0102, 0x0304}, 2, 1),
		NewTensor("a", []float32{-2}),
		NewTensor("none", []int64{}, 0, 3),
	})
	if err != nil {
		t.Fatal(err)
	}
	header := `{"__metadata__":{"crc32c":"db30cfe3 0f9b6810 8bea6d03 00000000","a":"é\n","b":"<2>"},` +
		`"z":{"dtype":"U16","shape":[2,1],"data_offsets":[0,4]},` +
		`"a":{"dtype":"F32","shape":[],"data_offsets":[4,8]},` +
		`"none":{"dtype":"I64","shape":[0,3],"data_offsets":[8,8]}}`
	for len(header)%8 != 0 {
		header += " "
	}
	want := append(raw(header, 0), 2, 1, 4, 3, 0, 0, 0, 0xc0)
	if !bytes.Equal(got.Bytes(), want) {
		t.Errorf("got\n%q\nwant\n%q", got.Bytes(), want)
	}
}

func TestWriteErrors(t *testing.T) {
	ok := NewTensor("a", []uint8{1}, 1)
	tests := []struct {
		name     string
		metadata map[string]string
		tensors  []Tensor
		want     string
	}{
		{"no name", nil, []Tensor{NewTensor("", []uint8{1}, 1)}, "name is empty"},
		{"reserved", nil, []Tensor{NewTensor("__metadata__", []uint8{1}, 1)}, "reserved"},
		{"not UTF-8", nil, []Tensor{NewTensor("\xff", []uint8{1}, 1)}, "not UTF-8"},
		{"twice", nil, []Tensor{ok, ok}, `tensor "a": the name is taken twice`},
		{"size", nil, []Tensor{NewTensor("a", make([]float32, 5), 2, 3)}, `tensor "a": shape [2 3] is 6 values, the data 5`},
		{"scalar", nil, []Tensor{NewTensor("a", make([]float32, 2))}, "shape [] is 1 value, the data 2"},
		{"negative", nil, []Tensor{NewTensor("a", make([]float32, 6), -2, -3)}, "negative"},
		{"overflow", nil, []Tensor{NewTensor("a", []float32{}, 1<<32, 1<<32)}, "overflows"},
		{"NaN", nil, []Tensor{ok, NewTensor("b", []float32{0, float32(math.NaN())}, 2)}, `tensor "b": the value at index 1 is not finite`},
		{"infinity", nil, []Tensor{NewTensor("b", []float64{math.Inf(1)}, 1)}, "index 0 is not finite"},
		{"zero Tensor", nil, []Tensor{{}}, "not made by NewTensor"},
		{"metadata key", map[string]string{"\xff": ""}, nil, "not UTF-8"},
		{"metadata reserved", map[string]string{"crc32c": ""}, nil, "reserved"},
		{"metadata value", map[string]string{"k": "\xff"}, nil, `metadata "k": not UTF-8`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var buf bytes.Buffer
			err := Write(&buf, tt.metadata, tt.tensors)
			if err == nil || !strings.HasPrefix(err.Error(), "safetensors: ") || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want %q in it", err, tt.want)
			}
			if buf.Len() > 0 {
				t.Errorf("%d bytes written all the same", buf.Len())
			}
		})
	}
}

// failAfter is a writer that takes n bytes and then fails.
type failAfter struct{ n int }

var errFull = errors.New("disk full")

func (w *failAfter) Write(b []byte) (int, error) {
	if len(b) > w.n {
		return 0, errFull
	}
	w.n -= len(b)
	return len(b), nil
}

func TestWriterFails(t *testing.T) {
	tensors := []Tensor{NewTensor("a", []uint8{1, 2, 3}, 3)}
	var whole bytes.Buffer
	if err := Write(&whole, nil, tensors); err != nil {
		t.Fatal(err)
	}
	for n := range whole.Len() {
		if err := Write(&failAfter{n}, nil, tensors); !errors.Is(err, errFull) {
			t.Errorf("writer that takes %d of %d bytes: %v", n, whole.Len(), err)
		}
	}
}

// short takes and gives half of what it is asked for, and says nothing of it.
type short struct{ of io.ReaderAt }

func (short) Write(b []byte) (int, error) { return len(b) / 2, nil }

func (s short) ReadAt(b []byte, off int64) (int, error) {
	n, _ := s.of.ReadAt(b[:len(b)/2], off)
	return n, nil
}

func TestShortWithoutError(t *testing.T) {
	tensors := []Tensor{NewTensor("a", []uint8{1, 2, 3}, 3)}
	if err := Write(short{}, nil, tensors); !errors.Is(err, io.ErrShortWrite) {
		t.Errorf("a writer that takes half: error %v", err)
	}
	b := small(t)
	if _, err := Read(short{bytes.NewReader(b)}, int64(len(b))); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("a reader that gives half: error %v", err)
	}
	// A header that is read whole, and values that are not.
	f, err := readBytes(b)
	if err != nil {
		t.Fatal(err)
	}
	f.r = short{f.r}
	if _, err := f.Float32("a", 3); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("a reader that gives half of the values: error %v", err)
	}
}

func TestWriteFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "m.safetensors")
	if err := os.WriteFile(path, []byte("former"), 0o600); err != nil {
		t.Fatal(err)
	}
	bad := []Tensor{NewTensor("a", []float32{1}, 2)}
	if err := WriteFile(path, nil, bad); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("error %v, want the path in it", err)
	}
	if b, err := os.ReadFile(path); err != nil || string(b) != "former" {
		t.Errorf("after a failed write the file holds %q, %v", b, err)
	}
	if err := WriteFile(path, map[string]string{"k": "v"}, []Tensor{NewTensor("a", []float32{1, 2}, 2)}); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	f, err := readBytes(b)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := f.Float32("a", 2); err != nil || got[0] != 1 || got[1] != 2 || f.Metadata["k"] != "v" {
		t.Errorf("a is %v, metadata %v, %v", got, f.Metadata, err)
	}
	if fi, err := os.Stat(path); err != nil || fi.Mode().Perm() != 0o600 {
		t.Errorf("the mode is %v, want the former file's 0600; %v", fi.Mode(), err)
	}
	if left, _ := os.ReadDir(dir); len(left) != 1 {
		t.Errorf("left behind: %v", left)
	}
}
