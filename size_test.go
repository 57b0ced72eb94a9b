package smt_test

import (
	"os"
	"path/filepath"
	"testing"

	smt "github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/estimate"
)

// What a model and its statistics take on disk is what is said beforehand, but for
// headers of a few kilobytes. How many components will be even is guessed.
func TestSizes(t *testing.T) {
	const header = 8192
	for name, cfg := range variants() {
		shape := colour(1).Shape()
		if got, want := int64(len(saved(t, fitted(t, cfg)))), estimate.ModelFile(cfg, shape); got < want && cfg.Components == 0 || got < want-want/10 || got > want+header {
			t.Errorf("%s: the model has %d bytes, %d were said and a header", name, got, want)
		}
		e, err := smt.NewEncoder(t.Context(), colour(120), cfg)
		if err != nil {
			t.Fatal(err)
		}
		counted, err := e.Collect(t.Context(), colour(120))
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(t.TempDir(), "kept")
		if err := counted.Save(path, nil); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := info.Size(), estimate.Checkpoint(cfg, 120); got < want || got > want+header {
			t.Errorf("%s: the statistics have %d bytes, %d were said and a header", name, got, want)
		}
	}
}
