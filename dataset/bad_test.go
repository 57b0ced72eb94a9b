package dataset

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// ways to spoil an image file; those of the second half have a header that can be read.
var spoils = []func(content []byte) []byte{
	func([]byte) []byte { return nil },
	func([]byte) []byte { return []byte("<!DOCTYPE html>") },
	func(b []byte) []byte { return b[:len(b)-len(b)/3] },
	func(b []byte) []byte {
		return append(b[:len(b)/2:len(b)/2], bytes.Repeat([]byte{7}, len(b)-len(b)/2)...)
	},
}

// Check finds all files that cannot be read, in either split, whatever is wrong with them, in one error; or leaves
// them out, and then the set is that of a folder without them.
func TestCheckFindsAllBadFiles(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		all, good := t.TempDir(), t.TempDir()
		var bad []string
		headers := 0
		for split, classes := range map[string][]string{"train": {"a", "b"}, "test": {"a"}} {
			for _, class := range classes {
				for i := range 3 {
					name := fmt.Sprintf("%s/%s/%d.png", split, class, i)
					content := encode(t, "png", colourful(9, 8, uint64(i+len(class))))
					// The first of each class is good.
					if i == 0 || !rapid.Bool().Draw(rt, name) {
						write(t, all, name, content)
						write(t, good, name, content)
						continue
					}
					way := rapid.IntRange(0, len(spoils)-1).Draw(rt, "way of "+name)
					write(t, all, name, spoils[way](content))
					bad = append(bad, name)
					if way < 2 {
						headers++
					}
				}
			}
		}
		slices.Sort(bad)
		if _, err := Open(all, Options{}); (err != nil) != (headers > 0) {
			rt.Fatalf("error %v, and there are %d bad headers", err, headers)
		}
		set := mustOpen(t, all, Options{BadLater: true})
		keep(t, set.Train, int64(rapid.IntRange(0, 10).Draw(rt, "kept")*set.Train.Shape().Len()))
		var names []string
		report := func(done, of int) {
			if done > of {
				rt.Fatalf("%d of %d images are read", done, of)
			}
		}
		if len(bad) > 0 {
			found, ok := errors.AsType[BadFilesError](set.Check(t.Context(), len(bad)-1, report))
			for _, f := range found.Files {
				names = append(names, f.File)
			}
			if !ok || !slices.Equal(names, bad) || found.Of != 9 || found.Path != all {
				rt.Fatalf("found %+v, want %v of 9", found, bad)
			}
		}
		if err := set.Check(t.Context(), len(bad), report); err != nil {
			rt.Fatal(err)
		}
		want := mustOpen(t, good, Options{})
		names = nil
		for _, f := range set.Bad {
			names = append(names, f.File)
		}
		if !slices.Equal(names, bad) {
			rt.Fatalf("left out are %v, want %v", names, bad)
		}
		for _, s := range [][2]Source{{set.Train, want.Train}, {set.Test, want.Test}} {
			if s[0].Len() != s[1].Len() {
				rt.Fatalf("%d images, want %d", s[0].Len(), s[1].Len())
			}
			for i := range s[0].Len() {
				if s[0].ID(i) != s[1].ID(i) || s[0].Label(i) != s[1].Label(i) || !bytes.Equal(pixels(t, s[0], i), pixels(t, s[1], i)) {
					rt.Fatalf("image %d is %s of class %d, or another; want %s of %d", i, s[0].ID(i), s[0].Label(i), s[1].ID(i), s[1].Label(i))
				}
			}
		}
		keep(t, set.Train, 0)
		if held := set.Train.(*folder).room.held.Load(); held != 0 {
			rt.Fatalf("%d bytes are kept, want none", held)
		}
	})
}

// A most of -1 is one in a hundred, rounded up.
func TestBadFilesOneInAHundred(t *testing.T) {
	dir := t.TempDir()
	for i := range 101 {
		content := encode(t, "png", colourful(3, 3, uint64(i)))
		if i%40 == 0 { // 0, 40 and 80
			content = nil
		}
		write(t, dir, fmt.Sprintf("%03d.png", i), content)
	}
	set := mustOpen(t, dir, Options{BadLater: true})
	err := set.Check(t.Context(), -1, nil)
	wantError(t, err, "3 of 101 image files", "at most 2", "000.png (", "040.png (", "080.png (")
	if err := os.Remove(filepath.Join(dir, "080.png")); err != nil {
		t.Fatal(err)
	}
	write(t, dir, "100.png", nil) // again three, of a hundred
	set = mustOpen(t, dir, Options{BadLater: true})
	wantError(t, set.Check(t.Context(), -1, nil), "3 of 100 image files", "at most 1")
	if err := set.Check(t.Context(), 3, nil); err != nil || set.Train.Len() != 97 {
		t.Errorf("%v, %d images, want 97", err, set.Train.Len())
	}
}

// An error names ten files at the most; where all are bad it says so, and no number leaves all out.
func TestManyBadFiles(t *testing.T) {
	dir := t.TempDir()
	for i := range 25 {
		write(t, dir, fmt.Sprintf("a/%02d.png", i), []byte("none"))
	}
	for _, later := range []bool{false, true} {
		_, err := Open(dir, Options{BadLater: later})
		wantError(t, err, "25 of 25 image files cannot be read", "a/09.png (image header: ", "15 more")
		if strings.Contains(err.Error(), "a/10.png") {
			t.Errorf("%v names more than ten", err)
		}
	}
	cut := encode(t, "png", colourful(40, 40, 1))
	dir = t.TempDir()
	write(t, dir, "a.png", cut[:len(cut)/2])
	set := mustOpen(t, dir, Options{BadLater: true})
	wantError(t, set.Check(t.Context(), 5, nil), "1 of 1 image file cannot be read", "at most 5", "a.png (decode png: ")
}

// Check ends where its context is done.
func TestCheckIsInterrupted(t *testing.T) {
	set := mustOpen(t, photos(t, 3, 1), Options{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := set.Check(ctx, 0, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want that of the context", err)
	}
}
