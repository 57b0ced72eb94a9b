package dataset

import (
	"fmt"
	"image/color"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func wantLeft(t testing.TB, set *Set, line string) {
	t.Helper()
	if got := set.LeftOut(); got != line {
		t.Errorf("left out: %q\nwant      %q", got, line)
	}
}

// names are the files of a source within dir, with their classes.
func names(t testing.TB, dir string, src Source) []string {
	t.Helper()
	f, ok := src.(*folder)
	if !ok {
		return nil
	}
	var all []string
	for i, path := range f.files {
		rel, err := filepath.Rel(dir, path)
		if err != nil {
			t.Fatal(err)
		}
		name := filepath.ToSlash(rel)
		if c := ClassOf(src, i); c != "" {
			name += " " + c
		}
		all = append(all, name)
	}
	return all
}

// foreignFiles begin as files of formats that are known and not read.
var foreignFiles = map[string]string{
	"a.heic": "\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic",
	"b.jpg":  "\x00\x00\x00\x18ftypheix\x00\x00\x00\x00mif1heix", // a photograph of a telephone, renamed
	"c.avif": "\x00\x00\x00\x1cftypavif\x00\x00\x00\x00avifmif1miaf",
	"d.heif": "\x00\x00\x00\x1cftypmif1\x00\x00\x00\x00avifmif1miaf",
	"e.jp2":  "\x00\x00\x00\x0cjP  \r\n\x87\n\x00\x00\x00\x14ftypjp2 ",
	"f.jxl":  "\xff\x0a\x00\x00",
}

func TestForeignFormats(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "1.png", encode(t, "png", grayOf("ab")))
	write(t, dir, "2.ppm", []byte(pnmFiles["colour"]))
	for name, text := range foreignFiles {
		write(t, dir, name, []byte(text))
	}
	set := mustOpen(t, dir, Options{})
	if got := names(t, dir, set.Train); !slices.Equal(got, []string{"1.png", "2.ppm"}) {
		t.Errorf("images %q", got)
	}
	wantLeft(t, set, "6 files left out: 2 AVIF (c.avif, d.heif), 2 HEIC (a.heic, b.jpg), 1 JPEG 2000 (e.jp2), 1 JPEG XL (f.jxl)")
	for name, text := range foreignFiles {
		if _, err := PictureShape(strings.NewReader(text), Limits{}); err == nil || !strings.Contains(err.Error(), "want PNG, JPEG") {
			t.Errorf("%s: %v, want an error that names what is read", name, err)
		}
	}
}

// Photographs beside a sub-folder are images like those in it.
func TestFolderMixed(t *testing.T) {
	png := encode(t, "png", grayOf("ab"))
	dir := t.TempDir()
	for i := range 10 {
		write(t, dir, fmt.Sprintf("%d.png", i), png)
	}
	write(t, dir, "trip/a.png", png)
	write(t, dir, "trip/b.png", png)
	set := mustOpen(t, dir, Options{})
	if set.Train.Len() != 12 || set.Train.Classes() != nil {
		t.Errorf("%d images, classes %q: want 12 without", set.Train.Len(), set.Train.Classes())
	}
	wantLeft(t, set, "")
	if !slices.ContainsFunc(set.Notes, func(n string) bool { return strings.Contains(n, "2 images in trip and 10 beside it") }) {
		t.Errorf("notes %q do not say so", set.Notes)
	}
	// Of two sub-folders too, where most are beside them.
	write(t, dir, "walk/c.png", png)
	if set := mustOpen(t, dir, Options{}); set.Train.Len() != 13 || set.Train.Classes() != nil {
		t.Errorf("%d images, classes %q: want 13 without", set.Train.Len(), set.Train.Classes())
	}
	// Where most are in the sub-folders, these are classes.
	for i := range 20 {
		write(t, dir, fmt.Sprintf("walk/%d.png", i), png)
	}
	set = mustOpen(t, dir, Options{})
	if set.Train.Len() != 23 || !slices.Equal(set.Train.Classes(), []string{"trip", "walk"}) {
		t.Errorf("%d images, classes %q", set.Train.Len(), set.Train.Classes())
	}
	wantLeft(t, set, "10 files left out: 10 beside the folders of classes (0.png, 1.png, 2.png, …)")
}

// Names that the terminal would obey, or that break the line, are quoted.
func TestLeftOutNames(t *testing.T) {
	s := Set{Left: []Left{{Reason: "HEIC", Count: 2, Files: []string{"a\x1b[31m\n.heic", "b.heic"}}}}
	wantLeft(t, &s, `2 files left out: 2 HEIC ("a\x1b[31m\n.heic", b.heic)`)
}

// A link to a folder is followed once, and never in a circle.
func TestFolderLinksBelow(t *testing.T) {
	dir, far := t.TempDir(), t.TempDir()
	png := func(v uint8) []byte { return encode(t, "png", uniform(2, 2, color.Gray{v})) }
	write(t, dir, "a/1.png", png(1))
	write(t, dir, "b/2.png", png(2))
	write(t, far, "x/3.png", png(3))
	write(t, far, "x/deep/4.png", png(4))
	for link, to := range map[string]string{
		"a/more":                         filepath.Join(far, "x"),
		"b/again":                        filepath.Join(far, "x"),
		"b/part":                         filepath.Join(far, "x", "deep"),
		"b/sibling":                      filepath.Join(dir, "a"),
		"b/up":                           filepath.Dir(dir),
		filepath.Join("..", "unused"):    dir,
		filepath.Join("a", "self"):       filepath.Join(dir, "a"),
		filepath.Join("b", "into-far-x"): far,
	} {
		path := filepath.Join(dir, link)
		if strings.HasPrefix(link, "..") {
			path = filepath.Join(far, "x", "back") // a circle through the folder outside
		}
		if err := os.Symlink(to, path); err != nil {
			t.Skip("no symbolic links here:", err)
		}
	}
	set := mustOpen(t, dir, Options{})
	want := []string{"a/1.png a", "a/more/3.png a", "a/more/deep/4.png a", "b/2.png b"}
	if got := names(t, dir, set.Train); !slices.Equal(got, want) {
		t.Errorf("images %q, want %q", got, want)
	}
	if len(set.Left) != 1 || len(set.Left[0].Files) != 7 || set.Left[0].Reason != leftLinked {
		t.Errorf("left out: %+v, want seven links", set.Left)
	}
	// Splits that are one folder are no splits.
	both := t.TempDir()
	for _, name := range []string{"train", "test"} {
		if err := os.Symlink(filepath.Join(far, "x"), filepath.Join(both, name)); err != nil {
			t.Fatal(err)
		}
	}
	_, err := Open(both, Options{})
	wantError(t, err, filepath.Join(both, "test"), "want splits apart")
	// A folder that holds only a link to itself holds nothing.
	circle := t.TempDir()
	if err := os.Symlink(circle, filepath.Join(circle, "self")); err != nil {
		t.Fatal(err)
	}
	_, err = Open(circle, Options{})
	wantError(t, err, circle)
}

// One stray file does not decide the size of all others.
func TestFolderSize(t *testing.T) {
	dir := t.TempDir()
	for i := range 8 {
		write(t, dir, fmt.Sprintf("%d.png", i), encode(t, "png", uniform(100+i, 90+i, color.Gray{9})))
	}
	write(t, dir, "icon.png", encode(t, "png", uniform(1, 1, color.Gray{9})))
	set := mustOpen(t, dir, Options{})
	if s := set.Train.Shape(); s != (Shape{90, 90, 3}) || set.Train.Len() != 9 {
		t.Errorf("%d images of %v, want 9 of 90×90", set.Train.Len(), s)
	}
	want := []string{
		"images differ in size and are brought to 90×90: the smallest side of those that are at least half the median, 93",
		"enlarged more than twofold to 90×90: 1 (icon.png)",
	}
	if !slices.Equal(set.Notes, want) {
		t.Errorf("notes %q, want %q", set.Notes, want)
	}
	// A size that is given decides, and says what is small for it.
	set = mustOpen(t, dir, Options{Fitted: Shape{Height: 50, Width: 60, Channels: 1}})
	if s := set.Train.Shape(); s != (Shape{50, 60, 1}) {
		t.Errorf("for a model of 50×60: %v", s)
	}
	want = []string{
		"images differ in size and are brought to 60×50 (width×height): the size of the images that the model was fitted on",
		"enlarged more than twofold to 60×50: 1 (icon.png)",
	}
	if !slices.Equal(set.Notes, want) {
		t.Errorf("notes %q, want %q", set.Notes, want)
	}
	set = mustOpen(t, dir, Options{Shape: Shape{Height: 7}, Fitted: Shape{50, 60, 1}})
	if s := set.Train.Shape(); s != (Shape{7, 7, 1}) {
		t.Errorf("asked for 7, for a model of 50×60: %v", s)
	}
	if want := []string{"images differ in size and are brought to 7×7: as asked for", "enlarged more than twofold to 7×7: 1 (icon.png)"}; !slices.Equal(set.Notes, want) {
		t.Errorf("notes %q, want %q", set.Notes, want)
	}
	half := func(s Shape) Shape { return Shape{s.Height / 2, s.Width / 2, s.Channels} }
	set = mustOpen(t, dir, Options{Working: half})
	if want := []string{"images differ in size and are brought to 45×45: less work than 90×90, the smallest side of those that are at least half the median, 93", "enlarged more than twofold to 45×45: 1 (icon.png)"}; !slices.Equal(set.Notes, want) {
		t.Errorf("notes %q, want %q", set.Notes, want)
	}
	same := t.TempDir()
	write(t, same, "a.png", encode(t, "png", uniform(9, 8, color.Gray{1})))
	if notes := mustOpen(t, same, Options{}).Notes; len(notes) > 0 {
		t.Errorf("notes %q of images that stay as they are", notes)
	}
	set = mustOpen(t, same, Options{Working: half})
	if want := []string{"images are 9×8 (width×height) and are brought to 4×4: less work than 9×8 (width×height)"}; !slices.Equal(set.Notes, want) {
		t.Errorf("notes %q, want %q", set.Notes, want)
	}
}

// Every file of a folder is an image of it or left out, and the images are in the order
// of their paths, byte by byte, as find and sort give it.
func TestFolderLosesNothing(t *testing.T) {
	png := encode(t, "png", grayOf("ab"))
	part := rapid.SampledFrom([]string{"a", "a-1", "a.b", "B", "train", "test", "val", "dev", "z", ".h", "é",
		"train_set", "test_set", "seg_train", "seg_test", "unlabeled", "my test"})
	kind := rapid.SampledFrom([]string{".png", ".txt", ".heic"})
	rapid.Check(t, func(r *rapid.T) {
		dir, err := os.MkdirTemp(t.TempDir(), "")
		if err != nil {
			r.Fatal(err)
		}
		files := map[string]bool{}
		for range rapid.IntRange(1, 14).Draw(r, "files") {
			parts := rapid.SliceOfN(part, 1, 4).Draw(r, "path")
			name := strings.Join(parts, "/") + kind.Draw(r, "kind")
			if path := filepath.Join(dir, filepath.FromSlash(name)); os.MkdirAll(filepath.Dir(path), 0o755) == nil {
				data := png
				switch filepath.Ext(name) {
				case ".txt":
					data = []byte("text")
				case ".heic":
					data = []byte(foreignFiles["a.heic"])
				}
				if os.WriteFile(path, data, 0o644) == nil {
					files[name] = true
				}
			}
		}
		set, err := Open(dir, Options{})
		if err != nil {
			return // no images, or none to learn from
		}
		var found []string
		for _, src := range []Source{set.Train, set.Test} {
			if src == nil {
				continue
			}
			got := src.(*folder).files
			var rel []string
			for _, path := range got {
				name, err := filepath.Rel(dir, path)
				if err != nil {
					r.Fatal(err)
				}
				rel = append(rel, filepath.ToSlash(name))
			}
			if !slices.IsSorted(rel) {
				r.Fatalf("images are not in order: %q", rel)
			}
			found = append(found, rel...)
		}
		for _, l := range set.Left {
			found = append(found, l.Files...)
		}
		for name := range files {
			// A hidden folder stands for what is in it.
			n := 0
			for _, f := range found {
				if f == name || strings.HasPrefix(name, f+"/") && strings.HasPrefix(filepath.Base(f), ".") {
					n++
				}
			}
			if n != 1 {
				r.Fatalf("%s is used or named %d times, of images and files left out %q", name, n, found)
			}
		}
		for i := range set.Train.Len() {
			name := set.Train.(*folder).files[i]
			rel, _ := filepath.Rel(dir, name)
			rest := strings.Split(filepath.ToSlash(rel), "/")
			below := filepath.ToSlash(strings.TrimPrefix(strings.TrimPrefix(name, set.Path), string(filepath.Separator)))
			if first := strings.Split(below, "/")[0]; slices.Contains([]string{"test", "val", "dev", "test_set"}, first) && strings.Contains(below, "/") {
				r.Fatalf("%s is held out and among the images to learn from (%v)", name, rest)
			}
		}
	})
}

func TestDataFilesThatAreNoFiles(t *testing.T) {
	if _, err := Open(os.DevNull, Options{}); err == nil || !strings.Contains(err.Error(), "want a regular file or a folder") {
		t.Errorf("%s: %v", os.DevNull, err)
	}
	if !reflect.DeepEqual((&Tally{}).All(), []Left(nil)) {
		t.Error("a tally of nothing is not empty")
	}
}
