package main

import (
	"bytes"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// listOf makes a list of all images of a folder, the last first, with their folders as labels.
func listOf(t testing.TB, folder, list string) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*", "*.png"))
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	slices.Reverse(files)
	var text strings.Builder
	for _, f := range files {
		name, err := filepath.Rel(folder, f)
		if err != nil {
			t.Fatal(err)
		}
		text.WriteString(name + "\t" + filepath.Dir(name) + "\n")
	}
	write(t, filepath.Join(folder, list), []byte(text.String()))
	return filepath.Join(folder, list)
}

// Every command makes of a list what it makes of the folder whose images it lists.
func TestListIsItsFolder(t *testing.T) {
	folder := pngData(t, 12)
	list := listOf(t, folder, "list.txt")
	model := fitSmall(t, folder)
	made := map[string][]byte{}
	for _, data := range []string{folder, list} {
		dir := t.TempDir()
		at := func(name string) string { return filepath.Join(dir, name) }
		must(t, slices.Concat([]string{"fit", data, "-o", at("model")}, fitSettings)...)
		parts, encoder := inParts(t, data, 3, fitSettings...)
		must(t, "embed", model, data, "-o", at("rows.npy"), "--ids", at("ids.txt"), "--labels", at("labels.npy"), "-q")
		must(t, "embed", model, data, "--part", "2/3", "-o", at("rows"), "-q")
		must(t, "index", model, data, "-o", at("index"), "-q")
		info := mustJSON(t, []string{"classes", "train_per_class", "mean", "std"}, "data", "info", data, "-q", "--json")
		eval := mustJSON(t, []string{"top1"}, "eval", model, data, "--holdout", "5", "-q", "--json")
		outputs := map[string][]byte{"encoder": read(t, encoder), "parts": read(t, parts)}
		for _, field := range []string{"classes", "train_per_class", "mean", "std"} {
			outputs[field] = fmt.Append(nil, info[field])
		}
		rows, err := filepath.Glob(at("rows/*"))
		if err != nil || len(rows) == 0 {
			t.Fatal(rows, err)
		}
		for _, path := range append(rows, at("model"), at("rows.npy"), at("ids.txt"), at("labels.npy"), at("index")) {
			outputs[filepath.Base(path)] = read(t, path)
		}
		outputs["accuracy"] = fmt.Append(nil, eval["top1"])
		for name, b := range outputs {
			if data == folder {
				made[name] = b
			} else if !bytes.Equal(made[name], b) {
				t.Errorf("%s differs", name)
			}
		}
		if len(outputs) != len(made) {
			t.Errorf("%d outputs of %s: want %d", len(outputs), data, len(made))
		}
	}
}

// A list is no text, though both end in .txt, and its files are inputs.
func TestListIsTaken(t *testing.T) {
	folder := pngData(t, 3)
	list := listOf(t, folder, "list.txt")
	model := filepath.Join(t.TempDir(), "model")
	mustFail(t, exitUsage, []string{"--min-count is for words", "taken for images"}, "fit", list, "-o", model, "--min-count", "2")
	write(t, filepath.Join(folder, "other"), read(t, list))
	must(t, slices.Concat([]string{"fit", filepath.Join(folder, "other"), "--format", "list", "-o", model}, fitSettings)...)
	files, err := filepath.Glob(filepath.Join(folder, "*", "*.png"))
	if err != nil {
		t.Fatal(err)
	}
	before := read(t, files[1])
	for _, out := range []string{list, files[1]} {
		mustFail(t, exitFailure, []string{out, "DATA"}, "embed", model, list, "-o", out)
	}
	if !bytes.Equal(read(t, files[1]), before) {
		t.Error("an image was written over")
	}
	write(t, list, append(read(t, list), "gone.png\tclass\n"...))
	mustFail(t, exitFailure, []string{filepath.Join(folder, "gone.png"), "no such file", "line"}, "fit", list, "-o", model)
	write(t, list, append(read(t, list), "gone.png\n"...))
	mustFail(t, exitFailure, []string{list + ": line ", "has none"}, "fit", list, "-o", model)
}
