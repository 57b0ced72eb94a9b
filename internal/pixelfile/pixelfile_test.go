package pixelfile

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/sparse-manifold/smt/internal/output"
)

var testHead = Head{Maker: "a test", Height: 2, Width: 3, Channels: 1, Depth: 12}

// imageEntry is the entry of an image file that was last changed at a time.
func imageEntry(id string, modified int64) Entry {
	return Entry{ID: []byte(id), Stat: Stat{Size: 40, Modified: modified, Changed: modified, Number: 7},
		Header: Header{Width: 5, Height: 4, Orientation: 6, Bytes: 4, More: 9, Several: true}}
}

// written is a file with chunks of so many images each, every third of them bad, and the pixels of the others by their ids.
func written(t testing.TB, path string, chunks ...int) map[string][]byte {
	t.Helper()
	w, err := Continue(path, testHead)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string][]byte{}
	for c, n := range chunks {
		entries, pix := chunkOf(c, n)
		if err := w.Append(entries, pix); err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			if e.Bad == "" {
				all[string(e.ID)], pix = pix[:testHead.Len()], pix[testHead.Len():]
			}
		}
	}
	if err := w.Commit(); err != nil {
		t.Fatal(err)
	}
	return all
}

func chunkOf(c, n int) (entries []Entry, pix []byte) {
	for i := range n {
		e := imageEntry(fmt.Sprintf("%d/\xff%d", c, i), 1000)
		if i%3 == 2 {
			e.Bad, e.Header = "it is broken", Header{}
		} else {
			for k := range testHead.Len() {
				pix = append(pix, byte(50*c+7*i+k))
			}
		}
		entries = append(entries, e)
	}
	return entries, pix
}

func TestWhatIsWrittenIsRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.pixels")
	want := written(t, path, 4, 1, 3)
	x, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer x.Close()
	if x.Head.as(0) != testHead || len(x.Items) != 8 || x.Whole != nil {
		t.Errorf("head %+v, %d items, rest %v", x.Head, len(x.Items), x.Whole)
	}
	pix := make([]byte, testHead.Len())
	for id, i := range x.Find() {
		entry := imageEntry(id, 1000)
		if i.Bad != "" {
			entry.Bad, entry.Header = i.Bad, Header{}
		} else if err := x.Pixels(i.Place, pix); err != nil || !bytes.Equal(pix, want[id]) {
			t.Errorf("%q: pixels %v, error %v, want %v", id, pix, err, want[id])
		}
		entry.Sum = i.Sum
		if fmt.Sprint(i.Entry) != fmt.Sprint(entry) || (i.Bad == "") != (want[id] != nil) {
			t.Errorf("entry %+v, want %+v", i.Entry, entry)
		}
	}
	if info, err := os.Stat(path); err != nil || info.Size() != x.Size() {
		t.Errorf("size %d, want that of %v, %v", x.Size(), info, err)
	}
}

// A file that was cut, or of which a byte has changed, never gives other pixels than were written, and says that it has
// changed.
func TestDamageIsFound(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.pixels")
	want := written(t, path, 4, 1, 3)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for at := range whole {
		flipped := bytes.Clone(whole)
		flipped[at] ^= 1 << (at % 8)
		for name, damaged := range map[string][]byte{"cut": whole[:at], "flipped": flipped} {
			x, err := read(bytes.NewReader(damaged), int64(len(damaged)))
			if err != nil {
				continue
			}
			found, changed := x.Whole != nil, 0
			pix := make([]byte, testHead.Len())
			for _, i := range x.Items {
				if i.Bad != "" {
					continue
				}
				switch err := i.read(bytes.NewReader(damaged), pix); {
				case err != nil:
					changed++
				case !bytes.Equal(pix, want[string(i.ID)]):
					t.Errorf("%s at byte %d: %q has other pixels", name, at, i.ID)
				}
			}
			if ends := name == "cut" && x.end == int64(at); !found && changed == 0 && !ends || changed > 1 {
				t.Errorf("%s at byte %d: rest %v, %d images changed", name, at, x.Whole, changed)
			}
		}
	}
}

// A file of somebody else is left as it is, the one beside which it would be kept too.
func TestFilesOfOthersAreLeft(t *testing.T) {
	for _, suffix := range []string{"", output.Partial} {
		path := filepath.Join(t.TempDir(), "a.pixels")
		const letter = "Dear reader, this is no file of pixels."
		if err := os.WriteFile(path+suffix, []byte(letter), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Continue(path, testHead); !errors.Is(err, ErrNotOurs) {
			t.Errorf("error %v", err)
		}
		if b, err := os.ReadFile(path + suffix); string(b) != letter {
			t.Errorf("the file holds %q, %v", b, err)
		}
	}
	if _, err := Open(filepath.Join(t.TempDir(), "a")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("of no file: error %v", err)
	}
}

// An image file is the one that was decoded if nothing of its state has changed, and it is older than the file of pixels:
// one that is not may have changed since, within a tick of the clock.
func TestHolds(t *testing.T) {
	defer func(grain int64) { Grain = 2e9 }(0)
	const begun = 100e9
	x := &File{Head: Head{Begun: begun}}
	for _, c := range []struct {
		name   string
		change func(then, now *Stat)
		want   bool
	}{
		{"the same", func(*Stat, *Stat) {}, true},
		{"another size", func(_, now *Stat) { now.Size++ }, false},
		{"modified", func(_, now *Stat) { now.Modified++ }, false},
		{"changed", func(_, now *Stat) { now.Changed++ }, false},
		{"another number", func(_, now *Stat) { now.Number++ }, false},
		{"just older", func(a, b *Stat) { a.Modified, b.Modified = begun-2e9-1, begun-2e9-1 }, true},
		{"young", func(a, b *Stat) { a.Modified, b.Modified = begun-2e9, begun-2e9 }, false},
		{"young though it says not", func(a, b *Stat) { a.Changed, b.Changed = begun, begun }, false},
		{"of the future", func(a, b *Stat) { a.Modified, b.Modified = begun*2, begun*2 }, false},
		{"of no file", func(a, b *Stat) { *a, *b = Stat{}, Stat{} }, false},
	} {
		e := imageEntry("a", 1000)
		now := e.Stat
		c.change(&e.Stat, &now)
		if got := x.Holds(Item{Entry: e}, now); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}
