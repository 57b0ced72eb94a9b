package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sparse-manifold/smt/dataset"
)

// spoil makes three files of a folder of pngData bad, each in another way, and returns their names and those of the others
// in the order of their paths.
func spoil(t testing.TB, data string, n int) (bad, good []string) {
	t.Helper()
	ways := map[string]func([]byte) []byte{
		"class1/0005.png": func(b []byte) []byte { return b[:len(b)/2] },
		"class2/0002.png": func([]byte) []byte { return nil },
		"class3/0007.png": func([]byte) []byte { return []byte("<html>") },
	}
	for i := range n {
		name := fmt.Sprintf("class%d/%04d.png", i%classed, i)
		path := filepath.Join(data, filepath.FromSlash(name))
		if way := ways[name]; way != nil {
			write(t, path, way(read(t, path)))
			bad = append(bad, name)
		} else {
			good = append(good, name)
		}
	}
	slices.Sort(bad)
	slices.Sort(good)
	return bad, good
}

func filesOf(list any) (names []string) {
	files, _ := list.([]any)
	for _, f := range files {
		names = append(names, f.(map[string]any)["file"].(string))
	}
	return names
}

// Every command that reads a folder finds all files that cannot be read, in one error, before it writes anything; or leaves
// them out and says which.
func TestBadFiles(t *testing.T) {
	whole, data := pngData(t, 60), pngData(t, 60)
	model := fitSmall(t, whole, "--holdout", "10")
	bad, good := spoil(t, data, 60)
	dir := t.TempDir()
	out := func(name string) string { return filepath.Join(dir, name) }
	for name, args := range map[string][]string{
		"fit":     append([]string{"fit", data, "-o", out("model.safetensors")}, small...),
		"embed":   {"embed", model, data, "-o", out("rows.npy"), "--ids", out("ids.json")},
		"index":   {"index", model, data, "-o", out("photos.index")},
		"eval":    {"eval", model, data, "--holdout", "10"},
		"explain": {"explain", model, data, "-o", out("report")},
		"info":    {"data", "info", data},
		"serve":   {"serve", model, data, "--addr", "127.0.0.1:0"},
	} {
		for _, few := range []string{"", "--skip-bad", "--skip-bad=2"} { // one in a hundred of 60 is one
			given := slices.Clone(args)
			if few != "" {
				given = append(given, few)
			}
			o := smtRun(t, append(given, "--json", "--quiet")...)
			lines := strings.Split(strings.TrimSpace(o.stderr), "\n")
			var f map[string]any
			if err := json.Unmarshal([]byte(lines[len(lines)-1]), &f); err != nil || o.code != exitFailure || !slices.Equal(filesOf(f["bad"]), bad) {
				t.Errorf("%v: exit code %d, %v; want all of %q in\n%s", given, o.code, err, bad, o.stderr)
			}
			o = smtRun(t, given...)
			o.wantFailure(t, exitFailure, append(slices.Clone(bad), "3 of 60", "--skip-bad=3")...)
			if left := names(t, dir); len(left) > 0 {
				t.Fatalf("%v leaves %q", given, left)
			}
		}
		if name == "serve" {
			continue // it does not end by itself
		}
		r := mustJSON(t, nil, append(slices.Clone(args), "--skip-bad=3")...)
		if !slices.Equal(filesOf(r["bad"]), bad) {
			t.Errorf("%v says %v are left out, want %q", args, r["bad"], bad)
		}
		if name == "embed" {
			wantIDs(t, out("ids.json"), good)
		}
		if name == "fit" || name == "embed" || name == "explain" || name == "index" {
			var list []dataset.BadFile
			path := map[string]string{"fit": "model.safetensors", "embed": "rows.npy", "explain": "report", "index": "photos.index"}[name] + badSuffix
			if err := json.Unmarshal(read(t, out(path)), &list); err != nil || len(list) != 3 || list[0].File != bad[0] || list[0].Cause == "" {
				t.Errorf("%s holds %v, %v", path, list, err)
			}
		}
		o := smtRun(t, append(slices.Clone(args), "--skip-bad=3", "--quiet")...)
		for _, b := range bad {
			if !strings.Contains(o.stderr, b+": ") {
				t.Errorf("%v does not say that %s is left out:\n%s", args, b, o.stderr)
			}
		}
		for _, n := range names(t, dir) {
			if err := os.RemoveAll(out(n)); err != nil {
				t.Fatal(err)
			}
		}
	}
	// A fit without the files is one of a folder without them.
	for _, b := range bad {
		if err := os.Remove(filepath.Join(whole, filepath.FromSlash(b))); err != nil {
			t.Fatal(err)
		}
	}
	skipped, without := fitSmall(t, data, "--skip-bad=3"), fitSmall(t, whole)
	if string(read(t, skipped)) != string(read(t, without)) {
		t.Error("a fit that leaves out bad files is another than one without them")
	}
}

// data info --check lists the files in place of an error.
func TestDataInfoCheck(t *testing.T) {
	data := pngData(t, 60)
	if r := mustJSON(t, []string{"checked"}, "data", "info", data, "--check"); r["checked"] != true || r["bad"] != nil {
		t.Errorf("of a folder that is whole: %v", r)
	}
	bad, _ := spoil(t, data, 60)
	r := mustJSON(t, []string{"bad"}, "data", "info", data, "--check")
	if !slices.Equal(filesOf(r["bad"]), bad) || r["train"] != 57.0 {
		t.Errorf("bad are %v, want %q, of %v", r["bad"], bad, r["train"])
	}
	text := must(t, "data", "info", data, "--check")
	for _, want := range append(bad, "60 images; 3 cannot be read") {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not said in\n%s", want, text)
		}
	}
}

// The list of files that are left out replaces no input, and is empty where there are none.
func TestBadListIsAnOutput(t *testing.T) {
	data := pngData(t, 60)
	out := filepath.Join(t.TempDir(), "model.safetensors")
	must(t, append([]string{"fit", data, "-o", out, "--skip-bad"}, small...)...)
	if list := string(read(t, out+badSuffix)); strings.TrimSpace(list) != "[]" {
		t.Errorf("the list is %q", list)
	}
	write(t, filepath.Join(data, "rows.npy"+badSuffix), []byte("of DATA"))
	mustFail(t, exitFailure, []string{badSuffix, "DATA"}, "embed", fitSmall(t, data), data, "-o", filepath.Join(data, "rows.npy"), "--skip-bad")
	for _, wrong := range []string{"-2", "-1", "few"} { // -1 is what it is within
		mustFail(t, exitUsage, []string{`--skip-bad is "` + wrong + `"`, "want a number of files"}, "data", "info", data, "--skip-bad="+wrong)
	}
}
