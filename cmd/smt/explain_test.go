package main

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// few keeps a report small.
var few = []string{"--bank", "40", "--test", "12", "--sample", "10", "--quiet"}

func TestExplain(t *testing.T) {
	data := idxData(t, 80, 20)
	model := fitSmall(t, data)
	dir := filepath.Join(t.TempDir(), "report")
	e := mustJSON(t, []string{"page", "bytes", "pictures", "atoms", "dims", "skip", "dropped", "objective", "overlap", "agreement", "codes", "knn", "pairs",
		"explain_seconds", "peak_rss_bytes"}, append([]string{"explain", model, data, "-o", dir}, few...)...)
	if e["page"] != filepath.Join(dir, "index.html") || e["atoms"] != 64.0 || e["dims"] != 8.0 {
		t.Errorf("explain reports %v", e)
	}
	var size int64
	err := filepath.Walk(dir, func(_ string, info os.FileInfo, err error) error {
		if err == nil && !info.IsDir() {
			size += info.Size()
		}
		return err
	})
	if err != nil || e["bytes"] != float64(size) {
		t.Errorf("%d bytes in the folder, explain reports %v, %v", size, e["bytes"], err)
	}
	knn := e["knn"].(map[string]any)
	if knn["bank"] != 40.0 || knn["test"] != 12.0 || knn["top1"].(float64) < 0.7 {
		t.Errorf("neighbours %v", knn)
	}
	a := e["agreement"].(map[string]any)
	if a["images"] != 12.0 || a["k"] != 12.0 || a["class"].(map[string]any)["gain"].(map[string]any)["error"].(float64) <= 0 {
		t.Errorf("neighbours have in common %v", a)
	}
	for _, p := range e["pairs"].([]any) {
		p := p.(map[string]any)
		for key, file := range map[string]string{"test_id": "t10k-images-idx3-ubyte#", "bank_id": "train-images-idx3-ubyte#"} {
			if id, _ := p[key].(string); !strings.HasPrefix(id, file) {
				t.Errorf("%s is %q, want an image of %s", key, id, file)
			}
		}
		for _, split := range []string{"cells", "patches_a", "patches_b", "atoms_a", "atoms_b"} {
			if got, want := p[split].(float64), p["cosine"].(float64); math.Abs(got-want) > 1e-5 {
				t.Errorf("%s add up to %g, the cosine is %g", split, got, want)
			}
		}
	}
	out := must(t, append([]string{"explain", model, data, "-o", dir}, few...)...)
	for _, says := range []string{filepath.Join(dir, "index.html"), "pictures", "from signal to code", "of a patch's class", "of a patch's image", "active atoms", "top-1", "bank of 40", "12 test images"} {
		if !strings.Contains(out, says) {
			t.Errorf("explain does not say %q:\n%s", says, out)
		}
	}
}

// Without data, with data that has neither labels nor a test split, and with the
// colour of photographs.
func TestExplainWithLess(t *testing.T) {
	colour := pngData(t, 60)
	model := fitSmall(t, colour)
	e := mustJSON(t, []string{"page", "overlap"}, "explain", model, "-o", filepath.Join(t.TempDir(), "r"), "--quiet")
	if e["knn"] != nil || e["codes"] != nil || e["agreement"] != nil {
		t.Errorf("without data, explain reports %v", e)
	}
	e = mustJSON(t, nil, append([]string{"explain", model, filepath.Join(colour, "class0"), "-o", filepath.Join(t.TempDir(), "r")}, few...)...)
	if a := e["agreement"].(map[string]any); a["class"] != nil || a["image"] == nil {
		t.Errorf("without labels, neighbours have in common %v", a)
	}
	knn := e["knn"].(map[string]any)
	if knn["top1"] != nil || knn["test"] != 3.0 || knn["bank"] != 24.0 { // a fifth of 15 images, and 12 with flips
		t.Errorf("without labels, neighbours are %v", knn)
	}
}

func TestExplainSeed(t *testing.T) {
	data := idxData(t, 80, 20)
	model := fitSmall(t, data)
	page := func(flags ...string) string {
		dir := filepath.Join(t.TempDir(), "r")
		must(t, append(append([]string{"explain", model, data, "-o", dir}, few...), flags...)...)
		return string(read(t, filepath.Join(dir, "index.html")))
	}
	if page("--workers", "1") != page() {
		t.Error("one worker wrote another page")
	}
	if page("--seed", "9") == page() {
		t.Error("another seed chose the same images")
	}
}

func TestExplainFailures(t *testing.T) {
	data := idxData(t, 40, 8)
	model := fitSmall(t, data)
	out := filepath.Join(t.TempDir(), "out")
	mine := t.TempDir()
	write(t, filepath.Join(mine, "thesis.txt"), []byte("mine"))
	for _, c := range []struct {
		code int
		says []string
		args []string
	}{
		{exitUsage, []string{"MODEL is missing"}, []string{"explain", "-o", out}},
		{exitUsage, []string{"unexpected"}, []string{"explain", model, data, "more", "-o", out}},
		{exitUsage, []string{"out"}, []string{"explain", model, data}},
		{exitUsage, []string{"--bank is 0"}, []string{"explain", model, data, "-o", out, "--bank", "0"}},
		{exitUsage, []string{"--sample is -1"}, []string{"explain", model, data, "-o", out, "--sample", "-1"}},
		{exitUsage, []string{"out"}, []string{"explain", "toy"}},
		{exitUsage, []string{"unexpected"}, []string{"explain", "sources", "data", "more", "-o", out}},
		{exitFailure, []string{"nosuch"}, []string{"explain", "sources", "nosuch", "-o", out}},
		{exitFailure, []string{"nosuch.txt"}, []string{"explain", "sources", "--text", "nosuch.txt", "-o", out}},
		{exitFailure, []string{mine, "thesis.txt"}, []string{"explain", "sources", "-o", mine}},
		{exitUsage, []string{"unexpected"}, []string{"explain", "toy", "more", "-o", out}},
		{exitFailure, []string{"missing"}, []string{"explain", filepath.Join(mine, "missing"), "-o", out}},
		{exitFailure, []string{mine, "thesis.txt"}, []string{"explain", model, "-o", mine}},
		{exitFailure, []string{mine, "thesis.txt"}, []string{"explain", "toy", "-o", mine}},
		{exitFailure, []string{"nowhere"}, []string{"explain", model, "-o", filepath.Join(out, "nowhere", "else")}},
	} {
		mustFail(t, c.code, c.says, c.args...)
	}
	if exists(out) {
		t.Error("a command that failed left a folder")
	}
}

func TestExplainIsInterrupted(t *testing.T) {
	data := idxData(t, 80, 20)
	model := fitSmall(t, data)
	dir := filepath.Join(t.TempDir(), "report")
	o := stopped(t, "measuring", "explain", model, data, "-o", dir)
	o.wantFailure(t, exitFailure, "interrupted")
	if exists(dir) {
		t.Error("half a report is left")
	}
}

func TestExplainToy(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "toy")
	e := mustJSON(t, []string{"page", "bytes", "pictures", "circle", "torus", "symbols"}, "explain", "toy", "-o", dir, "--quiet")
	if e["page"] != filepath.Join(dir, "toy.html") || !exists(filepath.Join(dir, "toy.html")) || !exists(filepath.Join(dir, "pictures", "torus.svg")) {
		t.Errorf("explain toy reports %v", e["page"])
	}
	out := must(t, "explain", "toy", "-o", dir, "--seed", "2", "--quiet")
	for _, says := range []string{"toy.html", "circle", "torus", "R² =", "within topics"} {
		if !strings.Contains(out, says) {
			t.Errorf("explain toy does not say %q:\n%s", says, out)
		}
	}
}
