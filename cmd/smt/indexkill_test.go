package main

import (
	"path/filepath"
	"slices"
	"testing"
)

// Killed at any moment, again and again, an index goes on from its images, and an index that is appended to is what it
// was until all are embedded.
func TestIndexKilled(t *testing.T) {
	gray := idxData(t, 3*block+20, 2*block+30)
	model := fitSmall(t, gray)
	whole := filepath.Join(t.TempDir(), "whole.index")
	must(t, "index", model, gray, "-o", whole, "--quiet")
	const image = "train-images-idx3-ubyte#3"
	want := searched(t, whole, image)
	for _, appended := range []bool{false, true} {
		dir := t.TempDir()
		path := filepath.Join(dir, "all.index")
		args := []string{"index", model, gray, "-o", path}
		var before string
		if appended {
			must(t, append(args, "--split", "train", "--quiet")...)
			args = append(args, "--split", "test", "--append")
			before = searched(t, path, image)
		}
		for kills := 0; ; kills++ {
			if kills > 20 {
				t.Fatal("killed 20 times, and never at the end")
			}
			v := startVictim(t, args...)
			v.until("embedding", 1+kills%2) // a block at least is embedded each time, from the second line on
			_ = v.cmd.Process.Kill()
			o := v.outcome()
			if o.code == exitFailure {
				t.Fatal(o.stderr)
			}
			if !appended {
				if exists(path) {
					break
				}
				continue
			}
			must(t, "index", "check", path, "--quiet")
			if got := searched(t, path, image); got == want {
				break
			} else if got != before {
				t.Fatalf("killed %d times, the index finds\n%s\nit was\n%s", kills+1, got, before)
			}
		}
		if got := searched(t, path, image); got != want {
			t.Errorf("found\n%s\nwant\n%s", got, want)
		}
		if got := names(t, dir); !slices.Equal(got, []string{"all.index"}) {
			t.Errorf("files are %s", got)
		}
	}
}
