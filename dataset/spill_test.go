package dataset

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/sparse-manifold/smt/internal/output"
	"github.com/sparse-manifold/smt/internal/pixelfile"
)

// blocksOf has files of pixels written in blocks of so many bytes.
func blocksOf(bytes int) (restore func()) {
	before := spillBytes
	spillBytes = bytes
	return func() { spillBytes = before }
}

// interrupted ends a check once so many images are read, and returns what it says.
func interrupted(t testing.TB, dir, file string, after int) error {
	t.Helper()
	defer blocksOf(1)()
	set := mustOpen(t, dir, Options{Pixels: Pixels{File: file}, BadLater: true, Shape: Shape{Height: 6, Width: 5, Channels: 3}})
	defer set.Close()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	return set.Check(ctx, 7, func(done, total int) {
		if done >= after {
			cancel()
		}
	})
}

// What was decoded when a command was ended is not decoded by the next.
func TestSpillIsGoneOnWith(t *testing.T) {
	dir, file := photos(t, 20, 4), filepath.Join(t.TempDir(), "a.pixels")
	settle(t)
	err := interrupted(t, dir, file, 12)
	if !errors.Is(err, context.Canceled) || err.Error() != "context canceled; the same command goes on from the pixels in "+file+output.Partial {
		t.Errorf("error %v", err)
	}
	if _, err := os.Stat(file); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a file that is not whole is there: %v", err)
	}
	var told said
	set, decoded, err := checked(t, dir, Pixels{File: file, Say: told.say}, 0, 0)
	if err != nil || decoded > 12 || decoded < 8 || !told.has("going on from the pixels of 1") {
		t.Errorf("%d decoded, error %v, %q", decoded, err, told.lines)
	}
	sameImages(t, dir, set)
	if _, decoded, _ = checked(t, dir, Pixels{File: file}, 0, 0); decoded > 0 {
		t.Errorf("%d decoded by the next", decoded)
	}
}

// Of a file that is damaged what has changed is decoded again, and what is not as wanted is not taken up: a line says why, and
// the file is written anew.
func TestSpillIsMended(t *testing.T) {
	for name, c := range map[string]struct {
		change  func(b []byte) []byte
		decoded int
		says    string
	}{
		"whole":               {func(b []byte) []byte { return b }, 0, "is taken up: it has the pixels of 8 of 8 images"},
		"a byte of a picture": {func(b []byte) []byte { b[len(b)-5] ^= 1; return b }, 1, "is not as it was written, and what has changed of it is decoded again: the pixels at byte"},
		"cut":                 {func(b []byte) []byte { return b[:len(b)-5] }, 2, "is not as it was written, and what has changed of it is decoded again: at byte"},
		"a byte of its head":  {func(b []byte) []byte { b[30] ^= 1; return b }, 8, "is not taken up: head: the list has the sum"},
		"cut in its head":     {func(b []byte) []byte { return b[:30] }, 8, "is not taken up: head: "},
	} {
		dir, file := photos(t, 6, 2), filepath.Join(t.TempDir(), "a.pixels")
		settle(t)
		p := Pixels{File: file}
		if _, _, err := checked(t, dir, p, 0, 0); err != nil {
			t.Fatal(err)
		}
		whole, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Dir(file), filepath.Base(file), c.change(whole))
		var told said
		p.Say = told.say
		set, decoded, err := checked(t, dir, p, 3*imageLen, 0)
		if err != nil || decoded != c.decoded || !told.has(file+" "+c.says) {
			t.Errorf("%s: %d decoded, want %d, error %v, %q", name, decoded, c.decoded, err, told.lines)
		}
		sameImages(t, dir, set)
		if _, decoded, _ := checked(t, dir, p, 0, 0); decoded > 0 {
			t.Errorf("%s: %d decoded once it is mended", name, decoded)
		}
	}
}

// A file of images of another shape is not taken up.
func TestSpillOfAnotherShape(t *testing.T) {
	dir, file := photos(t, 6, 2), filepath.Join(t.TempDir(), "a.pixels")
	settle(t)
	if _, _, err := checked(t, dir, Pixels{File: file}, 0, 0); err != nil {
		t.Fatal(err)
	}
	var told said
	set := mustOpen(t, dir, Options{Pixels: Pixels{File: file, Say: told.say}})
	if err := set.Check(t.Context(), 0, nil); err != nil || !told.has(file+" is not taken up: its images are 6×5×3, want 4×5×3") {
		t.Errorf("error %v, %q", err, told.lines)
	}
	plain := mustOpen(t, dir, Options{})
	if string(pixels(t, set.Train, 3)) != string(pixels(t, plain.Train, 3)) {
		t.Error("image 3 is another")
	}
	if _, decoded, _ := checked(t, dir, Pixels{Found: []string{file}}, 0, 0); decoded != 8 {
		t.Errorf("%d decoded of a file that was replaced", decoded)
	}
}

// Files that cannot be read are kept in mind, and are in the list of each command, in the order of their names.
func TestBadFilesAreKeptInMind(t *testing.T) {
	dir, file := photos(t, 6, 2), filepath.Join(t.TempDir(), "a.pixels")
	broken := encode(t, "png", colourful(5, 4, 1))
	write(t, dir, "train/cut.png", broken[:60])
	write(t, dir, "train/none.png", []byte("no image"))
	settle(t)
	first, _, err := checked(t, dir, Pixels{File: file}, 0, 2)
	if err != nil || len(first.Bad) != 2 {
		t.Fatalf("bad files %v, error %v", first.Bad, err)
	}
	for range 2 {
		set, decoded, err := checked(t, dir, Pixels{File: file}, 0, 2)
		if err != nil || decoded > 0 {
			t.Errorf("%d decoded, error %v", decoded, err)
		}
		f, remembered := set.Train.(*folder), 0
		for _, e := range f.room.unread {
			if e.Bad != "" {
				remembered++
			}
		}
		if remembered != 2 {
			t.Errorf("%d bad files are kept in mind, want 2", remembered)
		}
		sameImages(t, dir, set)
		if decoded = reading(t, set); decoded > 0 {
			t.Errorf("%d decoded once bad files are left out", decoded)
		}
	}
	kept, err := pixelfile.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer kept.Close()
	if none := kept.Find()["train/none.png"]; none.Bad == "" || kept.Find()["train/cut.png"].Bad == "" {
		t.Errorf("the file has bad files as %+v", none)
	}
	set := mustOpen(t, dir, Options{Pixels: Pixels{File: file}, BadLater: true, Shape: Shape{Height: 6, Width: 5, Channels: 3}})
	if broken := set.Train.(*folder).broken; len(broken) != 1 {
		t.Errorf("known to be broken: %v", broken)
	}
	_, _, err = checked(t, dir, Pixels{File: file}, 0, 1)
	wantError(t, err, "2 of 10 image files cannot be read", "cut.png (decode png: ", "none.png (image header: ")
	// One that is mended is an image.
	write(t, dir, "train/cut.png", broken)
	if set, decoded, err := checked(t, dir, Pixels{File: file}, 0, 1); err != nil || decoded != 1 || set.Train.Len() != 7 {
		t.Errorf("%d decoded, %v, error %v", decoded, set.Bad, err)
	}
}

// reading reads all images of a set, and tells how many are decoded for that.
func reading(t testing.TB, set *Set) (decoded int) {
	t.Helper()
	Watch(set.Train, func(string, *Picture) { decoded++ })
	for _, src := range []Source{set.Train, set.Test} {
		for i := range src.Len() {
			pixels(t, src, i)
		}
	}
	return decoded
}

// Images that are as young as the file are decoded once by the command that writes it, and again by the next: they may have
// changed, and look as before.
func TestYoungImages(t *testing.T) {
	dir, file := photos(t, 6, 2), filepath.Join(t.TempDir(), "a.pixels")
	for range 2 {
		set, decoded, err := checked(t, dir, Pixels{File: file}, 0, 0)
		if err != nil || decoded != 8 {
			t.Errorf("%d decoded, error %v", decoded, err)
		}
		if again := reading(t, set); again > 0 {
			t.Errorf("%d decoded again", again)
		}
		sameImages(t, dir, set)
	}
}

// Where a file cannot be written, images are decoded as without one, and a line says why.
func TestSpillThatCannotBe(t *testing.T) {
	dir := photos(t, 6, 2)
	at := t.TempDir()
	letter := write(t, at, "letter.pixels", []byte("Dear reader, this is no file of pixels."))
	busy := filepath.Join(at, "busy.pixels")
	held, err := output.Continue(busy)
	if err != nil {
		t.Fatal(err)
	}
	defer held.Close()
	for file, says := range map[string]string{
		letter:                                "no file of pixels",
		busy:                                  "another process is writing it",
		filepath.Join(at, "none", "a.pixels"): "there is no folder",
		write(t, at, "folder.pixels/a", nil)[:len(at)+len("/folder.pixels")]: "a folder",
	} {
		var told said
		set, decoded, err := checked(t, dir, Pixels{File: file, Say: told.say}, 0, 0)
		if err != nil || decoded != 8 || !told.has(file+" is not written: ") || !told.has(says) {
			t.Errorf("%s: %d decoded, error %v, %q", file, decoded, err, told.lines)
		}
		sameImages(t, dir, set)
	}
	if b, err := os.ReadFile(letter); string(b) != "Dear reader, this is no file of pixels." {
		t.Errorf("the letter reads %q, %v", b, err)
	}
}
