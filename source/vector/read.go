package vector

import (
	"bytes"
	"fmt"
	"io"
	"path/filepath"

	"github.com/sparse-manifold/smt/internal/memory"
	"github.com/sparse-manifold/smt/internal/regular"
)

// Read reads the points of a file: NumPy's .npy, or Parquet, which its first bytes tell. The
// error names the file.
func Read(path string) (*Points, error) {
	f, info, err := regular.Open(path)
	if err != nil {
		return nil, fmt.Errorf("vector: %w", err)
	}
	defer f.Close()
	p, err := read(f, info.Size(), memory.Left())
	if err != nil {
		return nil, fmt.Errorf("vector: %s: %w", path, err)
	}
	return p, nil
}

func read(f io.ReaderAt, size int64, room memory.Room) (*Points, error) {
	head := make([]byte, 6)
	n, err := f.ReadAt(head, 0)
	if err != nil && err != io.EOF {
		return nil, err
	}
	switch head = head[:n]; {
	case bytes.HasPrefix(head, []byte(npyMagic)):
		return readNPY(f, size, room)
	case bytes.HasPrefix(head, []byte(parquetMagic)):
		return readParquet(f, size, room)
	}
	return nil, fmt.Errorf("begins with %q: want a NumPy array (.npy) or a Parquet file", head)
}

// Is reports whether a file's name is that of a file of points.
func Is(path string) bool {
	switch filepath.Ext(path) {
	case ".npy", ".parquet":
		return true
	}
	return false
}
