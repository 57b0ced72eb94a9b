package video

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/internal/safetensors"
)

func saved(t interface {
	Helper()
	Fatal(...any)
}) (*Model, []byte) {
	t.Helper()
	shape := dataset.Shape{Height: 9, Width: 9, Channels: 1}
	m := fit(t, drifting(t, shape, 5, 30, 30), small(shape))
	var b bytes.Buffer
	if err := m.SaveTo(&b); err != nil {
		t.Fatal(err)
	}
	return m, b.Bytes()
}

// What is read embeds as what was saved, and is saved to the same bytes.
func TestSaveAndLoad(t *testing.T) {
	m, file := saved(t)
	path := filepath.Join(t.TempDir(), "m.safetensors")
	if err := m.Save(path); err != nil {
		t.Fatal(err)
	}
	read, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	var again bytes.Buffer
	if err := read.SaveTo(&again); err != nil || !bytes.Equal(again.Bytes(), file) {
		t.Errorf("it is saved to other bytes (%v)", err)
	}
	f := drifting(t, m.Config().Shape, 6, 12)
	if !slices.Equal(embedAll(t, m, f), embedAll(t, read, f)) {
		t.Error("it embeds otherwise")
	}
	if read.Config() != m.Config() || read.Data() != m.Data() || read.VICReg() != m.VICReg() || !slices.Equal(read.Eigenvalues(), m.Eigenvalues()) {
		t.Error("it is another model")
	}
	if err := os.WriteFile(path, file[:len(file)-1], 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(path); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("cut short: error %v", err)
	}
}

// A file that no fit writes is refused, and the error says what in it.
func TestLoadRefuses(t *testing.T) {
	m, _ := saved(t)
	d, c := m.enc.dict, m.enc.cfg
	for want, change := range map[string]func(h *string, atoms, projection []float32, values []float64){
		"pool is 9: want 1 to 2 places": func(h *string, _, _ []float32, _ []float64) { *h = strings.Replace(*h, `"pool":0`, `"pool":9`, 1) },
		"version 2": func(h *string, _, _ []float32, _ []float64) {
			*h = strings.Replace(*h, `"version":1`, `"version":2`, 1)
		},
		"data: 3 clips, 60 frames": func(h *string, _, _ []float32, _ []float64) {
			*h = strings.Replace(*h, `"clips":2,"frames":60`, `"clips":33,"frames":60`, 1)
		},
		"unknown": func(h *string, _, _ []float32, _ []float64) {
			*h = strings.Replace(*h, `"pool"`, `"pool2":1,"pool"`, 1)
		},
		"tensor atoms: atom 1 has":       func(_ *string, atoms, _ []float32, _ []float64) { atoms[d.Dim] += 1 },
		"tensor eigenvalues: value 1 is": func(_ *string, _, _ []float32, values []float64) { values[0], values[1] = values[1], values[0] },
		"eigenvalue_sum":                 func(_ *string, _, _ []float32, values []float64) { values[len(values)-1] *= 1.001 },
		"tensor projection: the largest value of coordinate 2 is 0 in size": func(_ *string, _, p []float32, _ []float64) {
			for a := range d.N() {
				p[a*c.Dims+2] = 0
			}
		},
		"tensor projection: the largest value of coordinate 0 is 1e+38": func(_ *string, _, p []float32, _ []float64) { p[0] = 1e38 },
	} {
		contents := m.contents()
		header, err := json.Marshal(contents.Header)
		if err != nil {
			t.Fatal(err)
		}
		h, atoms, projection, values := string(header), slices.Clone(d.Atoms), m.p.Values(), slices.Clone(m.values)
		change(&h, atoms, projection, values)
		contents.Header = json.RawMessage(h)
		contents.Tensors = []safetensors.Tensor{
			contents.Tensors[0], safetensors.NewTensor("atoms", atoms, d.N(), d.Dim),
			safetensors.NewTensor("projection", projection, d.N(), c.Dims), safetensors.NewTensor("eigenvalues", values, c.Dims),
		}
		var b bytes.Buffer
		if err := kind.SaveTo(&b, contents); err != nil {
			t.Fatal(err)
		}
		want = strings.Replace(want, "3 clips", "33 clips", 1)
		if _, err := LoadFrom(bytes.NewReader(b.Bytes()), int64(b.Len())); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}

// No bytes make reading panic, and what is read is what would be written.
func FuzzLoad(f *testing.F) {
	_, file := saved(f)
	f.Add(file)
	f.Add(file[:len(file)/2])
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := LoadFrom(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			return
		}
		var again bytes.Buffer
		if err := m.SaveTo(&again); err != nil {
			t.Fatal(err)
		}
		if _, err := LoadFrom(bytes.NewReader(again.Bytes()), int64(again.Len())); err != nil {
			t.Fatal(err)
		}
	})
}
