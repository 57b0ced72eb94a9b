package embedding

import (
	"bytes"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sparse-manifold/smt/internal/half"
	"github.com/sparse-manifold/smt/internal/memory/memorytest"
)

// written is the bytes of a file of embeddings.
func written(t testing.TB, h held, block int) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "e")
	writeFile(t, path, h, block, h.Len())
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// open is Open of a file with these bytes.
func open(t testing.TB, b []byte) error {
	t.Helper()
	path := filepath.Join(t.TempDir(), "e")
	if err := os.WriteFile(path, b, 0o644); err != nil {
		t.Fatal(err)
	}
	f, err := Open(path)
	if err != nil {
		return err
	}
	return f.Close()
}

// Every bit of header and rows is seen to. The bytes do not depend on the blocks that were
// written.
func TestEveryBitIsNoticed(t *testing.T) {
	h := random(rand.New(rand.NewPCG(3, 3)), 5, 6, 3)
	file := written(t, h, 2)
	if err := open(t, file); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(file, written(t, h, 5)) {
		t.Error("a file written in other blocks has other bytes")
	}
	for i := range 8 * len(file) {
		changed := slices.Clone(file)
		changed[i/8] ^= 1 << (i % 8)
		h, err := parseHeader(changed[:headerSize])
		if err == nil {
			_, err = checkRows(bytes.NewReader(changed), h)
		}
		if err == nil {
			err = checkIDs(bytes.NewReader(changed), h)
		}
		if err == nil {
			t.Fatalf("bit %d of byte %d, %q, may change unnoticed", i%8, i/8, file[i/8])
		}
	}
}

// A file of many pieces, of which any byte may change.
func TestChangedRowsAreNoticed(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 5))
	file := written(t, random(rng, 300, 1500, 700), 64)
	if err := open(t, file); err != nil {
		t.Fatal(err)
	}
	for range 20 {
		at := headerSize + rng.IntN(300*1500*half.Size)
		file[at] ^= 1
		if err := open(t, file); err == nil || !strings.Contains(err.Error(), "the rows have changed") {
			t.Errorf("byte %d: error %v", at, err)
		}
		file[at] ^= 1
	}
}

// Files of before there were checksums are read, and gone on with.
func TestOlderFiles(t *testing.T) {
	h := random(rand.New(rand.NewPCG(3, 4)), 7, 6, 3)
	file := written(t, h, 2)
	if err := open(t, older(t, file)); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "e")
	writeFile(t, path, h, 3, 4)
	part, err := os.ReadFile(path + Partial)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path+Partial, older(t, part), 0o644); err != nil {
		t.Fatal(err)
	}
	writeFile(t, path, h, 3, 7)
	if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, older(t, file)) {
		t.Errorf("an older file that was gone on with is not what it would have been, %v", err)
	}
}

// Rows that have changed since they were written are not gone on with.
func TestResumeVerifies(t *testing.T) {
	h := random(rand.New(rand.NewPCG(3, 5)), 7, 6, 3)
	path := filepath.Join(t.TempDir(), "e")
	writeFile(t, path, h, 3, 4)
	part, err := os.ReadFile(path + Partial)
	if err != nil {
		t.Fatal(err)
	}
	for _, at := range []int{headerSize, headerSize + 4*6*half.Size - 1} {
		changed := slices.Clone(part)
		changed[at] ^= 4
		if err := os.WriteFile(path+Partial, changed, 0o644); err != nil {
			t.Fatal(err)
		}
		w, err := Create(path, "test", h)
		if err == nil {
			w.Close()
		}
		if err == nil || !strings.Contains(err.Error(), "the rows have changed") || !strings.Contains(err.Error(), path+Partial) || !strings.Contains(err.Error(), "remove it") {
			t.Errorf("byte %d: error %v", at, err)
		}
	}
}

// What a header states takes no memory that the file has not.
func TestStatedSizesTakeNoMemory(t *testing.T) {
	file := older(t, written(t, random(rand.New(rand.NewPCG(3, 6)), 5, 6, 3), 5))
	for _, c := range [][2]string{
		{`"rows":5`, `"rows":2000000000`}, {`"dim":6`, `"dim":2000000000`}, {`"rows":5,"dim":6,"even":3,"done":5`, `"rows":0,"dim":2000000000,"even":3,"done":0`},
	} {
		head := strings.TrimRight(strings.Replace(string(file[:headerSize]), c[0], c[1], 1), " ")
		b := append([]byte(head+strings.Repeat(" ", headerSize-len(head))), file[headerSize:]...)
		var err error
		if n := memorytest.Allocated(func() { err = open(t, b) }); n > 1<<20 || err == nil {
			t.Errorf("%s: %d bytes of memory, error %v", c[1], n, err)
		}
	}
}

// Whatever a file holds, opening it fails or gives rows that are within ±1.
func FuzzFile(f *testing.F) {
	file := written(f, random(rand.New(rand.NewPCG(3, 7)), 5, 6, 3), 5)
	f.Add(file)
	f.Add(older(f, file)) // the fuzzer finds no sums
	f.Fuzz(func(t *testing.T, b []byte) {
		path := filepath.Join(t.TempDir(), "e")
		if err := os.WriteFile(path, b, 0o644); err != nil {
			t.Fatal(err)
		}
		e, err := Open(path)
		if err != nil {
			return
		}
		defer e.Close()
		for i := range e.Len() {
			if _, err := e.ID(i); err != nil {
				t.Fatal(err)
			}
		}
		for block, err := range e.Blocks(t.Context(), 3) {
			if err != nil {
				t.Fatal(err)
			}
			for _, v := range block {
				if !(v >= -1 && v <= 1) {
					t.Fatalf("a row has the value %g", v)
				}
			}
		}
	})
}
