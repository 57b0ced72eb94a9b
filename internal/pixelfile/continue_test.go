package pixelfile

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"pgregory.net/rapid"

	"github.com/sparse-manifold/smt/internal/output"
)

// What is not on disk, though what follows is, is not gone on with, nor what follows.
func TestContinueBehindAHole(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.pixels")
	written(t, path, 4, 4)
	x, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	x.Close()
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	clear(file[x.Items[3].at:][:testHead.Len()])
	if err := os.WriteFile(path+output.Partial, file, 0o600); err != nil {
		t.Fatal(err)
	}
	w, err := Continue(path, testHead)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	if len(w.Items) != 3 {
		t.Errorf("%d of 8 entries are gone on with, want the 3 before the hole", len(w.Items))
	}
}

// What was written before the end of a process is gone on with, however much of it is on disk, and what changed of it
// is not.
func TestContinue(t *testing.T) {
	dir := t.TempDir()
	whole := filepath.Join(dir, "whole")
	want := written(t, whole, 4, 5, 3)
	file, err := os.ReadFile(whole)
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(rt *rapid.T) {
		path := filepath.Join(dir, "a.pixels")
		left := bytes.Clone(file[:rapid.IntRange(0, len(file)).Draw(rt, "left")])
		if len(left) > len(magic) && rapid.Bool().Draw(rt, "damaged") {
			left[rapid.IntRange(len(magic), len(left)-1).Draw(rt, "at")] ^= 4
		}
		if err := os.WriteFile(path+output.Partial, left, 0o600); err != nil {
			rt.Fatal(err)
		}
		head := testHead
		if rapid.IntRange(0, 9).Draw(rt, "other") == 0 {
			head.Channels = 3
		}
		w, err := Continue(path, head)
		if err != nil {
			rt.Fatal(err)
		}
		there := w.Find()
		if head != testHead && len(there) > 0 {
			rt.Fatalf("%d images of another shape are gone on with", len(there))
		}
		pix := make([]byte, testHead.Len())
		for id, i := range there {
			if i.Bad != "" {
				continue
			}
			if err := w.Pixels(i.Place, pix); err != nil || !bytes.Equal(pix, want[id]) {
				rt.Fatalf("%q is gone on with: %v", id, err)
			}
		}
		if head != testHead {
			w.Discard()
			return
		}
		for c, n := range []int{4, 5, 3} { // all that is missing
			entries, pix := chunkOf(c, n)
			var missing []Entry
			var of []byte
			for _, e := range entries {
				if _, is := there[string(e.ID)]; !is {
					missing = append(missing, e)
				}
				if e.Bad == "" {
					if _, is := there[string(e.ID)]; !is {
						of = append(of, pix[:testHead.Len()]...)
					}
					pix = pix[testHead.Len():]
				}
			}
			if err := w.Append(missing, of); err != nil {
				rt.Fatal(err)
			}
		}
		if err := w.Commit(); err != nil {
			rt.Fatal(err)
		}
		x, err := Open(path)
		if err != nil {
			rt.Fatal(err)
		}
		defer x.Close()
		found := x.Find()
		if x.Whole != nil || len(found) != 12 {
			rt.Fatalf("%d images, rest %v", len(found), x.Whole)
		}
		for id, pixels := range want {
			if err := x.Pixels(found[id].Place, pix); err != nil || !bytes.Equal(pix, pixels) {
				rt.Fatalf("%q: %v", id, err)
			}
		}
	})
}
