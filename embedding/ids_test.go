package embedding

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/sparse-manifold/smt/internal/checksum"
	"github.com/sparse-manifold/smt/internal/memory/memorytest"
)

// named are rows with these ids.
func named(ids ...string) held {
	h := random(rand.New(rand.NewPCG(15, uint64(len(ids)))), len(ids), 3, 2)
	h.IDs = ids
	return h
}

func wantIDs(t interface {
	Helper()
	Fatalf(format string, args ...any)
}, s Set, want []string) {
	t.Helper()
	for i, w := range want {
		if got, err := s.ID(i); err != nil || got != w {
			t.Fatalf("the id of row %d is %q, %v: want %q", i, got, err, w)
		}
	}
}

// drawIDs are ids of all kinds: none, empty, long, the same again, of any characters and of
// bytes that are none.
func drawIDs(rt *rapid.T) []string {
	return rapid.SliceOfN(rapid.OneOf(
		rapid.String(),
		rapid.SampledFrom([]string{"", "a/b.png", "test_batch.bin#17", "\x00\x1b[31m\n", "\xff\xfe", strings.Repeat("ä", maxID/2), strings.Repeat("x", maxID)}),
	), 0, 30).Draw(rt, "ids")
}

// Ids come back as they were, from a file that was written in two goes, from a view of it, and
// through everything that is made of it.
func TestIDsRoundTrip(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(rt *rapid.T) {
		h := named(drawIDs(rt)...)
		path := filepath.Join(dir, "e")
		writeFile(t, path, h, 2, rapid.IntRange(0, h.Len()).Draw(rt, "stop"))
		writeFile(t, path, h, 3, h.Len())
		f, err := Open(path)
		if err != nil {
			rt.Fatal(err)
		}
		defer f.Close()
		wantIDs(rt, f, h.IDs)
		if h.Len() == 0 {
			return
		}
		pick := rapid.SliceOf(rapid.IntRange(0, h.Len()-1)).Draw(rt, "pick")
		want := h.Pick(pick).(held).IDs
		wantIDs(rt, f.Pick(pick), want)
		other := random(rand.New(rand.NewPCG(1, 1)), h.Len(), 4, -1)
		other.IDs = h.IDs
		both, err := Join([]float64{1, 2}, f, other)
		if err != nil {
			rt.Fatal(err)
		}
		wantIDs(rt, both.Pick(pick), want)
		w, err := NewComponents(t.Context(), f, 1, Power, 1)
		if err != nil {
			rt.Fatal(err)
		}
		wantIDs(rt, w.Of(f).Pick(pick), want)
	})
}

// The section is what its description says, read as another program would.
func TestIDsInTheFile(t *testing.T) {
	b := written(t, named("a", "", "bcd"), 3)
	at := headerSize + 3*3*2
	want := append([]byte{1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0}, "abcd"...)
	if !bytes.Equal(b[at:], want) {
		t.Errorf("behind the rows is %q, want %q", b[at:], want)
	}
	if head := string(b[:headerSize]); !strings.Contains(head, `"version":3,`) || !strings.Contains(head, `"ids_bytes":28,"ids_crc32c":"`+checksum.Text(checksum.Append(0, want))+`"`) {
		t.Errorf("header %s", strings.TrimSpace(head))
	}
}

// Files of earlier versions, written by the software of their time, are read, and gone on
// with to the same bytes.
func TestEarlierVersions(t *testing.T) {
	h := random(rand.New(rand.NewPCG(15, 2)), 5, 6, 3)
	for _, name := range []string{"version1.embeddings", "version2.embeddings"} {
		f, err := Open(filepath.Join("testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		wantIDs(t, f, []string{"0", "1", "2", "3", "4"})
		wantIDs(t, f.Pick([]int{3, 1}), []string{"3", "1"})
		again, err := OpenFrom(bytes.NewReader(written(t, h, 2)), int64(len(written(t, h, 2))))
		if err != nil {
			t.Fatal(err)
		}
		if got, want := values(t, f, 2), values(t, again, 2); !slices.Equal(got, want) {
			t.Errorf("%s: values %v, want %v", name, got, want)
		}
	}
	part, err := os.ReadFile(filepath.Join("testdata", "version2.embeddings.partial"))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "e")
	if err := os.WriteFile(path+Partial, part, 0o644); err != nil {
		t.Fatal(err)
	}
	h.IDs = []string{"some", "ids", "that", "it", "lacks"}
	writeFile(t, path, h, 2, 5)
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile(filepath.Join("testdata", "version2.embeddings"))
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("a file of version 2 that was gone on with is not what it would have been, %v", err)
	}
}

// Rows are not gone on with for items of other ids.
func TestResumeComparesIDs(t *testing.T) {
	path := filepath.Join(t.TempDir(), "e")
	h := named("a", "b", "c")
	writeFile(t, path, h, 2, 2)
	for _, ids := range [][]string{{"a", "b", "d"}, {"a", "bc", ""}, {"a", "c", "b"}} {
		h := h
		h.IDs = ids
		_, err := Create(path, "test", h)
		if err == nil || !strings.Contains(err.Error(), "other ids") || !strings.Contains(err.Error(), path+Partial) {
			t.Errorf("%q: error %v", ids, err)
		}
	}
	writeFile(t, path, h, 2, 3)
}

// renamed has other ids from the second time on that all are asked for.
type renamed struct {
	held
	asked *int
}

func (r renamed) ID(i int) (string, error) {
	*r.asked++
	if *r.asked > 2*r.Len() { // once for where they end, once for the text
		return "new", nil
	}
	return "old", nil
}

// Whatever ends the program while ids are written, the rows stay, and the file becomes
// what it would have been.
func TestIDsAfterAnEnd(t *testing.T) {
	h := named("one", "two", "three")
	want := written(t, h, 2)
	rows := headerSize + 3*3*2
	for size := rows; size <= len(want)+5; size++ {
		part := append(slices.Clone(want), "extra"...)[:size]
		path := filepath.Join(t.TempDir(), "e")
		if err := os.WriteFile(path+Partial, part, 0o644); err != nil {
			t.Fatal(err)
		}
		if size != len(want) {
			if err := open(t, part); err == nil || !strings.Contains(err.Error(), "bytes: want") {
				t.Errorf("%d of %d bytes: error %v", size, len(want), err)
			}
		}
		w, err := Create(path, "test", h)
		if err != nil {
			t.Fatal(err)
		}
		if w.Done() != 3 {
			t.Errorf("%d rows are done, want 3", w.Done())
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%d of %d bytes lead to another file, %v", size, len(want), err)
		}
	}
	// A source whose ids change on the way leads to no file.
	path := filepath.Join(t.TempDir(), "e")
	w, err := Create(path, "test", renamed{h, new(int)})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Write(slices.Concat(h.Rows...)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err == nil || !strings.Contains(err.Error(), "the ids have changed") {
		t.Errorf("error %v", err)
	}
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("there is a file of it: %v", err)
	}
}

func TestIDErrors(t *testing.T) {
	path := filepath.Join(t.TempDir(), "e")
	if _, err := Create(path, "test", named("a", strings.Repeat("x", maxID+1))); err == nil || !strings.Contains(err.Error(), "row 1: its id has 65536 bytes") {
		t.Errorf("an id that is too long: %v", err)
	}
	b := written(t, named("a", "bc"), 2)
	b[len(b)-1] ^= 1
	if err := open(t, b); err == nil || !strings.Contains(err.Error(), "the ids have changed") {
		t.Errorf("an id that has changed: %v", err)
	}
	b[len(b)-1] ^= 1
	// A file that changes after it was opened.
	f, err := OpenFrom(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	b[headerSize+2*3*2] = 200
	for row := range 2 {
		if id, err := f.ID(row); err == nil || !strings.Contains(err.Error(), "input: row "+strconv.Itoa(row)) {
			t.Errorf("row %d: %q, %v", row, id, err)
		}
	}
	for _, row := range []int{-1, 2} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("row %d: no panic", row)
				}
			}()
			_, _ = f.ID(row)
		}()
	}
}

// counting has any number of rows of one value, and holds none.
type counting struct{ held }

func (counting) Len() int                 { return 1 << 20 }
func (counting) ID(i int) (string, error) { return ids1k[i%len(ids1k)], nil }

var ids1k = func() (all []string) {
	for i := range 1 << 10 {
		all = append(all, "folder/of/some/class/"+strconv.Itoa(i)+".jpg")
	}
	return all
}()

// Ids take no memory by their number, neither written nor read: here there are 36 MB of them.
func TestIDsTakeNoMemory(t *testing.T) {
	of := counting{random(rand.New(rand.NewPCG(1, 1)), 1, 1, 1)}
	path := filepath.Join(t.TempDir(), "e")
	rows := make([]float32, of.Len())
	n := memorytest.Allocated(func() {
		w, err := Create(path, "test", of)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Write(rows); err != nil { // 2 MB of halves
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		f, err := Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		wantIDs(t, f.Pick([]int{0, of.Len() - 1}), []string{ids1k[0], ids1k[len(ids1k)-1]})
	})
	if n > 8<<20 {
		t.Errorf("%d bytes of memory for 36 MB of ids", n)
	}
}

// Whatever stands for ids, opening it fails, or gives ids that are the text, one after the
// other.
func FuzzIDs(f *testing.F) {
	whole := written(f, named("a", "", "bcd"), 3)
	f.Add(uint8(3), whole[headerSize+3*3*2:])
	f.Add(uint8(0), []byte{})
	f.Add(uint8(1), []byte{255, 255, 255, 255, 255, 255, 255, 255})
	f.Fuzz(func(t *testing.T, rows uint8, section []byte) {
		of := random(rand.New(rand.NewPCG(1, 1)), int(rows), 1, 1)
		h, err := newHeader("test", of)
		if err != nil {
			t.Fatal(err)
		}
		raw := make([]byte, 2*int(rows))
		h.Done, h.RowsSum = h.Rows, checksum.Text(checksum.Append(0, raw))
		h.IDsBytes, h.IDsSum = int64(len(section)), checksum.Text(checksum.Append(0, section)) // the fuzzer finds no sums
		b, err := h.bytes()
		if err != nil {
			return // more or fewer bytes than ids can have
		}
		b = append(append(b, raw...), section...)
		e, err := OpenFrom(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			return
		}
		text := ""
		for i := range e.Len() {
			id, err := e.ID(i)
			if err != nil {
				t.Fatal(err)
			}
			text += id
		}
		if want := string(section[idEnd*int(rows):]); text != want {
			t.Fatalf("ids %q, the text is %q", text, want)
		}
	})
}

var errFull = errors.New("disk full")
