package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/sparse-manifold/smt/export"
	"github.com/sparse-manifold/smt/internal/output"
)

// filmModel is a small model of film.
func filmModel(t *testing.T, clip string, args ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "film")
	must(t, append([]string{"fit", clip, "-o", path, "--atoms", "40", "--dims", "6", "--threshold", "0.5"}, args...)...)
	return path
}

// pointModel is a small model of points on a circle.
func pointModel(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "points")
	must(t, "fit", npyFile(t, filepath.Join(t.TempDir(), "points.npy"), circlePoints(300), 2), "-o", path, "--atoms", "40", "--neighbours", "6", "--smooth", "2")
	return path
}

// An embed of film or points that was stopped goes on from its rows; the array, and the names of its rows, are those of one
// that was not.
func TestEmbedOfKindsGoesOn(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(2)) // as many frames are read at a time
	clips := t.TempDir()
	first := filmed(t, clips, "a.y4m", 80, 1)
	filmed(t, clips, "b.y4m", 70, 2)
	circle := npyFile(t, filepath.Join(t.TempDir(), "more.npy"), circlePoints(2*pointBlock+100), 2)
	film, points := filmModel(t, first), pointModel(t)
	for name, c := range map[string]struct {
		line string // to stop at
		args []string
	}{
		"film, its first clip":  {"reading frames: 30", []string{film, clips}},
		"film, its second clip": {"reading frames: 100", []string{film, clips}},
		"film, nearly all":      {"reading frames: 148", []string{film, clips}},
		"points":                {"embedding: 65,536 of", []string{points, circle}},
		"points, nearly all":    {"embedding: 131,072 of", []string{points, circle}},
	} {
		t.Run(name, func(t *testing.T) {
			dir, apart := t.TempDir(), t.TempDir()
			embed := func(dir string) []string {
				args := append([]string{"embed", "-o", filepath.Join(dir, "out")}, c.args...)
				if c.args[0] == film {
					args = append(args, "--ids", filepath.Join(dir, "ids"))
				}
				return args
			}
			must(t, embed(apart)...)
			o := stopped(t, c.line, embed(dir)...)
			o.wantFailure(t, exitFailure, "interrupted", "same command goes on", filepath.Join(dir, "out")+output.Partial)
			if got := strings.Join(names(t, dir), " "); got != "out.partial out.partial"+noteSuffix {
				t.Fatalf("files are %s", got)
			}
			o = watch(t, embed(dir)...)
			if o.code != 0 || !strings.Contains(o.stderr, "going on from the ") || strings.Contains(o.stderr, "not going on") {
				t.Errorf("exit code %d\n%s", o.code, o.stderr)
			}
			if got, want := names(t, dir), names(t, apart); !slices.Equal(got, want) {
				t.Errorf("files are %q, want %q", got, want)
			}
			for _, file := range names(t, apart) {
				if !bytes.Equal(read(t, filepath.Join(dir, file)), read(t, filepath.Join(apart, file))) {
					t.Errorf("%s differs from that of an embed that was not stopped", file)
				}
			}
		})
	}
}

// Rows of film or points that are not what they are said to be are not gone on from.
func TestEmbedOfKindsBeginsAnew(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(2)) // as many frames are read at a time
	clip := filmed(t, t.TempDir(), "a.y4m", 120, 1)
	circle := npyFile(t, filepath.Join(t.TempDir(), "more.npy"), circlePoints(pointBlock+100), 2)
	film, points := filmModel(t, clip), pointModel(t)
	another := filmModel(t, clip, "--seed", "7")
	// changed returns a copy of a file with another byte.
	changed := func(path string, at int) string {
		b := read(t, path)
		b[at] ^= 1
		to := filepath.Join(t.TempDir(), filepath.Base(path))
		write(t, to, b)
		return to
	}
	flip := func(at int) func(string) {
		return func(partial string) {
			b := read(t, partial)
			b[at] ^= 1
			write(t, partial, b)
		}
	}
	for name, c := range map[string]struct {
		says, line string
		args, then []string
		harm       func(partial string)
	}{
		"another model of film": {"another model", "reading frames: 60", []string{film, clip}, []string{another, clip}, nil},
		"a changed frame":       {"frames have changed", "reading frames: 60", []string{film, clip}, []string{film, changed(clip, 2000)}, nil},
		"fewer frames":          {"frames have changed", "reading frames: 60", []string{film, clip}, []string{film, filmed(t, t.TempDir(), "a.y4m", 40, 1)}, nil},
		"a row of film":         {"rows are damaged", "reading frames: 60", []string{film, clip}, []string{film, clip}, flip(500)},
		"rows of film cut":      {"rows", "reading frames: 60", []string{film, clip}, []string{film, clip}, func(p string) { _ = os.Truncate(p, 600) }},
		"other points":          {"other points, 65,636, not 65,635", "embedding: 65,536 of", []string{points, circle}, []string{points, npyFile(t, filepath.Join(t.TempDir(), "x.npy"), circlePoints(pointBlock+99), 2)}, nil},
		"a changed point":       {"points have changed", "embedding: 65,536 of", []string{points, circle}, []string{points, changed(circle, 200)}, nil},
		"a row of a point":      {"rows are damaged", "embedding: 65,536 of", []string{points, circle}, []string{points, circle}, flip(500)},
		"their header":          {"rows are damaged", "embedding: 65,536 of", []string{points, circle}, []string{points, circle}, flip(60)},
	} {
		t.Run(name, func(t *testing.T) {
			dir, whole := t.TempDir(), filepath.Join(t.TempDir(), "whole")
			path := filepath.Join(dir, "out")
			stopped(t, c.line, append([]string{"embed", "-o", path}, c.args...)...).wantFailure(t, exitFailure, "same command goes on")
			if c.harm != nil {
				c.harm(path + output.Partial)
			}
			o := watch(t, append([]string{"embed", "-o", path}, c.then...)...)
			if o.code != 0 || !strings.Contains(o.stderr, "not going on from "+path+output.Partial+": ") || !strings.Contains(o.stderr, c.says) {
				t.Errorf("exit code %d, want a line that says %q\n%s", o.code, c.says, o.stderr)
			}
			must(t, append([]string{"embed", "-o", whole}, c.then...)...)
			if !bytes.Equal(read(t, path), read(t, whole)) {
				t.Error("the array differs from that of an embed on its own")
			}
			if got := names(t, dir); len(got) != 1 {
				t.Errorf("files are %q", got)
			}
		})
	}
}

// What goes to standard output is the array that goes to a file, also where its length shows at the end.
func TestEmbedFilmToStandardOutput(t *testing.T) {
	clip := filmed(t, t.TempDir(), "a.y4m", 90, 1)
	model, path := filmModel(t, clip), filepath.Join(t.TempDir(), "out")
	must(t, "embed", model, clip, "-o", path)
	if o := watch(t, "embed", model, clip, "-o", "-"); o.code != 0 || o.stdout != string(read(t, path)) {
		t.Errorf("exit code %d, %d bytes, want %d\n%s", o.code, len(o.stdout), len(read(t, path)), o.stderr)
	}
}

// The header of an array whose length shows at the end has room for any length.
func TestHeaderHasRoom(t *testing.T) {
	for _, columns := range []int{1, 32, 6528, 1 << 24} {
		placeholder, err := export.NPYHeader[float32](0, columns)
		if err != nil {
			t.Fatal(err)
		}
		for rows := 1; rows < 1<<31; rows *= 10 {
			header, err := export.NPYHeader[float32](rows, columns)
			if err != nil || len(header) != len(placeholder) {
				t.Fatalf("%d × %d: %d bytes, want %d, error %v", rows, columns, len(header), len(placeholder), err)
			}
		}
	}
}

// The names of a model's frames are in the file that --ids names when the array is in its place.
func TestEmbedFilmNames(t *testing.T) {
	clip, dir := filmed(t, t.TempDir(), "a.y4m", 50, 1), t.TempDir()
	ids := filepath.Join(dir, "ids")
	must(t, "embed", filmModel(t, clip), clip, "-o", filepath.Join(dir, "out"), "--ids", ids)
	var got []string
	if err := json.Unmarshal(read(t, ids), &got); err != nil || len(got) != 50 || got[49] != "a.y4m#49" {
		t.Errorf("names %q, error %v", got, err)
	}
}
