package report

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestFolders(t *testing.T) {
	s := set(3, named)
	m := fit(t, s.Train, quick())
	write := func(dir string) error {
		_, err := Write(t.Context(), dir, m, Options{Model: "m"})
		return err
	}
	parent := t.TempDir()
	at := func(name string) string { return filepath.Join(parent, name) }

	if err := write(at("new") + "/"); err != nil {
		t.Error(err)
	}
	if err := os.Remove(filepath.Join(at("new"), "pictures", "spectrum.svg")); err != nil {
		t.Fatal(err)
	}
	if err := write(at("new")); err != nil {
		t.Errorf("an earlier report: %v", err)
	}
	if _, err := os.Stat(filepath.Join(at("new"), "pictures", "spectrum.svg")); err != nil {
		t.Error(err)
	}
	if err := os.Mkdir(at("empty"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := write(at("empty")); err != nil {
		t.Errorf("an empty folder: %v", err)
	}

	for name, files := range map[string][]string{"foreign": {"index.html"}, "notes": {"notes.txt"}, "photos": {"pictures/cat.png"}} {
		for _, f := range files {
			path := filepath.Join(at(name), f)
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte("mine"), 0o644); err != nil {
				t.Fatal(err)
			}
			if err := write(at(name)); err == nil || !strings.Contains(err.Error(), at(name)) {
				t.Errorf("%s: %v", name, err)
			}
			if string(read(t, path)) != "mine" {
				t.Errorf("%s was written over", path)
			}
		}
	}
	for _, dir := range []string{filepath.Join(at("foreign"), "index.html"), filepath.Join(at("nowhere"), "report")} {
		if err := write(dir); err == nil || !strings.Contains(err.Error(), dir) {
			t.Errorf("%s: %v", dir, err)
		}
	}
	left, err := filepath.Glob(at("*.smt-new*"))
	if err != nil || len(left) != 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
}

// What a killed process left is taken away, unless it is another's.
func TestLeftovers(t *testing.T) {
	m := fit(t, set(3, named).Train, quick())
	dir := filepath.Join(t.TempDir(), "report")
	write := func() error {
		_, err := Write(t.Context(), dir, m, Options{Model: "m"})
		return err
	}
	if err := write(); err != nil {
		t.Fatal(err)
	}
	for what, left := range map[string][]string{
		"nothing yet":   {},
		"an empty page": {"index.html"},
		"some of it":    {"index.html", "pictures/spectrum.svg"},
	} {
		for _, suffix := range []string{".smt-new", ".smt-new.old"} {
			if err := os.MkdirAll(filepath.Join(dir+suffix, "pictures"), 0o755); err != nil {
				t.Fatal(err)
			}
			for i, f := range left {
				b := read(t, filepath.Join(dir, f))
				if len(left) == 1 && i == 0 {
					b = nil
				}
				if err := os.WriteFile(filepath.Join(dir+suffix, f), b, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if len(left) == 0 {
				if err := os.Remove(filepath.Join(dir+suffix, "pictures")); err != nil {
					t.Fatal(err)
				}
			}
			if err := write(); err != nil {
				t.Errorf("%s, %s: %v", what, suffix, err)
			}
			if all, err := os.ReadDir(filepath.Dir(dir)); err != nil || len(all) != 1 {
				t.Errorf("%s, %s: left behind: %v %v", what, suffix, all, err)
			}
		}
	}
	mine := filepath.Join(dir, "pictures", "mine.png")
	if err := os.WriteFile(mine, []byte("mine"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := write(); err == nil || !strings.Contains(err.Error(), "mine.png") || string(read(t, mine)) != "mine" {
		t.Errorf("another's picture among those of a report: %v", err)
	}
	if err := os.Remove(mine); err != nil {
		t.Fatal(err)
	}
	thesis := filepath.Join(dir+".smt-new", "thesis.txt")
	if err := os.Mkdir(dir+".smt-new", 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(thesis, []byte("mine"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := write(); err == nil || !strings.Contains(err.Error(), "thesis.txt") || string(read(t, thesis)) != "mine" {
		t.Errorf("another's folder: %v", err)
	}
}

// A page may name no files at all. A picture beside it was taken for its own, and lost.
func TestPictureBesideAPageOfNone(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "pictures"), 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"index.html": marker + ` 1.0">` + "\n" + listed + `">`, "pictures/mine.png": "mine"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := Writable(dir, ModelPage); err == nil || !strings.Contains(err.Error(), "mine.png") {
		t.Errorf("error %v, want one that names mine.png", err)
	}
	// A page of an earlier version names no files because it does not say so.
	if err := os.WriteFile(filepath.Join(dir, "index.html"), []byte(marker+` 0.9">`), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := Writable(dir, ModelPage); err != nil {
		t.Error(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "pictures", "thesis.txt"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := Writable(dir, ModelPage); err == nil || !strings.Contains(err.Error(), "thesis.txt") {
		t.Errorf("error %v, want one that names thesis.txt", err)
	}
}

// What is stopped leaves nothing, and an earlier report as it was.
func TestCancelled(t *testing.T) {
	s := set(3, named)
	m := fit(t, s.Train, quick())
	dir := filepath.Join(t.TempDir(), "report")
	if _, err := Write(t.Context(), dir, m, Options{Model: "first"}); err != nil {
		t.Fatal(err)
	}
	before := read(t, filepath.Join(dir, "index.html"))
	for _, stage := range []string{"measuring", "laying out atoms", "embedding test", "searching bank"} {
		ctx, cancel := context.WithCancel(t.Context())
		_, err := Write(ctx, dir, m, Options{Model: "second", Images: choose(t, m, s, Sizes{60, 12, 20}), Progress: func(now string, _, _ int) {
			if now == stage {
				cancel()
			}
		}})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("stopped at %s: %v", stage, err)
		}
	}
	if !bytes.Equal(before, read(t, filepath.Join(dir, "index.html"))) {
		t.Error("the earlier report was changed")
	}
	left, err := os.ReadDir(filepath.Dir(dir))
	if err != nil || len(left) != 1 {
		t.Errorf("left behind: %v %v", left, err)
	}
}

// A report takes the place of an earlier one of its own kind. Any report took that of any other.
func TestReportOfAnotherKindIsKept(t *testing.T) {
	pages := []string{ModelPage, ToyPage, SourcesPage}
	for _, page := range pages {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, page), []byte(marker+` 1.0">`), 0o644); err != nil {
			t.Fatal(err)
		}
		for _, other := range pages {
			err := Writable(dir, other)
			if other == page && err != nil {
				t.Errorf("%s over an earlier one: %v", page, err)
			}
			if other != page && (err == nil || !strings.Contains(err.Error(), dir+" holds "+page)) {
				t.Errorf("%s over %s: error %v, want one that names the folder and %s", other, page, err, page)
			}
		}
	}
}
