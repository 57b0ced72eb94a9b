package video

import (
	"context"
	"errors"
	"image"
	"image/color"
	"image/gif"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sparse-manifold/smt/dataset"
	"pgregory.net/rapid"
)

func TestNamesInOrder(t *testing.T) {
	want := []string{"a", "a01", "a1", "a2", "a10", "a10b", "a10b2", "b", "frame9.png", "frame10.png", "frame100.png"}
	got := slices.Clone(want)
	slices.Reverse(got)
	slices.SortFunc(got, byNumber)
	if !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.StringMatching(`[ab0-3]{0,5}`)
		a, b, c := name.Draw(t, "a"), name.Draw(t, "b"), name.Draw(t, "c")
		if x, y := byNumber(a, b), byNumber(b, a); x != -y || (x == 0) != (a == b) {
			t.Fatalf("%q and %q: %d and %d", a, b, x, y)
		}
		if byNumber(a, b) < 0 && byNumber(b, c) < 0 && byNumber(a, c) >= 0 {
			t.Fatalf("%q < %q < %q, but not the first and the last", a, b, c)
		}
	})
}

// put writes a file below dir, and its folders.
func put(t *testing.T, dir, name string, write func(w io.Writer) error) string {
	t.Helper()
	path := filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := write(f); err != nil {
		t.Fatal(err)
	}
	return path
}

// grays is a PNG of one gray level.
func grays(w, h int, level uint8) func(io.Writer) error {
	img := image.NewGray(image.Rect(0, 0, w, h))
	for i := range img.Pix {
		img.Pix[i] = level
	}
	return func(to io.Writer) error { return png.Encode(to, img) }
}

// text is a file's content.
func text(s string) func(io.Writer) error {
	return func(w io.Writer) error { _, err := io.WriteString(w, s); return err }
}

// blink is a GIF of so many frames.
func blink(frames int) func(io.Writer) error {
	g := gif.GIF{}
	for i := range frames {
		p := image.NewPaletted(image.Rect(0, 0, 2, 2), color.Palette{color.Gray{uint8(10 * i)}})
		g.Image, g.Delay = append(g.Image, p), append(g.Delay, 1)
	}
	return func(w io.Writer) error { return gif.EncodeAll(w, &g) }
}

const tinyY4M = "YUV4MPEG2 W2 H2 Cmono XCOLORRANGE=FULL\nFRAME\n\x01\x01\x01\x01FRAME\n\x02\x02\x02\x02"

// A folder holds clips of every kind, each in the order of time.
func TestFindAndLoad(t *testing.T) {
	dir := t.TempDir()
	for i := range 12 {
		put(t, dir, "walk/frame"+string("0123456789ab"[i])+".png", grays(4, 4, uint8(i)))
	}
	for _, name := range []string{"run/f2.png", "run/f10.png", "run/f1.png"} {
		level := map[string]uint8{"run/f1.png": 1, "run/f2.png": 2, "run/f10.png": 10}[name]
		put(t, dir, name, grays(4, 4, level))
	}
	put(t, dir, "b.gif", blink(3))
	put(t, dir, "a.y4m", text(tinyY4M))
	put(t, dir, ".hidden/f.png", grays(2, 2, 9))
	put(t, dir, "notes.txt", text("no film"))
	clips, _, err := Find(context.Background(), dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, c := range clips {
		names = append(names, c.Name)
	}
	if want := []string{"a.y4m", "b.gif", "run", "walk"}; !slices.Equal(names, want) {
		t.Fatalf("clips %q, want %q", names, want)
	}
	f, err := Load(context.Background(), clips, dataset.Shape{Height: 2, Width: 2, Channels: 1}, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := [][]uint8{{1, 2}, {0, 10, 20}, {1, 2, 10}, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}}
	at := 0
	for c, levels := range want {
		if f.ClipLen(c) != len(levels) {
			t.Fatalf("clip %s has %d frames, want %d", f.Clip(c), f.ClipLen(c), len(levels))
		}
		for k, level := range levels {
			pix := make([]uint8, 4)
			if err := f.Image(at, pix); err != nil || !slices.Equal(pix, []uint8{level, level, level, level}) {
				t.Errorf("%s is %v, want %d (%v)", f.ID(at), pix, level, err)
			}
			if id := f.ID(at); id != names[c]+"#"+string("0123456789ab"[k]) && k < 10 {
				t.Errorf("id %q", id)
			}
			at++
		}
	}
	if f.Len() != at {
		t.Errorf("%d frames, want %d", f.Len(), at)
	}
}

func TestRefusals(t *testing.T) {
	dir := t.TempDir()
	put(t, dir, "empty/notes.txt", text("x"))
	put(t, dir, "one.gif", blink(1))
	put(t, dir, "none.y4m", text("YUV4MPEG2 W2 H2 Cmono\n"))
	put(t, dir, "cut.y4m", text(tinyY4M[:len(tinyY4M)-1]))
	put(t, dir, "sizes/1.png", grays(4, 4, 1))
	put(t, dir, "sizes/2.png", grays(4, 5, 1))
	put(t, dir, "broken/1.png", grays(4, 4, 1))
	put(t, dir, "broken/2.png", text("not a picture"))
	for name, want := range map[string]string{
		"missing":  "no such file",
		"empty":    "neither images nor films",
		"one.gif":  "clip one.gif has 1 frame: want at least 2",
		"none.y4m": "clip none.y4m has 0 frame",
		"cut.y4m":  "cut.y4m: y4m frame 1: unexpected EOF",
		"sizes":    "a frame of 4 × 5 follows frames of 4 × 4",
		"broken":   "2.png",
	} {
		clips, _, err := Find(context.Background(), filepath.Join(dir, name))
		if err == nil {
			_, err = Load(context.Background(), clips, dataset.Shape{Height: 2, Width: 2, Channels: 1}, nil)
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want %q", name, err, want)
		}
	}
	if _, err := Size(context.Background(), Clip{Name: "none", Path: filepath.Join(dir, "none.y4m")}); err == nil || !strings.Contains(err.Error(), "holds no frame") {
		t.Error(err)
	}
}

// Reading ends when its context does, of files and of folders.
func TestReadingEnds(t *testing.T) {
	dir := t.TempDir()
	put(t, dir, "f/1.png", grays(4, 4, 1))
	put(t, dir, "a.y4m", text(tinyY4M))
	put(t, dir, "b.gif", blink(2))
	clips, _, err := Find(context.Background(), dir)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for _, c := range clips {
		if _, err := Load(ctx, []Clip{c}, dataset.Shape{Height: 2, Width: 2, Channels: 1}, nil); err == nil || !strings.Contains(err.Error(), "context canceled") {
			t.Errorf("%s: error %v", c.Name, err)
		}
	}
}

// What is not read is said, and a clip of the folder itself is told from a sub-folder of its name.
func TestFindSaysWhatIsLeft(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "mix")
	other := t.TempDir()
	for _, name := range []string{"1.png", "2.png", "2.heic", "note.txt", ".hid", "mix/1.png", "mix/.seen/3.png"} {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.MkdirAll(filepath.Join(dir, "none", "at all"), 0o755); err != nil {
		t.Fatal(err)
	}
	heic := "\x00\x00\x00\x18ftypheic\x00\x00\x00\x00"
	if err := os.WriteFile(filepath.Join(dir, "3.heic"), []byte(heic), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, to := range map[string]string{"more": other, "5.png": filepath.Join(other, "gone.png")} {
		if err := os.Symlink(to, filepath.Join(dir, name)); err != nil {
			t.Skip(err)
		}
	}
	clips, left, err := Find(context.Background(), dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, c := range clips {
		names = append(names, c.Name)
	}
	if want := []string{".", "mix"}; !slices.Equal(names, want) {
		t.Errorf("clips %q, want %q", names, want)
	}
	if got, want := dataset.LeftFiles(left), "7 files left out: 1 HEIC (3.heic), 2 hidden (.hid, mix/.seen), 1 linked to folders (more), 1 linked to nothing (5.png), 2 of other formats (2.heic, note.txt); 1 folder without a clip (none)"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	ended, end := context.WithCancel(context.Background())
	end()
	if _, _, err := Find(ended, dir); !errors.Is(err, context.Canceled) {
		t.Errorf("a search that was ended says %v", err)
	}
}
