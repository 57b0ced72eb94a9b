package index

import (
	"bytes"
	"math/rand/v2"
	"os"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/sparse-manifold/smt/internal/pace"
)

// disk is a file that remembers in which order it was written and put on the disk.
type disk struct {
	*os.File
	log []event
}

// event is b written at a place or, of nil, all of before put on the disk.
type event struct {
	at int64
	b  []byte
}

func (d *disk) WriteAt(b []byte, at int64) (int, error) {
	d.log = append(d.log, event{at, slices.Clone(b)})
	return d.File.WriteAt(b, at)
}

func (d *disk) Sync() error {
	d.log = append(d.log, event{})
	return nil
}

func (d *disk) Truncate(size int64) error {
	d.log = nil // it is truncated before the first byte
	return d.File.Truncate(size)
}

// after is what may be left of a file, in which there was something before, of a computer that stops after so many
// events: what was put on the disk, and of what was written since then some, whole or cut.
func after(before []byte, log []event, events int, rng *rand.Rand) []byte {
	b := slices.Clone(before)
	put := func(at int64, p []byte) {
		if need := int(at) + len(p); need > len(b) {
			b = append(b, make([]byte, need-len(b))...)
		}
		copy(b[at:], p)
	}
	safe := 0
	for i, e := range log[:events] {
		if e.b == nil {
			safe = i
		}
	}
	for i, e := range log[:events] {
		switch {
		case i < safe || rng.IntN(3) == 0:
			put(e.at, e.b)
		case e.b != nil && rng.IntN(2) == 0:
			put(e.at, e.b[:rng.IntN(len(e.b)+1)])
		}
	}
	return b
}

// Wherever a computer stops while images are appended, the index is what it was, or has all of them. The same images
// can be appended again, from whatever is left.
func TestStopsAnywhere(t *testing.T) {
	least := pace.Least
	defer func() { pace.Least = least }()
	pace.Least = 0
	old, more := randomPile(1, "old", 30, 11, 6), randomPile(2, "more", 25, 11, 6)
	for _, piles := range [][]pile{{old, more}, {old}} { // appended to one, created
		var before []byte
		appended := len(piles) == 2
		if appended {
			before = contents(t, fileOf(t, 10, old))
		}
		last := piles[len(piles)-1]
		log := logOf(t, before, last, appended)
		rapid.Check(t, func(rt *rapid.T) {
			rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 0))
			events := rapid.IntRange(0, len(log)).Draw(rt, "events")
			b := after(before, log, events, rng)
			x, err := OpenFrom(bytes.NewReader(b), int64(len(b)))
			switch {
			case err != nil && appended:
				rt.Fatalf("after %d of %d events: %v", events, len(log), err)
			case err != nil: // it was not complete
			case appended && x.Len() == old.Len():
				err = difference(t, x, old)
			case x.Len() == 0 && !appended:
			default:
				err = difference(t, x, piles...)
			}
			if err != nil && appended {
				rt.Fatalf("after %d of %d events: %v", events, len(log), err)
			}
			if x != nil && x.Len() > 0 && (!appended || x.Len() > old.Len()) {
				return // all of them are there
			}
			w, f := writerOf(t, b, last)
			defer f.Close()
			if appended {
				err = w.append(last.head(t))
			} else {
				err = w.create(last.head(t))
			}
			if err == nil {
				err = last.write(w, last.Len(), 7)
			}
			if err == nil {
				err = w.commit()
			}
			if err != nil {
				rt.Fatalf("after %d of %d events, again: %v", events, len(log), err)
			}
			whole := contents(t, f.Name())
			if x, err = OpenFrom(bytes.NewReader(whole), int64(len(whole))); err == nil {
				err = difference(t, x, piles...)
			}
			if err != nil {
				rt.Fatalf("after %d of %d events, again: %v", events, len(log), err)
			}
		})
	}
}

// writerOf is a writer to a file that has b.
func writerOf(t testing.TB, b []byte, p pile) (*Writer, *disk) {
	t.Helper()
	f, err := os.CreateTemp(t.TempDir(), "")
	if err == nil {
		_, err = f.Write(b)
	}
	if err != nil {
		t.Fatal(err)
	}
	d := &disk{File: f}
	done := func() error { return nil }
	return &Writer{path: "file", f: d, of: p, pace: pace.Begin(), place: done, close: done}, d
}

// logOf is what is done to a file as images are appended or, to nothing, as an index of them is created.
func logOf(t testing.TB, before []byte, p pile, appended bool) []event {
	t.Helper()
	w, d := writerOf(t, before, p)
	defer d.Close()
	begin := w.create
	if appended {
		begin = w.append
	}
	err := begin(p.head(t))
	if err == nil {
		err = p.write(w, p.Len(), 6)
	}
	if err == nil {
		err = w.commit()
	}
	if err != nil {
		t.Fatal(err)
	}
	return d.log
}
