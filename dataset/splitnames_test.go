package dataset

import (
	"path/filepath"
	"slices"
	"testing"
)

func TestSplitNames(t *testing.T) {
	png := encode(t, "png", grayOf("ab"))
	for _, c := range []struct {
		folders     []string // each with an image of class a
		train, test string
		left        string
	}{
		{[]string{"train", "dev"}, "train", "dev", ""},
		{[]string{"training", "testing"}, "training", "testing", ""},
		{[]string{"Train", "EVAL"}, "Train", "EVAL", ""},
		{[]string{"train", "evaluation"}, "train", "evaluation", ""},
		{[]string{"train", "valid"}, "train", "valid", ""},
		{[]string{"train", "validation", "val"}, "train", "val", "1 file left out: 1 held out in validation (validation/a/1.png)"},
		{[]string{"train", "val", "test"}, "train", "test", "1 file left out: 1 held out in val (val/a/1.png)"},
		{[]string{"train", "test", "extra"}, "train", "test", "not used beside train, test: extra: give the path of one to use it alone, move it into a split, " +
			"or rename the splits if they are classes; 1 file left out: 1 beside the splits (extra/a/1.png)"},
	} {
		dir := t.TempDir()
		for _, f := range c.folders {
			write(t, dir, f+"/a/1.png", png)
		}
		set := mustOpen(t, dir, Options{})
		if set.Test == nil {
			t.Errorf("%q: no test split, classes %q", c.folders, set.Train.Classes())
			continue
		}
		if got, want := names(t, dir, set.Train), []string{c.train + "/a/1.png a"}; !slices.Equal(got, want) {
			t.Errorf("%q: training images %q, want %q", c.folders, got, want)
		}
		if got, want := names(t, dir, set.Test), []string{c.test + "/a/1.png a"}; !slices.Equal(got, want) {
			t.Errorf("%q: test images %q, want %q", c.folders, got, want)
		}
		wantLeft(t, set, c.left)
	}

	// Images held out never come to learn from, whatever is beside them.
	dir := t.TempDir()
	write(t, dir, "cat/1.png", png)
	write(t, dir, "dog/1.png", png)
	write(t, dir, "test/1.png", png)
	set := mustOpen(t, dir, Options{})
	if !slices.Equal(set.Train.Classes(), []string{"cat", "dog"}) {
		t.Errorf("classes %q", set.Train.Classes())
	}
	wantLeft(t, set, "taken as held out: test: rename what is a class; 1 file left out: 1 held out in test (test/1.png)")

	dir = t.TempDir()
	write(t, dir, "test/1.png", png)
	write(t, dir, "val/1.png", png)
	_, err := Open(dir, Options{})
	wantError(t, err, dir, "images held out alone (test, val)", "want a folder train")
	if set := mustOpen(t, filepath.Join(dir, "test"), Options{}); set.Train.Len() != 1 {
		t.Errorf("the folder of the split itself: %d images", set.Train.Len())
	}

	dir = t.TempDir()
	for _, name := range []string{"a/train/1.png", "a/test/2.png", "b/train/3.png", "b/test/4.png"} {
		write(t, dir, name, png)
	}
	set = mustOpen(t, dir, Options{})
	if got := names(t, dir, set.Train); !slices.Equal(got, []string{"a/train/1.png a", "b/train/3.png b"}) {
		t.Errorf("splits below classes: images %q", got)
	}
	wantLeft(t, set, "2 files left out: 2 held out (a/test/2.png, b/test/4.png)")

	dir = t.TempDir()
	write(t, dir, "train/1.png", png)
	write(t, dir, "training/1.png", png)
	_, err = Open(dir, Options{})
	wantError(t, err, dir, "train and training are both of training images")
}
