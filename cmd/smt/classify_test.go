package main

import (
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// someLabels writes the labels of every n-th image of a folder of classes.
func someLabels(t testing.TB, data string, n int) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(data, "*", "*.png"))
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	b.WriteString("id,label\n")
	for _, f := range files {
		class := filepath.Base(filepath.Dir(f))
		var number int
		if _, err := fmt.Sscanf(filepath.Base(f), "%d", &number); err != nil {
			t.Fatal(err)
		}
		if number/classed%n == 0 {
			fmt.Fprintf(&b, "%s/%s,%s\n", class, filepath.Base(f), class)
		}
	}
	path := filepath.Join(t.TempDir(), "labels.csv")
	write(t, path, []byte(b.String()))
	return path
}

// From two labels a class all other images of an index are named, and images that are not in it.
func TestClassify(t *testing.T) {
	data := pngData(t, 120)
	path, labels := indexOf(t, data), someLabels(t, data, 15)
	keys := []string{"index", "items", "method", "labels", "classes", "images", "classify_seconds"}
	r := mustJSON(t, keys, "classify", path, "--labels", labels)
	wantJSON(t, "classify", r, map[string]any{"items": 120.0, "method": "spreading", "labels": 8.0})
	images := r["images"].([]any)
	if len(images) != 112 {
		t.Errorf("%d images, want the 112 without labels", len(images))
	}
	right := 0
	for _, i := range images {
		image := i.(map[string]any)
		name, label := image["image"].(string), image["label"].(string)
		if filepath.ToSlash(filepath.Dir(name)) == label {
			right++
		}
		why := image["why"].([]any)
		if len(why) == 0 || len(why) > 3 {
			t.Fatalf("%s: %d images speak for it, want up to 3", name, len(why))
		}
		for _, w := range why {
			if w.(map[string]any)["id"] == name {
				t.Errorf("%s speaks for itself", name)
			}
		}
		first := why[0].(map[string]any)
		if share := first["share"].(float64); !(share > 0 && share <= 1) || first["id"] == "" {
			t.Errorf("%s: %v speaks for it", name, first)
		}
	}
	if right < 100 {
		t.Errorf("%d of 112 are right, want 100", right)
	}
	other := filepath.Join(pngData(t, 8), "class2", "0002.png")
	wantText(t, "classify", must(t, "classify", path, other, "--labels", labels), other, "class2", "by ", "spreading, of 8 labels and 4 classes of 120 images")
}

// What was learned is kept, and answers as it did; without labels the index's own are taken.
func TestClassifyKeeps(t *testing.T) {
	data := pngData(t, 100)
	path := indexOf(t, data)
	learned, table := filepath.Join(t.TempDir(), "labels.readout"), filepath.Join(t.TempDir(), "answers.csv")
	image := filepath.Join(pngData(t, 8), "class1", "0001.png")
	must(t, "classify", path, image, "class3/0003.png", "-o", learned, "--csv", table)
	again := must(t, "classify", path, image, "class3/0003.png", "--learned", learned, "--csv", "-", "--quiet")
	if want := string(read(t, table)); again != want {
		t.Errorf("what was learned answers\n%s, and before\n%s", again, want)
	}
	rows, err := csv.NewReader(strings.NewReader(again)).ReadAll()
	if err != nil || len(rows) != 3 || strings.Join(rows[0], ",") != "id,label,probability,p(class0),p(class1),p(class2),p(class3),why" || rows[1][1] != "class1" || rows[2][1] != "class3" {
		t.Errorf("the table is %v: %v", rows, err)
	}
	mustFail(t, exitFailure, []string{"learned of another bank: identity is"}, "classify", indexOf(t, pngData(t, 40)), image, "--learned", learned)
	mustFail(t, exitUsage, []string{"have labels", "want an IMAGE"}, "classify", path)
	mustFail(t, exitUsage, []string{"--labels and --learned"}, "classify", path, image, "--labels", table, "--learned", learned)
	mustFail(t, exitUsage, []string{"--why is -1"}, "classify", path, image, "--why", "-1")
	mustFail(t, exitUsage, []string{"-o is -"}, "classify", path, image, "-o", "-")
	mustFail(t, exitFailure, []string{"no such file, and no image of that name"}, "classify", path, "nothing.png")
}

func TestLabelsOf(t *testing.T) {
	ids := []string{"a", "b", `"c", d`, "id"}
	for text, want := range map[string]string{
		"a,x\nb,y\n":                      "[0 1 -1 -1] [x y]",
		"id,label\na,x\nb,y":              "[1 2 -1 0] [label x y]", // an item has the name id
		"a,y\n\"\"\"c\"\", d\", x \nb,\n": "[1 -1 0 -1] [x y]",
		"a,x\na,x\nb,y\n":                 "[0 1 -1 -1] [x y]",
		"a,x\na,y\n":                      `line 2: "a" has the label "y", and before "x"`,
		"e,x\n":                           `line 1: no item has the id "e"`,
		"a,x\nb\n":                        "want an id and a label in each line",
		"a,x\n":                           "the labels have 1 class: want two at least",
		"":                                "the labels have 0 classes",
	} {
		labels, names, err := parseLabels(strings.NewReader(text), ids)
		got := fmt.Sprint(labels, names)
		if err != nil {
			got = err.Error()
		}
		if !strings.Contains(got, want) {
			t.Errorf("%q gives %s, want %s", text, got, want)
		}
	}
	for _, heading := range []string{"ID,Label\n", "path,class\r\n", "\ufeffpath,class\n", "\ufeff"} {
		labels, names, err := parseLabels(strings.NewReader(heading+"a,x\nb,y\n"), ids)
		if got := fmt.Sprint(labels, names, err); got != "[0 1 -1 -1] [x y] <nil>" {
			t.Errorf("after %q: %s", heading, got)
		}
	}
	if _, _, err := labelsOf(filepath.Join(t.TempDir(), "none.csv"), ids); !os.IsNotExist(err) {
		t.Errorf("no file: %v", err)
	}
}

// Labels that were written are read.
func TestLabelsRoundTrip(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		ids := rapid.SliceOfNDistinct(rapid.StringMatching(`[a-z",\n ]{1,6}`), 2, 12, rapid.ID).Draw(rt, "ids")
		classes := rapid.SliceOfN(rapid.SampledFrom([]string{"", "x", "y,", `"z"`}), len(ids), len(ids)).Draw(rt, "classes")
		var b strings.Builder
		w := csv.NewWriter(&b)
		kinds := map[string]bool{}
		for i, id := range ids {
			if err := w.Write([]string{id, classes[i]}); err != nil {
				rt.Fatal(err)
			}
			if kinds[classes[i]] = true; classes[i] == "" {
				delete(kinds, "")
			}
		}
		w.Flush()
		labels, names, err := parseLabels(strings.NewReader(b.String()), ids)
		if (err != nil) != (len(kinds) < 2) {
			rt.Fatalf("%d classes: error %v", len(kinds), err)
		}
		if err != nil {
			return
		}
		for i, l := range labels {
			got := ""
			if l >= 0 {
				got = names[l]
			}
			if got != classes[i] {
				rt.Fatalf("%q has the label %q, want %q", ids[i], got, classes[i])
			}
		}
	})
}

// Whatever the bytes, labels are refused or one for each item.
func FuzzLabels(f *testing.F) {
	f.Add("id,label\na,x\nb,y\n")
	f.Add("a,\"x\n")
	f.Fuzz(func(t *testing.T, text string) {
		labels, names, err := parseLabels(strings.NewReader(text), []string{"a", "b", "c"})
		if err == nil && (len(labels) != 3 || len(names) < 2) {
			t.Errorf("%q gives %v of %q", text, labels, names)
		}
	})
}
