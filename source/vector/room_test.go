package vector

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"

	"github.com/sparse-manifold/smt/internal/memory"
	"github.com/sparse-manifold/smt/internal/memory/memorytest"
)

// sparseFile is a file that begins with some bytes and goes on with zeros.
type sparseFile struct{ head []byte }

func (f sparseFile) ReadAt(b []byte, at int64) (int, error) {
	clear(b)
	if at < int64(len(f.head)) {
		copy(b, f.head[at:])
	}
	return len(b), nil
}

// Points that there is no memory for are refused before any is taken. The arrays were made first.
func TestRoomComesFirst(t *testing.T) {
	room := memory.Room{Bytes: 1 << 30, By: "the test"}
	header := npy("{'descr': '|b1', 'fortran_order': False, 'shape': (1000000, 300), }", []byte{})
	long := new(bytes.Buffer)
	w := parquet.NewGenericWriter[lists](long, parquet.Compression(&parquet.Zstd))
	row := lists{make([]float32, 1<<17)}
	for range 20 {
		if _, err := w.Write([]lists{row}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, says string
		file       io.ReaderAt
		size       int64
		room       memory.Room
	}{
		{"booleans", "1000000 × 300 values take 1.2 GB of memory, and the test leaves 1.1", sparseFile{header}, int64(len(header)) + 300e6, room},
		{"lists", "2621440 values take 0.", bytes.NewReader(long.Bytes()), int64(long.Len()), memory.Room{Bytes: 8 << 20, By: "the test"}},
	} {
		var err error
		n := memorytest.Allocated(func() { _, err = read(c.file, c.size, c.room) })
		if err == nil || !strings.Contains(err.Error(), c.says) || n > 8<<20 {
			t.Errorf("%s: %d bytes of memory, error %v, want one that says %q", c.name, n, err, c.says)
		}
	}
	t.Logf("the lists are a file of %d bytes", long.Len())
	if p, err := read(bytes.NewReader(long.Bytes()), int64(long.Len()), memory.Room{Bytes: 1 << 30, By: "the test"}); err != nil || p.N() != 20 {
		t.Errorf("with room enough: %v", err)
	}
}
