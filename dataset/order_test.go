package dataset

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// oddNames are names of files and folders that orders disagree on: of case, of a hyphen or a dot beside a slash, of
// numbers, of other alphabets, and with a line break.
var oddNames = []string{"a", "A", "b", "B", "a-b", "a.b", "a b", "a/b", "a/B", "a0/b", "a-/c", "10", "9", "é", "e\u0301", "日本", "~", "!", "a\nb", "_", "Ä/ö", "#1", "-x"}

// Images of a folder are in the order of their paths, byte by byte, whether its folders are classes or not; classes in that
// of their names.
func TestImagesAreInOrderOfTheirPaths(t *testing.T) {
	picture := encode(t, "png", grayOf("ab", "cd"))
	rapid.Check(t, func(rt *rapid.T) {
		dir := t.TempDir()
		for i := range rapid.IntRange(1, 12).Draw(rt, "files") {
			name := rapid.SampledFrom(oddNames).Draw(rt, fmt.Sprintf("name %d", i)) + ".png"
			if folder := rapid.SampledFrom([]string{"", "u", "v", "v-w", "v.w", "V", "v w", "v/x", "ü"}).Draw(rt, fmt.Sprintf("folder of %d", i)); folder != "" {
				name = folder + "/" + name
			}
			path := filepath.Join(dir, filepath.FromSlash(name))
			if os.MkdirAll(filepath.Dir(path), 0o755) != nil || os.WriteFile(path, picture, 0o644) != nil {
				continue // this system has no such names
			}
		}
		files := 0 // that there are: a system may take two names for one
		err := filepath.WalkDir(dir, func(_ string, e os.DirEntry, err error) error {
			if err == nil && !e.IsDir() {
				files++
			}
			return err
		})
		if err != nil {
			rt.Fatal(err)
		}
		set, err := Open(dir, Options{})
		if err != nil {
			rt.Skip(err)
		}
		got := ids(set.Train)
		if !slices.IsSorted(got) {
			rt.Fatalf("order %q", got)
		}
		for i, id := range got {
			if FileOf(set.Train, i) != filepath.Join(dir, filepath.FromSlash(id)) {
				rt.Fatalf("image %q is of the file %q", id, FileOf(set.Train, i))
			}
		}
		if !slices.IsSorted(set.Train.Classes()) {
			rt.Fatalf("classes %q", set.Train.Classes())
		}
		if len(set.Left) > 0 {
			return // those beside folders of classes are no images
		}
		if len(got) != files {
			rt.Fatalf("%d images of %d files", len(got), files)
		}
	})
}

// The order is that of find | LC_ALL=C sort, with names apart by a NUL where they have line breaks.
func TestOrderIsThatOfFindAndSort(t *testing.T) {
	dir := t.TempDir()
	for _, name := range oddNames {
		path := filepath.Join(dir, "some folder", filepath.FromSlash(name)+".png")
		if os.MkdirAll(filepath.Dir(path), 0o755) != nil || os.WriteFile(path, encode(t, "png", grayOf("ab", "cd")), 0o644) != nil {
			t.Skip("such names cannot be given here")
		}
	}
	sorted := exec.Command("sh", "-c", "find . -name '*.png' -print0 | LC_ALL=C sort -z")
	sorted.Dir = dir
	out, err := sorted.Output()
	if err != nil {
		t.Skip("there is no find or no sort -z:", err)
	}
	want := strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00")
	for i := range want {
		want[i] = strings.TrimPrefix(want[i], "./")
	}
	// Two folders are classes, with all else beside them left out: images without classes are the whole.
	got := ids(mustOpen(t, dir, Options{}).Train)
	if !slices.Equal(got, want) {
		t.Errorf("order\n%q, want\n%q", got, want)
	}
}

// A view has the files of the images that it shows; images in a file of many have none of their own.
func TestFileOf(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"1.png", "2.png", "3.png"} {
		write(t, dir, name, encode(t, "png", colourful(3, 3, 1)))
	}
	src := mustOpen(t, dir, Options{}).Train
	if got := FileOf(Gray(Pick(src, []int{2, 0})), 0); got != filepath.Join(dir, "3.png") {
		t.Errorf("of a view: %q", got)
	}
	if got := FileOf(Single(Shape{1, 1, 1}, []uint8{1}), 0); got != "" {
		t.Errorf("of an image in memory: %q", got)
	}
}
