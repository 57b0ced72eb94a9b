package modelfile

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sparse-manifold/smt/internal/safetensors"
)

type header struct {
	Version int `json:"version"`
	N       int `json:"n"`
}

var numbers = Kind{Package: "tests", Format: "numbers", Version: 3}

// readNumbers makes the numbers of a file, of which the header says how many.
func readNumbers(f *safetensors.File, h header) ([]float64, error) {
	if h.N < 1 {
		return nil, errors.New("n is less than 1")
	}
	return f.Float64("x", h.N)
}

func contents(h header, more ...safetensors.Tensor) Contents {
	return Contents{h, append([]safetensors.Tensor{safetensors.NewTensor("x", []float64{5, 7}, 2)}, more...)}
}

// What was saved is loaded, and is the same in a file and from a reader.
func TestSaveAndLoad(t *testing.T) {
	path := filepath.Join(t.TempDir(), "m")
	var b bytes.Buffer
	if err := errors.Join(numbers.Save(path, contents(header{3, 2})), numbers.SaveTo(&b, contents(header{3, 2}))); err != nil {
		t.Fatal(err)
	}
	if file, err := os.ReadFile(path); err != nil || !bytes.Equal(file, b.Bytes()) {
		t.Errorf("the file is not what is written: %v", err)
	}
	x, err := Load(numbers, path, readNumbers)
	y, errFrom := LoadFrom(numbers, bytes.NewReader(b.Bytes()), int64(b.Len()), readNumbers)
	if err != nil || errFrom != nil || len(x) != 2 || x[1] != 7 || len(y) != 2 || y[1] != 7 {
		t.Errorf("loaded %v and %v: %v, %v", x, y, err, errFrom)
	}
}

// What is wrong with a file is named, with the file.
func TestLoadRefuses(t *testing.T) {
	other := numbers
	other.Format = "letters"
	path := filepath.Join(t.TempDir(), "m")
	for says, save := range map[string]func() error{
		`format is "letters", want "numbers"`: func() error { return other.Save(path, contents(header{3, 2})) },
		"header: version 4":                   func() error { return numbers.Save(path, contents(header{4, 2})) },
		"n is less than 1":                    func() error { return numbers.Save(path, contents(header{3, 0})) },
		`tensor "x"`:                          func() error { return numbers.Save(path, contents(header{3, 9})) },
		`tensor "y": not known`: func() error {
			return numbers.Save(path, contents(header{3, 2}, safetensors.NewTensor("y", []float64{1}, 1)))
		},
		"no such file": func() error { return os.Remove(path) },
	} {
		if says == "no such file" {
			_ = numbers.Save(path, contents(header{3, 2}))
		}
		if err := save(); err != nil {
			t.Fatal(err)
		}
		x, err := Load(numbers, path, readNumbers)
		if err == nil || x != nil || !strings.HasPrefix(err.Error(), "tests: model") || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), says) {
			t.Errorf("%v, error %v, want %q", x, err, says)
		}
	}
}
