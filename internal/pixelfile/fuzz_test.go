package pixelfile

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/sparse-manifold/smt/internal/checksum"
)

func FuzzRead(f *testing.F) {
	path := filepath.Join(f.TempDir(), "a.pixels")
	written(f, path, 4, 1, 3)
	whole, err := os.ReadFile(path)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(whole)
	f.Add(whole[:len(whole)-3])
	f.Add(whole[:40])
	f.Add([]byte(magic))
	f.Fuzz(checkRead)
}

// FuzzLists has head and list with the sums that they are to have.
func FuzzLists(f *testing.F) {
	entries, pix := chunkOf(1, 4)
	head, err := json.Marshal(testHead)
	if err != nil {
		f.Fatal(err)
	}
	list, err := json.Marshal(entries)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(head, list, pix)
	f.Add([]byte(`{"height":1,"width":99999999,"channels":3}`), list, pix)
	f.Add(head, []byte(`[{"id":"YQ==","stat":{"size":-1,"modified":-9223372036854775808},"header":{"width":-1}},null]`), pix)
	f.Fuzz(func(t *testing.T, head, list, rest []byte) {
		b := []byte(magic)
		for _, text := range [][]byte{head, list} {
			b = binary.LittleEndian.AppendUint32(b, uint32(len(text)))
			b = binary.LittleEndian.AppendUint32(b, checksum.Append(0, text))
			b = append(b, text...)
		}
		checkRead(t, append(b, rest...))
	})
}

// checkRead checks what is read of a file that anybody may have made.
func checkRead(t *testing.T, b []byte) {
	size := int64(len(b))
	x, err := read(bytes.NewReader(b), size)
	if err != nil {
		return
	}
	if x.end > size || (x.Whole == nil) != (x.end == size) {
		t.Fatalf("ends at byte %d of %d, rest %v", x.end, size, x.Whole)
	}
	for _, i := range x.Items {
		h := i.Header
		if i.Bad == "" && (i.at < 0 || i.at+int64(x.Head.Len()) > x.end || h.Width < 1 || h.Height < 1 || h.Orientation < 1 || h.Bytes < 0) {
			t.Fatalf("%+v of %d bytes", i, size)
		}
	}
	again, err := read(bytes.NewReader(b[:x.end]), x.end)
	if err != nil || again.Whole != nil || len(again.Items) != len(x.Items) {
		t.Fatalf("the whole of it has %v, %v", again, err)
	}
}
