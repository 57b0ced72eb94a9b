package dataset

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sparse-manifold/smt/internal/shuffle"
)

// listedFolder is a folder of two classes, with images of several sizes and formats, one of them turned.
func listedFolder(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	for i, name := range []string{"b/2.png", "b/10.png", "a/z.png", "b/sub/0.png", "a/A.png"} {
		write(t, dir, name, encode(t, "png", colourful(5+i, 6, uint64(i))))
	}
	write(t, dir, "a/turned.jpeg", turned(t, colourful(6, 8, 9), exif(binary.LittleEndian, "II", 6)))
	return dir
}

// writeList makes a list of what a set has, its lines in no order, each as line says.
func writeList(t testing.TB, path string, src Source, line func(i int) string) string {
	t.Helper()
	text := "\ufeff"
	var at []int
	for i := range src.Len() {
		at = append(at, i)
	}
	slices.SortFunc(at, func(a, b int) int { return int(shuffle.Mix(uint64(a))%1000) - int(shuffle.Mix(uint64(b))%1000) })
	for _, i := range at {
		text += line(i) + "\r\n\n"
	}
	return write(t, filepath.Dir(path), filepath.Base(path), []byte(strings.TrimSuffix(text, "\r\n\n")))
}

// wantSame demands that two sources have the same images, by the same ids, with the same labels.
func wantSame(t *testing.T, got, want Source) {
	t.Helper()
	if got.Len() != want.Len() || got.Shape() != want.Shape() || !slices.Equal(got.Classes(), want.Classes()) {
		t.Fatalf("%d images of %v, classes %q: want %d, %v, %q", got.Len(), got.Shape(), got.Classes(), want.Len(), want.Shape(), want.Classes())
	}
	for i := range want.Len() {
		if got.ID(i) != want.ID(i) || got.Label(i) != want.Label(i) || !bytes.Equal(pixels(t, got, i), pixels(t, want, i)) {
			t.Errorf("image %d is %s of class %d, or its pixels differ: want %s of %d", i, got.ID(i), got.Label(i), want.ID(i), want.Label(i))
		}
	}
}

// A list of all images of a folder, in any order, is that folder.
func TestListIsItsFolder(t *testing.T) {
	dir := listedFolder(t)
	want := mustOpen(t, dir, Options{}).Train
	labelled := func(i int) string { return want.ID(i) + "\t" + want.Classes()[want.Label(i)] }
	list := writeList(t, filepath.Join(dir, "LIST.TXT"), want, labelled)
	set := mustOpen(t, list, Options{})
	wantSame(t, set.Train, want)
	checkContract(t, set.Train)
	if set.Format != "list" || set.Path != list || set.Test != nil || len(set.Left) != 0 {
		t.Errorf("format %s, path %s, test %v, left %v", set.Format, set.Path, set.Test, set.Left)
	}
	// By another name, and by absolute paths, from another folder.
	t.Chdir(filepath.Dir(dir))
	relative := filepath.Join(filepath.Base(dir), "list")
	if err := os.Rename(list, relative); err != nil {
		t.Fatal(err)
	}
	wantSame(t, mustOpen(t, relative, Options{Format: "list"}).Train, want)
	writeList(t, filepath.Join(dir, "absolute.txt"), want, func(i int) string {
		return filepath.Join(dir, want.ID(i)) + "\t" + want.Classes()[want.Label(i)]
	})
	wantSame(t, mustOpen(t, filepath.Join(filepath.Base(dir), "absolute.txt"), Options{}).Train, want)
	t.Chdir(dir)
	wantSame(t, mustOpen(t, "absolute.txt", Options{}).Train, want)
	wantSame(t, mustOpen(t, "list", Options{Format: "list"}).Train, want)
}

// Files outside of the list's folder have ids that do not depend on how the list is named.
func TestListOfFilesElsewhere(t *testing.T) {
	dir := listedFolder(t)
	write(t, dir, "lists/a.txt", []byte("../b/2.png\n"+filepath.Join(dir, "a", "z.png")+"\n./..//a/A.png"))
	want := []string{"../a/A.png", "../b/2.png", filepath.ToSlash(filepath.Join(dir, "a", "z.png"))}
	for _, from := range []string{"/", dir, filepath.Join(dir, "lists"), filepath.Join(dir, "b")} {
		t.Chdir(from)
		relative, err := filepath.Rel(from, filepath.Join(dir, "lists", "a.txt"))
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range []string{relative, filepath.Join(dir, "lists", "a.txt")} {
			src := mustOpen(t, path, Options{}).Train
			var ids []string
			for i := range src.Len() {
				ids = append(ids, src.ID(i))
				pixels(t, src, i)
			}
			if !slices.Equal(ids, want) || src.Classes() != nil {
				t.Errorf("%s in %s: ids %q, classes %q: want %q and none", path, from, ids, src.Classes(), want)
			}
		}
	}
}

func TestListErrors(t *testing.T) {
	dir := listedFolder(t)
	abs := filepath.Join(dir, "b", "2.png")
	for text, says := range map[string]string{
		"b/2.png\tx\nb/10.png\n":                       "line 2: line 1 has a label, and line 2 has none",
		"b/2.png\n\nb/10.png\tx\n":                     "line 3: line 3 has a label, and line 1 has none",
		"b/2.png\tx\ty\n":                              "line 1: has more than one tab",
		"b/2.png\t \n":                                 "line 1: has no label after its tab",
		"b/2.png\n \n":                                 "line 2: has no path",
		"b/2.png\n\tx\n":                               "line 2: has no path",
		"b/2.png\nb/\x00.png\n":                        "line 2: has a byte of 0",
		"b/2.png\nb/10.png\n./b//2.png\n":              "line 3: names b/2.png, as line 1 does",
		abs + "\nb/2.png\n":                            "line 2: names b/2.png, as line 1 does",
		"b/2.png\n" + strings.Repeat("a", longestLine): "line 2: is longer than 16384 bytes",
	} {
		list := write(t, dir, "list.txt", []byte(text))
		_, err := Open(list, Options{})
		wantError(t, err, list, says)
	}
	for _, text := range []string{"", "\n\r\n"} {
		list := write(t, dir, "empty.txt", []byte(text))
		_, err := Open(list, Options{Format: "list"})
		wantError(t, err, list, "is empty: want the path of an image file")
	}
	_, err := Open(dir, Options{Format: "list"})
	wantError(t, err, dir, "want a list of image files, found a folder")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = OpenContext(ctx, write(t, dir, "list.txt", []byte("b/2.png")), Options{})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("%v: want that it is cancelled", err)
	}
}

// A listed file that is no image, or is not there, is bad.
func TestListOfBadFiles(t *testing.T) {
	dir := listedFolder(t)
	cut := encode(t, "png", colourful(40, 40, 1))
	write(t, dir, "cut.png", cut[:len(cut)/2])
	write(t, dir, "text", []byte("no image"))
	gone := filepath.Join(t.TempDir(), "gone.png")
	list := write(t, dir, "list.txt", []byte("b/2.png\ncut.png\n"+gone+"\ntext\nb\na/z.png\n"))
	_, err := Open(list, Options{})
	wantError(t, err, dir, "3 of 6 image files cannot be read", "text (", "(line 4 of list.txt)",
		gone+" (no such file or directory (line 3 of list.txt))", "a folder: want a regular file (line 5 of list.txt)")
	set := mustOpen(t, list, Options{BadLater: true})
	if err := set.Check(t.Context(), 4, nil); err != nil {
		t.Fatal(err)
	}
	var bad []string
	for _, b := range set.Bad {
		bad = append(bad, b.File)
	}
	if want := []string{filepath.ToSlash(gone), "b", "cut.png", "text"}; !slices.Equal(bad, want) || set.Train.Len() != 2 {
		t.Errorf("bad are %q, and %d are not: want %q and 2", bad, set.Train.Len(), want)
	}
	_, err = Open(write(t, dir, "one.txt", []byte("b/2.png\n"+gone)), Options{})
	wantError(t, err, "dataset: "+gone+": no such file or directory (line 2 of one.txt)")
	if !strings.HasPrefix(err.Error(), "dataset: "+gone) {
		t.Errorf("%v does not begin with the file", err)
	}
	_, err = Open(write(t, dir, "none.txt", []byte("gone.png\ngone2.png")), Options{})
	wantError(t, err, "2 of 2 image files cannot be read")
}

// A text is no list, unless it is asked to be.
func TestListIsRecognised(t *testing.T) {
	dir := listedFolder(t)
	for text, want := range map[string]bool{
		"b/2.png": true, "\n\nb/2.PNG\tx": true, "gone.tiff": true, "": false, "In the beginning": false, "text\nb/2.png": false, "\x00.png": false,
	} {
		if got := IsList(write(t, dir, "list.txt", []byte(text))); got != want {
			t.Errorf("%q is a list: %v", text, got)
		}
	}
	if IsList(write(t, dir, "list", []byte("b/2.png"))) || IsList(filepath.Join(dir, "gone.txt")) {
		t.Error("a file without .txt, or none, is a list")
	}
	_, err := Open(filepath.Join(dir, "gone.txt"), Options{})
	if !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
}

// A file of pixels has the images of a list as it has those of a folder.
func TestListOfKeptPixels(t *testing.T) {
	dir := listedFolder(t)
	elsewhere := write(t, t.TempDir(), "x.png", encode(t, "png", colourful(6, 6, 77)))
	list := write(t, dir, "list.txt", []byte("b/2.png\na/z.png\n"+elsewhere))
	settle(t)
	kept := Pixels{File: filepath.Join(t.TempDir(), "kept")}
	first := mustOpen(t, list, Options{Pixels: kept, BadLater: true})
	keep(t, first.Train, 0)
	if err := first.Check(t.Context(), 0, nil); err != nil {
		t.Fatal(err)
	}
	second := mustOpen(t, list, Options{Pixels: kept})
	decoded := 0
	Watch(second.Train, func(string, *Picture) { decoded++ })
	wantSame(t, second.Train, first.Train)
	if decoded != 0 {
		t.Errorf("%d pictures are decoded again", decoded)
	}
}

// The slow reading of a list: all of it split at the ends of lines.
func FuzzList(f *testing.F) {
	for _, text := range []string{"a.png\tx\nb.png\ty", "\ufeffa\r\n\r\n\nb", "a\tb\tc", "\t", " ", "a\x00", strings.Repeat("x", longestLine), ""} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		got, err := readList(t.Context(), bytes.NewReader(data))
		var want []listed
		wrong := false
		for n, line := range strings.Split(string(bytes.TrimPrefix(data, []byte("\ufeff"))), "\n") {
			line = strings.TrimSuffix(line, "\r")
			if line == "" {
				continue
			}
			fields := strings.Split(line, "\t")
			wrong = wrong || len(fields) > 2 || strings.Contains(line, "\x00") || len(line) > longestLine-8
			for _, field := range fields {
				wrong = wrong || strings.TrimSpace(field) == ""
			}
			l := listed{path: filepath.Clean(fields[0]), line: n + 1}
			if len(fields) > 1 {
				l.label = fields[1]
			}
			want = append(want, l)
			wrong = wrong || (l.label == "") != (want[0].label == "")
		}
		if err == nil && !slices.Equal(got, want) || err != nil && !wrong && len(want) > 0 {
			t.Fatalf("%q: %v, %v: want %v", data, got, err, want)
		}
		if err == nil && len(want) == 0 {
			t.Fatalf("%q has no line and no error", data)
		}
		if err != nil {
			return
		}
		for _, root := range []string{".", "x", "/", "/x/y"} {
			ordered, err := inOrder(root, got)
			if err != nil {
				continue
			}
			for i, l := range ordered {
				id := pathWithin(root, l.path)
				if i > 0 && pathWithin(root, ordered[i-1].path) >= id {
					t.Fatalf("in %s: %q is after %q", root, id, ordered[i-1].path)
				}
			}
		}
	})
}
