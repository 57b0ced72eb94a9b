package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

func wantIDs(t testing.TB, path string, want []string) {
	t.Helper()
	var got []string
	if err := json.Unmarshal(read(t, path), &got); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got, want) {
		t.Errorf("ids %q, want %q", got, want)
	}
}

// Each row has its image's name, in the order of the rows.
func TestEmbedIDs(t *testing.T) {
	data := idxData(t, 30, 6)
	model := fitSmall(t, data)
	numbered := func(file string, n int) (ids []string) {
		for i := range n {
			ids = append(ids, fmt.Sprintf("%s#%d", file, i))
		}
		return ids
	}
	train, test := numbered("train-images-idx3-ubyte", 30), numbered("t10k-images-idx3-ubyte", 6)
	for split, want := range map[string][]string{"train": train, "test": test, "all": slices.Concat(train, test)} {
		dir := t.TempDir()
		ids := filepath.Join(dir, "ids.json")
		r := mustJSON(t, []string{"out", "ids", "shape", "embed_seconds", "peak_rss_bytes"},
			"embed", model, data, "-o", filepath.Join(dir, "out.npy"), "--ids", ids, "--split", split)
		if r["ids"] != ids {
			t.Errorf("embed reports %v", r)
		}
		wantIDs(t, ids, want)
		if lines := strings.Count(string(read(t, ids)), "\n"); lines != len(want)+2 {
			t.Errorf("%d lines for %d ids", lines, len(want))
		}
	}
	o := smtRun(t, "embed", model, data, "-o", filepath.Join(t.TempDir(), "o.npy"), "--ids", "-")
	if path := filepath.Join(t.TempDir(), "ids"); o.code == 0 {
		write(t, path, []byte(o.stdout))
		wantIDs(t, path, slices.Concat(train, test))
	} else {
		t.Error(o.stderr)
	}
}

// A file's name may hold what a terminal obeys, and a line break.
func TestHostileIDs(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("such names cannot be given there")
	}
	data := pngData(t, 48)
	model := fitSmall(t, data)
	hostile := []string{"\x1b", "\u202e", "\u0085"}
	name := "\x1b[31m\n\u202e\u0085\"\\.png"
	if err := os.Rename(filepath.Join(data, "class0", "0000.png"), filepath.Join(data, "class0", name)); err != nil {
		t.Skip("such names cannot be given here:", err)
	}
	o := smtRun(t, "embed", model, data, "-o", filepath.Join(t.TempDir(), "o.npy"), "--ids", "-")
	if o.code != 0 {
		t.Fatal(o.stderr)
	}
	var got []string
	if err := json.Unmarshal([]byte(o.stdout), &got); err != nil || !slices.Contains(got, "class0/"+name) {
		t.Errorf("ids %q, %v: want %q among them", got, err, name)
	}
	for _, bad := range hostile {
		if strings.Contains(o.stdout, bad) {
			t.Errorf("%q reaches the terminal", bad)
		}
	}
}
