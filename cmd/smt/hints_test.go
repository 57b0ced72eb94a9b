package main

import (
	"path/filepath"
	"testing"
)

// TestHints says what can be done with data that is not taken as it is.
func TestHints(t *testing.T) {
	dir := t.TempDir()
	table, out := filepath.Join(dir, "csv.csv"), filepath.Join(dir, "m")
	write(t, table, []byte("a,b\n1,2\n"))
	mustFail(t, exitFailure, []string{"csv.csv: format not recognised", "--preset words, vectors or video"}, "fit", table, "-o", out)
	for _, preset := range []string{"words", "vectors", "video", "cifar"} {
		mustFail(t, exitUsage, []string{"DATA is -: standard input is not read: want a file or a folder"}, "fit", "-", "--preset", preset, "-o", out)
	}
}
