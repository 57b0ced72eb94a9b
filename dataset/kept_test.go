package dataset

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"pgregory.net/rapid"
)

// photos is a folder of splits with so many colour images each.
func photos(t testing.TB, train, test int) string {
	t.Helper()
	dir := t.TempDir()
	for split, n := range map[string]int{"train": train, "test": test} {
		for i := range n {
			write(t, dir, fmt.Sprintf("%s/%02d.png", split, i), encode(t, "png", colourful(5, 4, uint64(i+100*len(split)))))
		}
	}
	return dir
}

// What is kept is what the files hold, in any order of readings and of bounds, by any number of goroutines,
// and never more bytes than there is room for.
func TestKeptImagesAreThoseOfTheFiles(t *testing.T) {
	dir := photos(t, 9, 4)
	plain := mustOpen(t, dir, Options{})
	size := plain.Train.Shape().Len()
	want := map[Source][][]uint8{}
	rapid.Check(t, func(rt *rapid.T) {
		set := mustOpen(t, dir, Options{})
		for _, s := range [][2]Source{{plain.Train, set.Train}, {plain.Test, set.Test}} {
			for i := range s[0].Len() {
				want[s[1]] = append(want[s[1]], pixels(t, s[0], i))
			}
		}
		defer clear(want)
		room := set.Train.(*folder).room
		splits := []Source{set.Train, set.Test}
		for range rapid.IntRange(1, 6).Draw(rt, "bounds") {
			most := int64(rapid.IntRange(-1, 14*size).Draw(rt, "most"))
			keep(t, Slice(splits[rapid.IntRange(0, 1).Draw(rt, "of")], 0, 2), most)
			if held := room.held.Load(); held > max(0, most) {
				rt.Fatalf("%d bytes are kept, want at most %d", held, most)
			}
			var wait sync.WaitGroup
			for g := range rapid.IntRange(1, 4).Draw(rt, "goroutines") {
				first := rapid.IntRange(0, 20).Draw(rt, fmt.Sprintf("first of %d", g))
				wait.Go(func() {
					for k := range 13 {
						src := splits[(first+k)%2]
						i := (first*k + k) % src.Len()
						pix := make([]uint8, size)
						if err := src.Image(i, pix); err != nil || !bytes.Equal(pix, want[src][i]) {
							t.Errorf("image %d is another, or error %v", i, err)
						}
					}
				})
			}
			wait.Wait()
			kept := 0
			for _, f := range room.folders {
				for i := range f.decoded {
					kept += len(f.decoded[i].pix)
				}
			}
			if held := room.held.Load(); held != int64(kept) || held > max(0, most) {
				rt.Fatalf("%d bytes are kept and %d counted, want at most %d", kept, held, most)
			}
		}
	})
}

// A file whose image is kept is not looked at again, and one whose image has no room is.
func TestKeptImagesAreDecodedOnce(t *testing.T) {
	dir := photos(t, 6, 3)
	set := mustOpen(t, dir, Options{})
	size := int64(set.Train.Shape().Len())
	keep(t, Gray(set.Test), 5*size)
	var before [][]uint8
	for i := range 4 {
		before = append(before, pixels(t, set.Train, i))
	}
	before = append(before, pixels(t, set.Test, 0), pixels(t, set.Test, 1)) // the last has no room
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	for i := range 4 {
		if !bytes.Equal(pixels(t, set.Train, i), before[i]) {
			t.Errorf("image %d is another once it is kept", i)
		}
	}
	if !bytes.Equal(pixels(t, set.Test, 0), before[4]) {
		t.Error("a test image is another once it is kept")
	}
	pix := make([]uint8, size)
	for name, err := range map[string]error{"1.png": set.Test.Image(1, pix), "4.png": set.Train.Image(4, pix)} {
		wantError(t, err, name, "no such file")
	}
	keep(t, set.Train, 0)
	wantError(t, set.Train.Image(0, pix), filepath.Join(dir, "train", "00.png"), "no such file")
}

// An image that cannot be read is an error whenever it is read, and read once it can be.
func TestErrorsAreNotKept(t *testing.T) {
	dir := photos(t, 3, 1)
	set := mustOpen(t, dir, Options{})
	path := filepath.Join(dir, "train", "01.png")
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	want := pixels(t, set.Train, 1)
	keep(t, set.Train, 1<<20)
	for range 2 {
		write(t, dir, "train/01.png", whole[:len(whole)/2])
		wantError(t, set.Train.Image(1, make([]uint8, len(want))), path)
		_, err := Fingerprint(t.Context(), set.Train, nil)
		wantError(t, err, path)
	}
	write(t, dir, "train/01.png", whole)
	if !bytes.Equal(pixels(t, set.Train, 1), want) {
		t.Error("a file that was mended is not read")
	}
}
