package cooccur

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/sparse-manifold/smt/internal/linalg"
	"github.com/sparse-manifold/smt/internal/safetensors"
	"github.com/sparse-manifold/smt/internal/safetensors/safetensorstest"
)

func matrix(row []float32) linalg.Matrix { return linalg.Wrap(1, len(row), row) }

// Whatever a file holds, loading it either fails or gives statistics that can
// be saved and loaded again.
func FuzzLoad(f *testing.F) {
	file := fileOf(f, smallStatistics(f))
	f.Add(file)
	f.Add(safetensorstest.Older(f, file, "", "")) // the fuzzer finds no sums
	f.Fuzz(func(t *testing.T, data []byte) {
		var s *Statistics
		notes, err := parsed(t, data, fileFormat, func(file *safetensors.File, head []byte) (err error) {
			s, err = read(file, head)
			return err
		})
		if err != nil {
			return
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

// The same for packed ones, which are also good for what is done with them.
func FuzzLoadPacked(f *testing.F) {
	s, mirror := smallPacked(f)
	file := fileOf(f, s)
	f.Add(file)
	f.Add(safetensorstest.Older(f, file, "", ""))
	f.Fuzz(func(t *testing.T, data []byte) {
		var s *Packed
		notes, err := parsed(t, data, packedFormat, func(file *safetensors.File, head []byte) (err error) {
			s, err = readPacked(file, head, mirror)
			return err
		})
		if err != nil {
			return
		}
		for _, b := range Bases(len(mirror), mirror) {
			s.V(b)
			x := linalg.NewBundle(b.Size())
			s.Between(b)(x, linalg.NewBundle(b.Size()))
		}
		path := filepath.Join(t.TempDir(), "s")
		if err := s.Save(path, notes); err != nil {
			t.Fatalf("loaded statistics cannot be saved: %v", err)
		}
		if _, _, err := LoadPacked(path, mirror); err != nil {
			t.Fatalf("saved statistics cannot be loaded: %v", err)
		}
	})
}

// parsed reads a file, and fails for one that takes more memory than it justifies.
func parsed(t *testing.T, data []byte, format string, read func(*safetensors.File, []byte) error) (notes map[string]string, err error) {
	n := allocated(func() { notes, err = parse(bytes.NewReader(data), int64(len(data)), format, read) })
	// The fuzzer itself, in the same process, takes some too.
	if n > uint64(8<<20+1000*len(data)) {
		t.Errorf("%d bytes of memory for a file of %d", n, len(data))
	}
	return notes, err
}

// fileOf is the bytes that s is saved as.
func fileOf(t testing.TB, s interface {
	Save(path string, notes map[string]string) error
}) []byte {
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
