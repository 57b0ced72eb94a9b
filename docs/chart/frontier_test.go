package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Every point is drawn and named, ours in both panels, and a file that is none of points is an error that names it.
func TestFrontier(t *testing.T) {
	dir := t.TempDir()
	in, out := filepath.Join(dir, "points.json"), filepath.Join(dir, "chart.svg")
	write := func(text string) {
		if err := os.WriteFile(in, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(`[{"name": "quick one", "fit": ["--fast"], "seconds": 70, "top1": 0.802}, {"name": "slow one", "seconds": 140, "top1": 0.811},
		{"name": "of pixels", "peer": true, "seconds": 9, "top1": 0.42}]`)
	if err := run([]string{"frontier", in, out}); err != nil {
		t.Fatal(err)
	}
	svg, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	for text, times := range map[string]int{"quick one 80.2 %": 2, "slow one 81.1 %": 2, "of pixels 42.0 %": 1, ">quick one 80.2<": 1, ">of pixels 42.0<": 1, "paper 8,192 79.2": 1} {
		if n := strings.Count(string(svg), text); n != times {
			t.Errorf("%q is drawn %d times, want %d", text, n, times)
		}
	}
	write(`[{"name": "a", "minutes": 3}]`)
	if err := run([]string{"frontier", in, out}); err == nil || !strings.Contains(err.Error(), in) || !strings.Contains(err.Error(), "minutes") {
		t.Errorf("of a field that points do not have: %v", err)
	}
}
