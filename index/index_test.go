package index

import (
	"bytes"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/sparse-manifold/smt/internal/pace"
)

// eager has every block of a test followed by a root, if it says so.
func eager(t *testing.T) func(*rapid.T) {
	least := pace.Least
	t.Cleanup(func() { pace.Least = least })
	return func(rt *rapid.T) {
		if pace.Least = least; rapid.Bool().Draw(rt, "a root a block") {
			pace.Least = 0
		}
	}
}

func drawPile(rt *rapid.T, name string, dim, even int) pile {
	return randomPile(rapid.Uint64Range(0, 1<<20).Draw(rt, "seed of "+name), name, rapid.IntRange(1, 40).Draw(rt, "images of "+name), dim, even)
}

// An index has what was written, in whatever blocks, wherever writing stopped and went on, and whatever was appended.
func TestRoundTrip(t *testing.T) {
	pacing := eager(t)
	dir := t.TempDir()
	rapid.Check(t, func(rt *rapid.T) {
		pacing(rt)
		dim := rapid.IntRange(1, 70).Draw(rt, "dim")
		even := rapid.IntRange(-1, dim).Draw(rt, "even")
		path := filepath.Join(dir, fmt.Sprint(rapid.Uint64().Draw(rt, "name")))
		var piles []pile
		for i := range rapid.IntRange(1, 3).Draw(rt, "piles") {
			p := drawPile(rt, "abc"[i:i+1]+"-pile", dim, even)
			begin := Create
			if i > 0 {
				begin = Append
			}
			block := rapid.IntRange(1, 15).Draw(rt, "block")
			if stop := rapid.IntRange(0, p.Len()).Draw(rt, "stop"); stop < p.Len() {
				w, err := begin(path, p.head(t), p)
				if err == nil {
					err = p.write(w, stop, block)
				}
				if err != nil {
					rt.Fatal(err)
				}
				if kept, err := w.Close(); err != nil || kept != stop {
					rt.Fatalf("%d kept, %v: want %d", kept, err, stop)
				}
				if i > 0 { // readers see nothing of it
					x := open(t, path)
					if err := difference(t, x, piles...); err != nil {
						rt.Fatal(err)
					}
				}
			}
			w, err := begin(path, p.head(t), p)
			if err != nil {
				rt.Fatal(err)
			}
			for j := range w.Done() {
				if d, err := w.Digest(j); err != nil || d != p.items[j].Digest {
					rt.Fatalf("digest of %d: %d, %v", j, d, err)
				}
			}
			if err := p.write(w, p.Len(), block); err != nil {
				rt.Fatal(err)
			}
			if err := w.Commit(); err != nil {
				rt.Fatal(err)
			}
			piles = append(piles, p)
		}
		b := contents(t, path)
		from, err := OpenFrom(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			rt.Fatal(err)
		}
		for _, x := range []*Index{open(t, path), from} {
			if err := difference(t, x, piles...); err != nil {
				rt.Fatal(err)
			}
		}
	})
}

// What is picked is the rows of these numbers, in this order, and so is what is picked of that.
func TestPick(t *testing.T) {
	p := randomPile(1, "photo", 50, 9, 5)
	x := open(t, fileOf(t, 12, p))
	s := x.Pick([]int{40, 3, 3, 49, 12, 11}).Pick([]int{5, 0, 1, 1})
	want := []int{11, 40, 3, 3}
	var rows []float32
	for b, err := range s.Blocks(t.Context(), 3) {
		if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, b...)
	}
	if s.Len() != len(want) || len(rows) != len(want)*9 {
		t.Fatalf("%d rows of %d values, want %d", s.Len(), len(rows), len(want))
	}
	for i, item := range want {
		id, err := s.ID(i)
		if err != nil || id != p.items[item].ID || !slices.Equal(rows[i*9:(i+1)*9], stored(p.rows[item*9:(item+1)*9])) {
			t.Errorf("row %d is %q, %v: want item %d", i, id, err, item)
		}
	}
}

// The models of an index embed as those that it was made by.
func TestModels(t *testing.T) {
	p := randomPile(1, "photo", 3, 9, 5)
	x := open(t, fileOf(t, 12, p))
	e, err := x.Models()
	if err != nil {
		t.Fatal(err)
	}
	var had, has bytes.Buffer
	if err := p.head(t).Models.Members()[0].Model.SaveTo(&had); err != nil {
		t.Fatal(err)
	}
	m := e.Members()
	if err := m[0].Model.SaveTo(&has); err != nil || len(m) != 1 || m[0].Name != "m" || m[0].Weight != 1 || !bytes.Equal(had.Bytes(), has.Bytes()) {
		t.Errorf("%d models, the first %q: %v", len(m), m[0].Name, err)
	}
}

// What cannot be written is refused, and says what was found.
func TestWriterRefuses(t *testing.T) {
	p := randomPile(1, "photo", 20, 9, 5)
	path := fileOf(t, 12, p)
	q := randomPile(2, "other", 6, 9, 5)
	two, err := models()
	if err != nil {
		t.Fatal(err)
	}
	twice := q
	twice.items = append(slices.Clone(q.items), q.items[2])
	with := func(change func(*Head)) Head {
		h := q.head(t)
		change(&h)
		return h
	}
	for says, begin := range map[string]func() (*Writer, error){
		"another model":            func() (*Writer, error) { return Append(path, with(func(h *Head) { h.Models = two[1] }), q) },
		"9 values (5 even), those": func() (*Writer, error) { return Append(path, with(func(h *Head) { h.Even = 4 }), q) },
		"13 × 14 × 3, those to be": func() (*Writer, error) { return Append(path, with(func(h *Head) { h.Shape.Width = 8 }), q) },
		"had a depth of 0 bits":    func() (*Writer, error) { return Append(path, with(func(h *Head) { h.Depth = 12 }), q) },
		"and 19 more of the 20":    func() (*Writer, error) { return Append(path, p.head(t), p) },
		fmt.Sprintf("%q", p.ID(0)): func() (*Writer, error) { return Append(path, p.head(t), p) },
		"images 2 and 6 are both":  func() (*Writer, error) { return Append(path, q.head(t), twice) },
		"both called":              func() (*Writer, error) { return Create(path+"2", q.head(t), twice) },
		"no such file":             func() (*Writer, error) { return Append(path+"none", q.head(t), q) },
		"not written to the end":   func() (*Writer, error) { return Append(begun(t), q.head(t), q) },
		"remove it to begin anew":  func() (*Writer, error) { return Create(partOf(t, p), q.head(t), q) },
		"another kind of file":     func() (*Writer, error) { return Append(noIndex(t), q.head(t), q) },
	} {
		w, err := begin()
		if err == nil {
			_, _ = w.Close()
		}
		if err == nil || !strings.Contains(err.Error(), says) || !strings.HasPrefix(err.Error(), "index: ") || strings.Count(err.Error(), "index: ") > 1 {
			t.Errorf("%v: want %q", err, says)
		}
	}
	if err := difference(t, open(t, path), p); err != nil {
		t.Error(err)
	}
	w, err := Append(path, q.head(t), q)
	if err != nil {
		t.Fatal(err)
	}
	long := slices.Clone(q.items)
	long[0].Thumbnail = make([]byte, mostPicture+1)
	doubled := slices.Clone(q.rows)
	for i := range 9 {
		doubled[i] *= 1.5
	}
	for says, write := range map[string]func() error{
		"image 0 has the id":  func() error { return w.Write(q.rows[:9], q.items[1:2]) },
		"1 item of 8 values":  func() error { return w.Write(q.rows[:8], q.items[:1]) },
		"65537 bytes":         func() error { return w.Write(q.rows[:9], long[:1]) },
		"squared length":      func() error { return w.Write(doubled[:9], q.items[:1]) },
		"7 items of":          func() error { return w.Write(q.rows, append(slices.Clone(q.items), q.items[0])) },
		"0 of 6 images are w": w.Commit,
	} {
		if says == "0 of 6 images are w" {
			continue // it closes the file: last
		}
		if err := write(); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%v: want %q", err, says)
		}
	}
	if err := w.Commit(); err == nil || !strings.Contains(err.Error(), "0 of 6 images are written") {
		t.Error(err)
	}
	if err := difference(t, open(t, path), p); err != nil {
		t.Error(err)
	}
}
