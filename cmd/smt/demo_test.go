package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/sparse-manifold/smt/words"
)

// A demonstration replaced somebody's model by its own.
func TestDemoSparesWhatIsNotIts(t *testing.T) {
	for _, demo := range [][]string{{"demo"}, {"demo", "words"}} {
		for _, name := range []string{"model.safetensors", "notes.txt", "model.safetensors/deep"} {
			dir := t.TempDir()
			path := filepath.Join(dir, name)
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			write(t, path, []byte("mine"))
			says := []string{dir, "not of this demonstration"}
			if filepath.Base(path) == "deep" {
				says = []string{"model.safetensors", "folder"}
			}
			mustFail(t, exitFailure, says, append(demo, "-o", dir)...)
			if got := string(read(t, path)); got != "mine" {
				t.Errorf("%v: %s holds %q", demo, name, got)
			}
		}
	}
	// Nor is a model with other settings the demonstration's, nor a map beside no model.
	dir := t.TempDir()
	model := filepath.Join(dir, "model.safetensors")
	m, err := words.Load(fitWordsSmall(t))
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Save(model); err != nil {
		t.Fatal(err)
	}
	mustFail(t, exitFailure, []string{"holds model.safetensors"}, "demo", "words", "-o", dir)
	if err := os.Rename(model, filepath.Join(dir, "map.html")); err != nil {
		t.Fatal(err)
	}
	mustFail(t, exitFailure, []string{"holds map.html"}, "demo", "words", "-o", dir)
}
