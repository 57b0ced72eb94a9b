package embedding

import (
	"errors"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// writeFile writes a set in blocks and stops after some rows, if there are more.
func writeFile(t testing.TB, path string, h held, block, stop int) {
	t.Helper()
	w, err := Create(path, "test", h)
	if err != nil {
		t.Fatal(err)
	}
	for w.Done() < min(stop, h.Len()) {
		end := min(stop, h.Len(), w.Done()+block)
		if err := w.Write(slices.Concat(h.Rows[w.Done():end]...)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
}

// What is read is what was written, to half a unit in the last place of 11 bits,
// whatever the blocks and wherever the writing was interrupted.
func TestFileRoundTrip(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 0))
		n := rapid.IntRange(0, 40).Draw(rt, "rows")
		dim := rapid.IntRange(1, 50).Draw(rt, "dim")
		h := random(rng, n, dim, rapid.IntRange(-1, dim).Draw(rt, "even"))
		dir, err := os.MkdirTemp("", "embedding")
		if err != nil {
			rt.Fatal(err)
		}
		defer os.RemoveAll(dir)
		path := filepath.Join(dir, "e")
		block := rapid.IntRange(1, 12).Draw(rt, "block")
		if n > 0 {
			writeFile(t, path, h, block, rapid.IntRange(0, n-1).Draw(rt, "stop"))
			if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
				rt.Fatalf("a file that is not whole has its name: %v", err)
			}
			// Rows of a block whose header was lost are written again.
			tail := rapid.SliceOfN(rapid.Byte(), 0, 300).Draw(rt, "tail")
			f, err := os.OpenFile(path+Partial, os.O_WRONLY|os.O_APPEND, 0)
			if err != nil {
				rt.Fatal(err)
			}
			_, _ = f.Write(tail)
			f.Close()
		}
		writeFile(t, path, h, block, n)
		f, err := Open(path)
		if err != nil {
			rt.Fatal(err)
		}
		defer f.Close()
		if f.Len() != n || f.Dim() != dim || f.Even() != h.EvenWidth || f.Identity() != "test" {
			rt.Fatalf("%d × %d with %d even of %q", f.Len(), f.Dim(), f.Even(), f.Identity())
		}
		check := func(s Set, want held) {
			got := values(t, s, rapid.IntRange(1, 50).Draw(rt, "read"))
			for i, v := range slices.Concat(want.Rows...) {
				if math.Abs(float64(got[i]-v)) > math.Abs(float64(v))/2048+1.0/(1<<25) {
					rt.Fatalf("value %d is %g, was %g", i, got[i], v)
				}
			}
		}
		check(f, h)
		if n > 0 {
			pick := rapid.SliceOf(rapid.IntRange(0, n-1)).Draw(rt, "pick")
			check(f.Pick(pick), h.Pick(pick).(held))
			again := []int{0, 0}
			if len(pick) > 0 {
				check(f.Pick(pick).Pick(again), h.Pick(pick).Pick(again).(held))
			}
		}
	})
}

// older is a file of version 1, without checksums and ids, of the same rows.
func older(t testing.TB, file []byte) []byte {
	t.Helper()
	h, err := parseHeader(file[:headerSize])
	if err != nil {
		t.Fatal(err)
	}
	rows := file[headerSize:h.offset(h.Done)]
	h.Version, h.RowsSum, h.IDsBytes, h.IDsSum = unsummed, "", 0, ""
	b, err := h.bytes()
	if err != nil {
		t.Fatal(err)
	}
	return append(b, rows...)
}

func TestFileErrors(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 2))
	h := random(rng, 5, 6, 3)
	dir := t.TempDir()
	path := filepath.Join(dir, "whole")
	writeFile(t, path, h, 2, 5)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	damaged := filepath.Join(dir, "damaged")
	text := func(old, new string) func([]byte) []byte {
		return func(b []byte) []byte {
			head := strings.TrimRight(strings.Replace(string(b[:headerSize]), old, new, 1), " ")
			return append([]byte(head+strings.Repeat(" ", headerSize-len(head))), b[headerSize:]...)
		}
	}
	for says, change := range map[string]func([]byte) []byte{
		"has 10 bytes":                      func(b []byte) []byte { return b[:10] },
		"has 4106 bytes":                    func(b []byte) []byte { return b[:4106] },
		"has 4157 bytes":                    func(b []byte) []byte { return append(b, 0) },
		"header":                            func(b []byte) []byte { b[0] = 'x'; return b },
		"after top-level value":             func(b []byte) []byte { b[4095] = 'x'; return b },
		`format is "n`:                      text("smt-e", "nmt-e"),
		"version 4":                         text(`"version":1`, `"version":4`),
		"done is 4":                         text(`"done":5`, `"done":4`),
		"even is 9":                         text(`"even":3`, `"even":9`),
		"dim is 0":                          text(`"dim":6`, `"dim":0`),
		"unknown":                           text(`"dim"`, `"him"`),
		`unknown field "Dim"`:               text(`"dim"`, `"Dim"`),
		`"done" comes twice`:                text(`"done":5,`, `"done":5,"done":5,`),
		"want no checksums":                 text(`{"format"`, `{"crc32c":"00000000","format"`),
		"row 2: value 1 is not within ±1":   func(b []byte) []byte { b[headerSize+2*(2*6+1)+1] = 0x7e; return b },
		"row 0: value 0 is not within ±1":   func(b []byte) []byte { b[headerSize], b[headerSize+1] = 1, 0xbc; return b },
		"version 2147483648, this software": text(`"version":1`, `"version":2147483648`),
	} {
		b := change(older(t, whole))
		if err := os.WriteFile(damaged, b, 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(damaged); err == nil || !strings.Contains(err.Error(), says) || !strings.Contains(err.Error(), damaged) {
			t.Errorf("error %v, want one that says %q and the file", err, says)
		}
	}
	if _, err := Open(filepath.Join(dir, "missing")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("error %v of a missing file", err)
	}

	half := filepath.Join(dir, "half")
	writeFile(t, half, h, 2, 3)
	for _, c := range []struct {
		identity        string
		rows, dim, even int
	}{{"other", 5, 6, 3}, {"test", 6, 6, 3}, {"test", 5, 7, 3}, {"test", 5, 6, 2}} {
		if _, err := Create(half, c.identity, random(rng, c.rows, c.dim, c.even)); err == nil || !strings.Contains(err.Error(), half+Partial) {
			t.Errorf("%+v: error %v, want one that names the file of other embeddings", c, err)
		}
	}
	if _, err := Create(filepath.Join(dir, "none", "e"), "test", random(rng, 1, 1, 1)); err == nil {
		t.Error("a file in a folder that is missing: no error")
	}
	if _, err := Create(filepath.Join(dir, "e"), strings.Repeat("long", 2000), random(rng, 1, 1, 1)); err == nil || !strings.Contains(err.Error(), "identity") {
		t.Errorf("an identity that does not fit: %v", err)
	}
	w, err := Create(half, "test", h)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	for _, n := range []int{7, 18} {
		if err := w.Write(make([]float32, n)); err == nil {
			t.Errorf("%d values where two rows of six are missing: no error", n)
		}
	}
}

// A header that is read is one that would be written, and nothing panics.
func FuzzHeader(f *testing.F) {
	h, err := newHeader("a model", random(rand.New(rand.NewPCG(1, 1)), 10, 20, -1))
	if err != nil {
		f.Fatal(err)
	}
	good, err := h.bytes()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add([]byte(`{"format":"smt-embeddings","version":1,"identity":"a model","rows":10,"dim":20,"even":-1,"done":3}`))
	f.Add([]byte(`{"format":"smt-embeddings","version":1,"rows":1e99}`))
	f.Add([]byte(`{}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		h, err := parseHeader(b)
		if err != nil {
			return
		}
		if h.offset(h.Rows) < headerSize {
			t.Fatalf("%+v ends at %d", h, h.offset(h.Rows))
		}
		again, err := h.bytes()
		if err != nil {
			return // the identity is longer when escaped
		}
		if back, err := parseHeader(again); err != nil || back != h {
			t.Fatalf("%+v became %+v: %v", h, back, err)
		}
	})
}
