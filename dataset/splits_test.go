package dataset

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// Names that data sets have for their splits, each with classes x and y inside.
func TestSplitNamesOfDataSets(t *testing.T) {
	png := encode(t, "png", grayOf("ab"))
	for _, c := range []struct {
		folders     []string
		train, test string // "" for none
		left        int    // files
		says        string
	}{
		{[]string{"train", "holdout"}, "train", "holdout", 0, ""},
		{[]string{"train", "tests"}, "train", "tests", 0, ""},
		{[]string{"TRAIN", "Hold-Out"}, "TRAIN", "Hold-Out", 0, "TRAIN is taken as the training split, Hold-Out as the test split: rename them if they are classes"},
		{[]string{"train", "test1"}, "train", "test1", 0, "test1 as the test split"},
		{[]string{"train", "test "}, "train", "test ", 0, "as the test split"},
		{[]string{"training_set", "test_set"}, "training_set", "test_set", 0, "test_set as the test split"},
		{[]string{"seg_train", "seg_test", "seg_pred"}, "seg_train", "seg_test", 2, "seg_test as the test split"},
		{[]string{"train_set", "test_set"}, "train_set", "test_set", 0, "test_set as the test split"},
		{[]string{"images_train", "images_test"}, "images_train", "images_test", 0, "images_test as the test split"},
		{[]string{"trn", "tst"}, "trn", "tst", 0, ""},
		{[]string{"Training Set", "validation_set"}, "Training Set", "validation_set", 0, "validation_set as the test split"},
		{[]string{"train-images", "test_images", "eval_images"}, "train-images", "test_images", 2, "test_images as the test split"},
		{[]string{"Training", "PublicTest", "PrivateTest"}, "Training", "PrivateTest", 2, "PrivateTest as the test split"},
		{[]string{"train2017", "val2017"}, "train2017", "val2017", 0, "val2017 as the test split"},
		{[]string{"train_32x32", "test_32x32", "extra_32x32"}, "train_32x32", "test_32x32", 2, "test_32x32 as the test split"},
		{[]string{"trainset", "testset"}, "trainset", "testset", 0, "testset as the test split"},
		{[]string{"ImageNetTrain", "ImageNetTest"}, "ImageNetTrain", "ImageNetTest", 0, "ImageNetTest as the test split"},
		{[]string{"train_val", "test"}, "train_val", "test", 0, "train_val is taken as the training split"},
		{[]string{"train", "test", "unlabeled"}, "train", "test", 2, "2 without labels in unlabeled"},
		{[]string{"train", "unlabeled"}, "train", "", 2, "train is taken as the training split, without a test split"},
		{[]string{"train", "kaggle_test"}, "train", "kaggle_test", 0, "kaggle_test as the test split"},
		{[]string{"tr", "te"}, "tr", "te", 0, "tr is taken as the training split, te as the test split: rename them if they are classes"},
		{[]string{"X_tr", "X_ts"}, "X_tr", "X_ts", 0, "X_ts as the test split"},
		{[]string{"train", "cv"}, "train", "cv", 0, "cv as the test split"},
		{[]string{"train", "infer"}, "train", "infer", 0, "infer as the test split"},
		{[]string{"train", "cv", "test"}, "train", "test", 2, "2 held out in cv"},
		{[]string{"train", "test", "ood"}, "train", "test", 2, "2 held out in ood"},
		{[]string{"training", "ood", "val"}, "training", "val", 2, "2 held out in ood"},
		{[]string{"alphabet_train", "alphabet_test"}, "alphabet_train", "alphabet_test", 0, "alphabet_test as the test split"},
	} {
		dir := t.TempDir()
		if runtime.GOOS == "windows" && slices.Contains(c.folders, "test ") {
			continue // no such name there
		}
		for _, f := range c.folders {
			write(t, dir, f+"/x/1.png", png)
			write(t, dir, f+"/y/2.png", png)
		}
		set := mustOpen(t, dir, Options{})
		both := func(f string) []string { return []string{f + "/x/1.png x", f + "/y/2.png y"} }
		if got := names(t, dir, set.Train); !slices.Equal(got, both(c.train)) {
			t.Errorf("%q: training images %q", c.folders, got)
		}
		if c.test == "" {
			if set.Test != nil {
				t.Errorf("%q: a test split %q", c.folders, names(t, dir, set.Test))
			}
		} else if set.Test == nil || !slices.Equal(names(t, dir, set.Test), both(c.test)) {
			t.Errorf("%q: test images are not those of %q", c.folders, c.test)
		}
		n := 0
		for _, l := range set.Left {
			n += len(l.Files)
		}
		line := set.LeftOut()
		if n != c.left || !strings.Contains(line, c.says) || (c.says == "" && line != "") {
			t.Errorf("%q: %d files left out, want %d; said is %q, want %q", c.folders, n, c.left, line, c.says)
		}
	}
}

// Names of classes may have words of splits in them. What is in doubt is said, or an error
// where images held out would go into a fit.
func TestSplitNamesInDoubt(t *testing.T) {
	png := encode(t, "png", grayOf("ab"))
	for _, c := range []struct {
		files   string // each an image
		classes string // of what is opened
		says    string // all that is said, or part of an error
	}{
		{"bus/1 car/1 train/1", "bus car train", "taken as a class: train: want splits named train and test"},
		{"bus/1 test_tube/1 trainer/1", "bus test_tube trainer", ""},
		{"de/1 te/1 hi/1", "de hi te", ""}, // languages
		{"de/1 te/1 tr/1", "de te tr", "taken as classes: te, tr: want splits named train and test"},
		{"cv/1 letter/1", "cv letter", ""},
		{"cv/1 letter/1 train/1", "cv letter train", "taken as classes: cv, train: want splits named train and test"},
		{"te/1 ts/1", "te ts", ""},
		{"de/x/1 de/y/1 te/x/1 te/y/1 tr/x/1 tr/y/1", "de te tr", "taken as classes: te, tr: want splits named train and test; taken as classes: de, te, tr, which hold folders of the same names (x, y): want splits named train and test"},
		{"bus/1 test_tube/1 train/1", "bus test_tube train", "taken as classes: test_tube, train: want splits named train and test"},
		{"developer/1 testament/1 tstorm/1 valley/1", "developer testament tstorm valley", ""},
		{"a/1 b/1 train_station/1", "a b train_station", ""},
		{"cat/1 dog/1 test1/1", "cat dog", "taken as held out: test1: rename what is a class; 1 file left out: 1 held out in test1 (test1/1.png)"},
		{"cat/1 dog/1 unlabeled/1", "cat dog", "taken as without labels: unlabeled: rename what is a class; 1 file left out: 1 without labels in unlabeled (unlabeled/1.png)"},
		{"unlabeled/x/1 unlabeled/y/1", "x y", ""},
		{"bus/1 test/1 train/1", "", "not used beside train, test: bus: give the path of one to use it alone, move it into a split, " +
			"or rename the splits if they are classes; 1 file left out: 1 beside the splits (bus/1.png)"},
		{"all/bus/1 all/car/1 all/notes/readme.txt all/test/1 all/train/1", "", "not used beside all/train, all/test: all/bus, all/car: give the path of one to use it alone, " +
			"move it into a split, or rename the splits if they are classes; 3 files left out: 3 beside the splits (all/bus/1.png, all/car/1.png, all/notes/readme.txt)"},

		// Folders of the same names are in folders that are no classes.
		{"photo/x/1 photo/y/1 sketch/x/1 sketch/y/1", "photo sketch", "taken as classes: photo, sketch, which hold folders of the same names (x, y): want splits named train and test"},
		{"photo/x/1 photo/y/1 sketch/y/1 sketch/z/1", "photo sketch", ""}, // one name is no sign
		{"prueba/x/1 prueba/y/1 train/x/1 train/y/1", "", "!prueba, train hold folders of the same names (x, y), as splits do"},
		{"prueba/x/1 prueba/y/1 my_test/x/1 my_test/y/1", "", "!my_test, prueba hold folders of the same names (x, y), as splits do"},
		{"bus/x/1 bus/y/1 my_test/x/1 my_test/y/1 train/x/1 train/y/1", "", "!bus, my_test, train hold folders of the same names (x, y), as splits do"},
		{"bus/x/1 bus/y/1 car/x/1 car/y/1 train/x/1 train/y/1", "bus car train",
			"taken as a class: train: want splits named train and test; " +
				"taken as classes: bus, car, train, which hold folders of the same names (x, y): want splits named train and test"},

		{"private_test/1 public_test/1", "", "!holds images held out alone (private_test, public_test)"},
		{"test1/1 test2/1", "", "!holds images held out alone (test1, test2)"},
		{"train1/1 train2/1", "", "!folders train1 and train2 are both of training images: want one, or other names if they are classes"},
		{"train2014/1 train2017/1 val2017/1", "", "!folders train2014 and train2017 are both of training images"},
		{"a_train/1 b_train/1 c_train/1 c_test/1", "", "!folders a_train and b_train and c_train are all of training images"},
		{"cat_test/1 cat_train/1 dog_test/1 dog_train/1", "", "!folders cat_train and dog_train are both of training images"},

		// Around the classes, and beside them.
		{"seg_test/seg_test/x/1 seg_test/seg_test/y/1 seg_train/seg_train/x/1 seg_train/seg_train/y/1", "x y",
			"seg_train is taken as the training split, seg_test as the test split: rename them if they are classes"},
		{"test/x/1 train/train/x/1 train/train/y/1 train/val/x/1", "x y", "1 file left out: 1 held out in val (train/val/x/1.png)"},
		{"test/valid/1 train/invalid/1 train/valid/1", "invalid valid", ""},
		{"notes/readme.txt train/x/1 train/y/1", "x y", "train is taken as the training split, without a test split; 1 file left out: 1 beside the splits (notes/readme.txt)"},
		{"x/test_set/1 x/train_set/1 y/test_set/1 y/train_set/1", "x y", "2 files left out: 2 held out (x/test_set/1.png, y/test_set/1.png)"},
	} {
		dir := t.TempDir()
		for f := range strings.FieldsSeq(c.files) {
			if filepath.Ext(f) == "" {
				write(t, dir, f+".png", png)
			} else {
				write(t, dir, f, nil)
			}
		}
		set, err := Open(dir, Options{})
		if says, isError := strings.CutPrefix(c.says, "!"); isError {
			if err == nil || !strings.Contains(err.Error(), says) || !strings.HasPrefix(err.Error(), "dataset: "+dir) {
				t.Errorf("%s: %v, want an error that says %q", c.files, err, says)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", c.files, err)
			continue
		}
		if got := set.Train.Classes(); c.classes != "" && strings.Join(got, " ") != c.classes {
			t.Errorf("%s: classes %q, want %s", c.files, got, c.classes)
		}
		if got := set.LeftOut(); got != c.says {
			t.Errorf("%s: said is %q\nwant %q", c.files, got, c.says)
		}
	}
}

// A word of a training split and one of another, among words and digits that say nothing,
// written in whatever way, are splits; and ordinary names are classes, beside train too.
func TestSplitNamesDrawn(t *testing.T) {
	png := encode(t, "png", grayOf("ab"))
	style := rapid.SampledFrom([]func(string) string{
		func(s string) string { return s },
		strings.ToUpper,
		func(s string) string { return strings.ToUpper(s[:1]) + s[1:] },
	})
	around := rapid.SampledFrom([]string{"%s", "%s_set", "%s-images", "images.%s", "data %s", "%s2017", "2017_%s", "%s (1)", "%s_32x32", "%s_a", "photos_%s_jpg", "%sset"})
	rest := rapid.SampledFrom([]string{"", "seg_", "bounding box ", "2-mnist-"})
	classes := []string{"bus", "car", "trainer", "trains", "testament", "test tube", "valley", "developer", "tstorm", "device", "contest", "interval", "attest", "evaluator", "setter"}
	rapid.Check(t, func(r *rapid.T) {
		dir, err := os.MkdirTemp(t.TempDir(), "")
		if err != nil {
			r.Fatal(err)
		}
		both := rest.Draw(r, "rest")
		name := func(label string, words ...string) string {
			word := style.Draw(r, label+" style")(rapid.SampledFrom(words).Draw(r, label))
			return both + fmt.Sprintf(around.Draw(r, label+" in"), word)
		}
		train := name("train", "train", "training", "trn", "trainval")
		test := name("test", "test", "tests", "testing", "tst", "eval", "evaluation", "val", "valid", "validation", "dev", "holdout", "hold-out", "held_out")
		flat := rapid.Bool().Draw(r, "flat")
		for _, f := range []string{train, test} {
			for i, class := range []string{"x/", "y/"} {
				if flat {
					class = ""
				}
				write(t, dir, fmt.Sprintf("%s/%s%d.png", f, class, i), png)
			}
		}
		set, err := Open(dir, Options{})
		if err != nil {
			r.Fatalf("%q beside %q: %v", train, test, err)
		}
		for _, c := range []struct {
			folder string
			src    Source
		}{{train, set.Train}, {test, set.Test}} {
			if c.src == nil || c.src.Len() != 2 || flat == (c.src.Classes() != nil) {
				r.Fatalf("%q beside %q: train %v, test %v", train, test, names(t, dir, set.Train), set.Test)
			}
			for _, n := range names(t, dir, c.src) {
				if !strings.HasPrefix(n, c.folder+"/") {
					r.Fatalf("%q beside %q: %s is in the wrong split", train, test, n)
				}
			}
		}

		dir, err = os.MkdirTemp(t.TempDir(), "")
		if err != nil {
			r.Fatal(err)
		}
		want := rapid.SliceOfNDistinct(rapid.SampledFrom(classes), 2, -1, rapid.ID[string]).Draw(r, "classes")
		lone := rapid.Bool().Draw(r, "train beside")
		if lone {
			want = append(want, "train")
		}
		slices.Sort(want)
		for _, c := range want {
			write(t, dir, c+"/1.png", png)
		}
		set, err = Open(dir, Options{})
		if err != nil {
			r.Fatal(err)
		}
		if !slices.Equal(set.Train.Classes(), want) || set.Train.Len() != len(want) || len(set.Left) != 0 {
			r.Fatalf("classes %q of %q, %s", set.Train.Classes(), want, set.LeftOut())
		}
		if lone != strings.HasPrefix(set.LeftOut(), "taken as ") || !lone && set.LeftOut() != "" {
			r.Fatalf("of classes %q is said %q", want, set.LeftOut())
		}
	})
}
