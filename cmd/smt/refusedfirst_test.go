package main

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

// What flags and DATA tell is refused before images are checked, and a command that fails leaves no list of files that
// cannot be read.
func TestRefusedFirst(t *testing.T) {
	whole, data := pngData(t, 60), pngData(t, 60)
	model := fitSmall(t, whole)
	spoil(t, data, 60)
	dir := t.TempDir()
	out := filepath.Join(dir, "out.index")
	mustFail(t, exitUsage, []string{"no test split"}, "eval", model, data, "--readout", "--csv", filepath.Join(dir, "votes.csv"), "--skip-bad=3")
	for _, args := range [][]string{{"embed", model, data}, {"index", model, data}, {"fit", data}} {
		mustFail(t, exitUsage, []string{"no test split"}, append(args, "--split", "test", "-o", out)...)
	}
	gray := idxData(t, 20, 10)
	mustFail(t, exitFailure, []string{gray, "1 channel"}, "index", model, gray, "-o", out)
	if left := names(t, dir); len(left) > 0 {
		t.Errorf("%q is left", left)
	}
	must(t, "index", model, whole, "-o", out, "--quiet")
	mustFail(t, exitFailure, []string{"already"}, "index", model, data, "-o", out, "--append", "--skip-bad=3")
	if exists(out + badSuffix) {
		t.Error("there is a list of files that are left out of what was not appended")
	}
	mustFail(t, exitUsage, []string{"--k is 61", "60 items of " + out}, "groups", out, "--k", "61")
	mustFail(t, exitUsage, []string{"--groups is 61", "60 items of " + out}, "map", out, "--groups", "61", "-o", filepath.Join(dir, "map.html"))
	must(t, "groups", out, "--k", "60")
}

// An error names a file of two lines as one of these, and not as two errors.
func TestBadFileOfTwoLines(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no file may be named so")
	}
	data := pngData(t, 10)
	if err := os.WriteFile(filepath.Join(data, "class0", "two\nlines.png"), nil, 0o666); err != nil {
		t.Fatal(err)
	}
	mustFail(t, exitFailure, []string{`two\nlines.png`}, "data", "info", data)
}
