package cooccur

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/sparse-manifold/smt/internal/linalg"
)

func matrix(row []float32) linalg.Matrix { return linalg.Wrap(1, len(row), row) }

// Whatever a file holds, loading it either fails or gives statistics that can
// be saved and loaded again.
func FuzzLoad(f *testing.F) {
	s, err := New(Context{Kind: Image, Difference: 2}, 3, 1, 2, 2)
	if err != nil {
		f.Fatal(err)
	}
	path := filepath.Join(f.TempDir(), "seed")
	if err := s.Save(path, map[string]string{"a": "b"}); err != nil {
		f.Fatal(err)
	}
	seed, err := os.ReadFile(path)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(seed)
	f.Fuzz(func(t *testing.T, data []byte) {
		path := filepath.Join(t.TempDir(), "s")
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
		s, notes, err := Load(path)
		if err != nil {
			return
		}
		if err := s.Save(path, notes); err != nil {
			t.Fatalf("loaded statistics cannot be saved: %v", err)
		}
		if _, _, err := Load(path); err != nil {
			t.Fatalf("saved statistics cannot be loaded: %v", err)
		}
	})
}
