package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sparse-manifold/smt/internal/output"
)

// stopped runs a command that is told to stop when it says line.
func stopped(t testing.TB, line string, args ...string) outcome {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var stdout bytes.Buffer
	stderr := &cancelAt{line: line, cancel: cancel}
	a := newApp(&stdout, stderr)
	a.every = 0
	code := a.main(ctx, args)
	return outcome{code, stdout.String(), stderr.told.String()}
}

// An embed that was stopped goes on from its rows, whatever they are of, and the array
// is the same as of one that was not.
func TestEmbedGoesOn(t *testing.T) {
	gray, colour := idxData(t, 3*block+20, block+30), pngData(t, 2*block+10)
	for name, c := range map[string]struct {
		line string // to stop at
		rows string // that are there then
		args []string
	}{
		"one model":        {"embedding: 384 of 596", "384 rows", []string{fitSmall(t, gray), gray}},
		"its second split": {"embedding: 192 of 222", "788 rows", []string{fitSmall(t, gray), gray}},
		"whitened":         {"embedding: 192 of 596", "384 rows", []string{fitSmall(t, gray), gray, "--whiten", "7"}},
		"several models":   {"embedding: 192 of 394", "384 rows", []string{fitBest(t, colour), colour}},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			path, labels, whole := filepath.Join(dir, "out"), filepath.Join(dir, "labels"), filepath.Join(t.TempDir(), "whole")
			must(t, append([]string{"embed", "-o", whole}, c.args...)...)
			args := append([]string{"embed", "-o", path, "--labels", labels}, c.args...)
			o := stopped(t, c.line, args...)
			o.wantFailure(t, exitFailure, "interrupted", "same command goes on", c.rows[:3], path+output.Partial)
			if got := strings.Join(names(t, dir), " "); got != "out.partial out.partial"+noteSuffix {
				t.Fatalf("files are %s", got)
			}
			o = watch(t, args...)
			if o.code != 0 || !strings.Contains(o.stderr, "going on from the "+c.rows) {
				t.Errorf("exit code %d\n%s", o.code, o.stderr)
			}
			if !bytes.Equal(read(t, path), read(t, whole)) {
				t.Error("the array differs from that of an embed that was not stopped")
			}
			if got := strings.Join(names(t, dir), " "); got != "labels out" {
				t.Errorf("files are %s", got)
			}
		})
	}
}

// Rows that are not what they are said to be are not gone on from, and one line says why.
func TestEmbedBeginsAnew(t *testing.T) {
	data, other := idxData(t, 2*block+20, 0), idxData(t, 2*block+21, 0)
	model, another := fitSmall(t, data), fitSmall(t, data, "--seed", "7")
	changed := t.TempDir()
	for _, f := range names(t, data) {
		write(t, filepath.Join(changed, f), read(t, filepath.Join(data, f)))
	}
	images := filepath.Join(changed, "train-images-idx3-ubyte")
	b := read(t, images)
	b[16+side*side*100]++ // in an image whose row is done
	write(t, images, b)
	edit := func(old, new string) func(path string) {
		return func(path string) {
			note := string(read(t, path+noteSuffix))
			if !strings.Contains(note, old) {
				t.Fatalf("the note has no %s: %s", old, note)
			}
			write(t, path+noteSuffix, []byte(strings.Replace(note, old, new, 1)))
		}
	}
	flip := func(at int) func(path string) {
		return func(path string) {
			b := read(t, path)
			b[at] ^= 1
			write(t, path, b)
		}
	}
	for name, c := range map[string]struct {
		says string
		harm func(path string)
		args []string // "" is as before
	}{
		"another model":        {"another model", nil, []string{another, data}},
		"components":           {"other components", nil, []string{model, data, "--whiten", "5"}},
		"other images":         {"other images, 404 of 14×14×1, not 405 of 14×14×1", nil, []string{model, other}},
		"a changed image":      {"images have changed", nil, []string{model, changed}},
		"another size":         {"with another", nil, []string{another, data, "--size", "14"}},
		"a flipped bit":        {"rows are damaged", flip(128 + 1000), nil},
		"its header":           {"rows are damaged", flip(60), nil},
		"rows cut off":         {"has no 192 rows", func(path string) { _ = os.Truncate(path, 5_000) }, nil},
		"no note":              {"says what it is", func(path string) { _ = os.Remove(path + noteSuffix) }, nil},
		"half a note":          {"damaged", func(path string) { _ = os.Truncate(path+noteSuffix, 40) }, nil},
		"a large note":         {"damaged", func(path string) { write(t, path+noteSuffix, append([]byte("{"), make([]byte, 1<<20)...)) }, nil},
		"a folder as its note": {"damaged", func(path string) { _ = os.Remove(path + noteSuffix); _ = os.Mkdir(path+noteSuffix, 0o755) }, nil},
		"more rows said":       {"has no 193 rows", edit(`"rows":192`, `"rows":193`), nil},
		"no rows said":         {"rows are damaged", edit(`"rows":192`, `"rows":0`), nil},
		"negative rows":        {"has no -192 rows", edit(`"rows":192`, `"rows":-192`), nil},
		"many rows":            {"rows", edit(`"rows":192`, `"rows":9223372036854775807`), nil},
		"another version":      {"version 9", edit(`"version":1`, `"version":9`), nil},
		"other kernels":        {"other kernels", edit(`"kernels":"`, `"kernels":"x`), nil},
		"another smt":          {"begun by smt", edit(`"software":"`, `"software":"x`), nil},
		"an unknown field":     {"damaged", edit(`"rows"`, `"rowz"`), nil},
		"something after it":   {"damaged", func(path string) { write(t, path+noteSuffix, append(read(t, path+noteSuffix), '1')) }, nil},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, "out")
			partial := path + output.Partial
			o := stopped(t, "embedding: 192 of", "embed", model, data, "-o", path)
			o.wantFailure(t, exitFailure, "192 of 404 rows")
			if c.harm != nil {
				c.harm(partial)
			}
			if c.args == nil {
				c.args = []string{model, data}
			}
			if name == "a folder as its note" { // a folder, which cannot be replaced
				watch(t, append([]string{"embed", "-o", path}, c.args...)...).wantFailure(t, exitFailure, partial+noteSuffix, "folder")
				return
			}
			o = watch(t, append([]string{"embed", "-o", path}, c.args...)...)
			if o.code != 0 || !strings.Contains(o.stderr, "not going on from "+partial+": ") || !strings.Contains(o.stderr, c.says) {
				t.Errorf("exit code %d, want a line that says %q\n%s", o.code, c.says, o.stderr)
			}
			whole := filepath.Join(t.TempDir(), "whole")
			must(t, append([]string{"embed", "-o", whole}, c.args...)...)
			if !bytes.Equal(read(t, path), read(t, whole)) {
				t.Error("the array differs from that of an embed on its own")
			}
			if got := strings.Join(names(t, dir), " "); got != "out" {
				t.Errorf("files are %s", got)
			}
		})
	}
}

// A file of that name which no embed began is another command's.
func TestEmbedSparesOthers(t *testing.T) {
	data := idxData(t, 40, 0)
	model := fitSmall(t, data)
	path := filepath.Join(t.TempDir(), "out")
	write(t, path+output.Partial, []byte("statistics of hours"))
	watch(t, "embed", model, data, "-o", path).wantFailure(t, exitFailure, path+output.Partial, "no array", "remove it")
	if got := string(read(t, path+output.Partial)); got != "statistics of hours" || exists(path) {
		t.Errorf("it holds %q", got)
	}
	if err := os.Remove(path + output.Partial); err != nil {
		t.Fatal(err)
	}
	write(t, path+output.Partial+noteSuffix, []byte("my thesis"))
	watch(t, "embed", model, data, "-o", path).wantFailure(t, exitFailure, path+output.Partial+noteSuffix, "no note", "remove it")
	if got := string(read(t, path+output.Partial+noteSuffix)); got != "my thesis" || exists(path) {
		t.Errorf("the note holds %q", got)
	}
}

// With nothing done nothing is left.
func TestEmbedStoppedAtOnce(t *testing.T) {
	data := idxData(t, 2*block, 0)
	model := fitSmall(t, data)
	dir := t.TempDir()
	o := stopped(t, "embedding: 0 of", "embed", model, data, "-o", filepath.Join(dir, "out"))
	o.wantFailure(t, exitFailure, "interrupted")
	if left := names(t, dir); len(left) != 0 {
		t.Errorf("left: %q", left)
	}
}

// What ends after the rows are in their place and before the note is gone leaves the
// note alone: the next embed takes it away.
func TestEmbedLeftNote(t *testing.T) {
	data := idxData(t, 2*block, 0)
	model := fitSmall(t, data)
	dir := t.TempDir()
	path := filepath.Join(dir, "out")
	stopped(t, "embedding: 192 of", "embed", model, data, "-o", path)
	if err := os.Rename(path+output.Partial, path); err != nil {
		t.Fatal(err)
	}
	write(t, path+output.Partial+noteSuffix+".smt-new", []byte("half a no"))
	if o := watch(t, "embed", model, data, "-o", path); o.code != 0 {
		t.Error(o.stderr)
	}
	if got := strings.Join(names(t, dir), " "); got != "out" {
		t.Errorf("files are %s", got)
	}
}

func FuzzNote(f *testing.F) {
	good, err := json.Marshal(note{Format: noteFormat, Version: noteVersion, Rows: 3, Work: work{Images: []int{3}}})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add([]byte("{}"))
	f.Fuzz(func(t *testing.T, b []byte) {
		n, err := parseNote(b)
		if err != nil {
			return
		}
		again, err := json.Marshal(n)
		if err != nil {
			t.Fatal(err)
		}
		if m, err := parseNote(again); err != nil || fmt.Sprint(m) != fmt.Sprint(n) {
			t.Errorf("%q is read as %+v, and that as %+v, %v", b, n, m, err)
		}
		if n.Work.differs(n.Work, "images") != "" {
			t.Errorf("%+v differs from itself", n.Work)
		}
	})
}
