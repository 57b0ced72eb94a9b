package cooccur

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/sparse-manifold/smt/internal/linalg"
	"github.com/sparse-manifold/smt/internal/memory/memorytest"
	"github.com/sparse-manifold/smt/internal/safetensors/safetensorstest"
)

// Whatever a file holds, loading it either fails or gives statistics that are good for what
// is done with them, and can be saved and loaded again.
func FuzzLoad(f *testing.F) {
	all := kinds(f)
	all["slots"], all["clips"] = smallSlots(f), clips(f)
	for _, s := range all {
		file := fileOf(f, s)
		f.Add(file)
		f.Add(safetensorstest.Older(f, file, "", "")) // the fuzzer finds no sums
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		s, notes, err := parsed(t, data)
		if err != nil {
			return
		}
		if p, ok := s.(*Packed); ok {
			for _, b := range Bases(p.Atoms, p.Mirror) {
				p.v(b)
				x := linalg.NewBundle(b.Size())
				p.between(b)(x, linalg.NewBundle(b.Size()))
			}
		}
		if p, ok := s.(*Sparse); ok {
			l := p.laplacian()
			l.times(linalg.NewBundle(p.Atoms), linalg.NewBundle(p.Atoms))
		}
		path := filepath.Join(t.TempDir(), "s")
		if err := s.Save(path, notes); err != nil {
			t.Fatalf("loaded statistics cannot be saved: %v", err)
		}
		if _, _, err := Load(path); err != nil {
			t.Fatalf("saved statistics cannot be loaded: %v", err)
		}
	})
}

// parsed reads a file, and fails for one that takes more memory than it justifies.
func parsed(t *testing.T, data []byte) (s Statistics, notes map[string]string, err error) {
	n := memorytest.Allocated(func() { s, notes, err = Read(bytes.NewReader(data), int64(len(data))) })
	// The fuzzer itself, in the same process, takes some too.
	if n > uint64(8<<20+1000*len(data)) {
		t.Errorf("%d bytes of memory for a file of %d", n, len(data))
	}
	return s, notes, err
}

// fileOf is the bytes that s is saved as.
func fileOf(t testing.TB, s Statistics) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "s")
	if err := s.Save(path, map[string]string{"next": "17", "work": "a digest"}); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
