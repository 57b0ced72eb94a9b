package dataset

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/sparse-manifold/smt/internal/output"
	"github.com/sparse-manifold/smt/internal/pixelfile"
)

// said are the lines that are told of files of pixels.
type said struct {
	mu    sync.Mutex
	lines []string
}

func (s *said) say(line string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lines = append(s.lines, line)
}

func (s *said) has(words string) bool { return strings.Contains(strings.Join(s.lines, "\n"), words) }

// settle waits until what is written then is younger than all that is there, by the clock of the file system, and has files of pixels
// believe it.
func settle(t testing.TB) {
	t.Helper()
	grain := pixelfile.Grain
	pixelfile.Grain = 0
	t.Cleanup(func() { pixelfile.Grain = grain })
	ticked(t)
}

// ticked waits for the next tick of the clock of the file system.
func ticked(t testing.TB) {
	t.Helper()
	dir := t.TempDir()
	first := statOf(write(t, dir, "clock", nil))
	for statOf(write(t, dir, "clock", []byte("a"))).Modified == first.Modified {
		time.Sleep(time.Millisecond)
	}
}

// checked opens a folder whose images have room for so many bytes in memory and checks it, and tells how many pictures are decoded.
func checked(t testing.TB, dir string, p Pixels, most int64, bad int) (set *Set, decoded int, err error) {
	t.Helper()
	set = mustOpen(t, dir, Options{Pixels: p, BadLater: true, Shape: Shape{Height: 6, Width: 5, Channels: 3}})
	var mu sync.Mutex
	Watch(set.Train, func(string, *Picture) {
		mu.Lock()
		defer mu.Unlock()
		decoded++
	})
	keep(t, set.Train, most)
	err = set.Check(t.Context(), bad, nil)
	return set, decoded, err
}

// sameImages compares the images of a set with those of the same folder opened without a file of pixels.
func sameImages(t testing.TB, dir string, set *Set) {
	t.Helper()
	plain, _, err := checked(t, dir, Pixels{}, 0, 1000)
	if err != nil {
		t.Fatal(err)
	}
	if fmt.Sprint(plain.Bad) != fmt.Sprint(set.Bad) {
		t.Errorf("bad files %v, want %v", set.Bad, plain.Bad)
	}
	for name, s := range map[string][2]Source{"train": {plain.Train, set.Train}, "test": {plain.Test, set.Test}} {
		if s[0] == nil && s[1] == nil {
			continue
		}
		if s[0].Len() != s[1].Len() {
			t.Fatalf("%s: %d images, want %d", name, s[1].Len(), s[0].Len())
		}
		for i := range s[0].Len() {
			if s[0].ID(i) != s[1].ID(i) || s[0].Label(i) != s[1].Label(i) || !bytes.Equal(pixels(t, s[0], i), pixels(t, s[1], i)) {
				t.Errorf("%s: image %d is another: %s, want %s", name, i, s[1].ID(i), s[0].ID(i))
			}
		}
	}
}

const imageLen = 6 * 5 * 3

// Images that do not fit in memory are decoded once for all commands. Those that fit leave no file.
func TestPixelsAreKeptForTheNext(t *testing.T) {
	dir, file := photos(t, 9, 4), filepath.Join(t.TempDir(), "a.pixels")
	settle(t)
	var told said
	p := Pixels{File: file, Say: told.say}
	if _, decoded, err := checked(t, dir, p, 13*imageLen, 0); err != nil || decoded != 13 || len(told.lines) > 0 {
		t.Fatalf("%d decoded, error %v, %q", decoded, err, told.lines)
	}
	if _, err := os.Stat(file); !errors.Is(err, os.ErrNotExist) {
		t.Fatalf("images fit in memory, and there is a file: %v", err)
	}
	set, decoded, err := checked(t, dir, p, 13*imageLen-1, 0)
	if err != nil || decoded != 13 || !told.has(file+" has the pixels of 13 images") {
		t.Fatalf("%d decoded, error %v, %q", decoded, err, told.lines)
	}
	sameImages(t, dir, set)
	if held := set.Train.(*folder).room.held.Load(); held > 0 {
		t.Errorf("%d bytes are in memory besides", held)
	}
	if _, err := os.Stat(file + output.Partial); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("something is left: %v", err)
	}
	for name, p := range map[string]Pixels{"the same": p, "as found": {Found: []string{file}, Say: told.say}} {
		before, err := os.Stat(file)
		if err != nil {
			t.Fatal(err)
		}
		told.lines = nil
		set, decoded, err := checked(t, dir, p, 0, 0)
		if err != nil || decoded != 0 || !told.has("it has the pixels of 13 of 13 images") {
			t.Errorf("%s: %d decoded, error %v, %q", name, decoded, err, told.lines)
		}
		sameImages(t, dir, set)
		if after, err := os.Stat(file); err != nil || !os.SameFile(before, after) {
			t.Errorf("%s: the file is written again: %v", name, err)
		}
	}
}

// Images that were kept in memory are written before they are forgotten.
func TestPixelsAreWrittenBeforeTheyAreForgotten(t *testing.T) {
	dir, file := photos(t, 9, 4), filepath.Join(t.TempDir(), "a.pixels")
	settle(t)
	set, _, err := checked(t, dir, Pixels{File: file}, 13*imageLen, 0)
	if err != nil {
		t.Fatal(err)
	}
	again := 0
	Watch(set.Train, func(string, *Picture) { again++ })
	keep(t, Slice(set.Train, 1, 3), 5*imageLen)
	if held := set.Train.(*folder).room.held.Load(); held > 5*imageLen {
		t.Errorf("%d bytes are held", held)
	}
	sameImages(t, dir, set)
	if again > 0 {
		t.Errorf("%d are decoded again", again)
	}
	if _, decoded, err := checked(t, dir, Pixels{Found: []string{file}}, 0, 0); err != nil || decoded != 0 {
		t.Errorf("%d decoded, error %v", decoded, err)
	}
}

// With files of pixels images are what they are without, whatever happens to the images, to the files and to the memory.
func TestPixelsAreThoseOfTheFiles(t *testing.T) {
	settle(t)
	rapid.Check(t, func(rt *rapid.T) {
		dir, at := t.TempDir(), t.TempDir()
		names := []string{"train/a.png", "train/b.png", "train/c\xff.png", "test/d.png", "test/e.png", "train/z.png", "test/z.png"}
		number := uint64(0)
		image := func(name string) {
			number++
			write(t, dir, name, encode(t, "png", colourful(5+int(number)%2, 6, number)))
		}
		for _, name := range names {
			image(name)
		}
		drawName := func() string { return rapid.SampledFrom(names[:5]).Draw(rt, "name") }
		file := func() string {
			return filepath.Join(at, rapid.SampledFrom([]string{"model.pixels", "out.pixels", "out.pixels.partial"}).Draw(rt, "file"))
		}
		rt.Repeat(map[string]func(*rapid.T){
			"": func(*rapid.T) {},
			"replace, as large and as old": func(*rapid.T) {
				name := drawName()
				path := filepath.Join(dir, name)
				info, err := os.Stat(path)
				if err != nil {
					return
				}
				number++
				b := encode(t, "bmp", colourful(5, 6, number)) // of one size
				write(t, dir, name, b)
				if err := os.Chtimes(path, info.ModTime(), info.ModTime()); err != nil {
					rt.Fatal(err)
				}
			},
			"change": func(*rapid.T) { image(drawName()) },
			"touch":  func(*rapid.T) { _ = os.Chtimes(filepath.Join(dir, drawName()), time.Time{}, time.Now()) },
			"remove": func(*rapid.T) { _ = os.Remove(filepath.Join(dir, drawName())) },
			"break": func(*rapid.T) {
				write(t, dir, drawName(), encode(t, "png", colourful(5, 6, 1))[:rapid.SampledFrom([]int{0, 20, 60}).Draw(rt, "left")])
			},
			"damage": func(*rapid.T) {
				path := file()
				b, err := os.ReadFile(path)
				if err != nil || len(b) == 0 {
					return
				}
				b[rapid.IntRange(min(13, len(b)-1), len(b)-1).Draw(rt, "at")] ^= 16
				_ = os.WriteFile(path, b, 0o600)
			},
			"cut": func(*rapid.T) {
				path := file()
				if info, err := os.Stat(path); err == nil {
					_ = os.Truncate(path, rapid.Int64Range(0, info.Size()).Draw(rt, "left"))
				}
			},
			"fit": func(*rapid.T) {
				set, _, err := checked(t, dir, Pixels{File: filepath.Join(at, "model.pixels")}, rapid.Int64Range(0, 8).Draw(rt, "room")*imageLen, 7)
				if err != nil {
					rt.Fatal(err)
				}
				sameImages(t, dir, set)
			},
			"embed": func(*rapid.T) {
				p := Pixels{Found: []string{filepath.Join(at, "model.pixels")}, File: filepath.Join(at, "out.pixels")}
				set, _, err := checked(t, dir, p, rapid.Int64Range(0, 8).Draw(rt, "room")*imageLen, 7)
				if err != nil {
					rt.Fatal(err)
				}
				sameImages(t, dir, set)
				keep(t, set.Train, rapid.Int64Range(0, 8).Draw(rt, "later")*imageLen)
				sameImages(t, dir, set)
			},
			"interrupted": func(*rapid.T) {
				interrupted(t, dir, filepath.Join(at, "out.pixels"), rapid.IntRange(0, 7).Draw(rt, "after"))
			},
		})
	})
}
