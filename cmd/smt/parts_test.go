package main

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/cooccur"
)

// fitSettings are those of a fit of few atoms, with components.
var fitSettings = []string{"--preset", "mnist", "--atoms", "40", "--max-cosine", "0.95", "--dims", "8", "--skip", "0", "--components", "12", "--images", "0", "--quiet"}

// inParts makes a model of DATA in so many parts, and returns its file and that of the encoder.
func inParts(t *testing.T, data string, parts int, settings ...string) (model, encoder string) {
	t.Helper()
	dir := t.TempDir()
	encoder, model = filepath.Join(dir, "encoder"), filepath.Join(dir, "model")
	must(t, slices.Concat([]string{"encoder", data, "-o", encoder}, settings)...)
	merge := []string{"merge", "--quiet", "-o", filepath.Join(dir, "all")}
	for i := parts; i > 0; i-- {
		path := filepath.Join(dir, fmt.Sprintf("%d.stats", i))
		must(t, "stats", encoder, data, "--part", fmt.Sprintf("%d/%d", i, parts), "-o", path, "--quiet")
		merge = append(merge, path)
	}
	must(t, merge...)
	must(t, "solve", encoder, filepath.Join(dir, "all"), "-o", model, "--quiet")
	return model, encoder
}

// In any number of parts a fit writes what it writes in one, of files and of folders, of some of the images and where files cannot
// be read.
func TestFitInParts(t *testing.T) {
	gray, photos := idxData(t, 61, 9), pngData(t, 5)
	broken := pngData(t, 6)
	files, err := filepath.Glob(filepath.Join(broken, "*", "*.png"))
	if err != nil || len(files) < 3 {
		t.Fatal(files, err)
	}
	if err := os.WriteFile(files[1], []byte("no image"), 0o666); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		data     string
		parts    int
		settings []string
	}{
		"one part":         {gray, 1, nil},
		"three":            {gray, 3, nil},
		"sixteen":          {gray, 16, nil},
		"more than images": {gray, 70, nil},
		"some counted":     {gray, 4, []string{"--images", "20"}},
		"a folder":         {photos, 3, nil},
	} {
		t.Run(name, func(t *testing.T) {
			settings := slices.Concat(fitSettings, c.settings)
			whole := filepath.Join(t.TempDir(), "whole")
			must(t, slices.Concat([]string{"fit", c.data, "-o", whole}, settings)...)
			model, _ := inParts(t, c.data, c.parts, settings...)
			if !bytes.Equal(read(t, model), read(t, whole)) {
				t.Errorf("%d parts make another model", c.parts)
			}
		})
	}
	t.Run("files that cannot be read", func(t *testing.T) {
		settings := append(slices.Clone(fitSettings), "--skip-bad")
		whole := filepath.Join(t.TempDir(), "whole")
		must(t, slices.Concat([]string{"fit", broken, "-o", whole}, settings)...)
		model, _ := inParts(t, broken, 3, settings...)
		if !bytes.Equal(read(t, model), read(t, whole)) {
			t.Error("parts make another model")
		}
		mustFail(t, exitFailure, []string{filepath.Base(files[1])}, slices.Concat([]string{"encoder", broken, "-o", filepath.Join(t.TempDir(), "e")}, fitSettings)...)
	})
	t.Run("held out", func(t *testing.T) {
		settings := append(slices.Clone(fitSettings), "--holdout", "20")
		dir := t.TempDir()
		path := func(name string) string { return filepath.Join(dir, name) }
		must(t, slices.Concat([]string{"fit", gray, "-o", path("whole")}, settings)...)
		must(t, slices.Concat([]string{"encoder", gray, "-o", path("encoder")}, settings)...)
		must(t, "stats", path("encoder"), gray, "--holdout", "20", "-o", path("all"), "-q")
		must(t, "solve", path("encoder"), path("all"), "-o", path("model"), "-q")
		if !bytes.Equal(read(t, path("model")), read(t, path("whole"))) {
			t.Error("the model is another")
		}
		mustFail(t, exitFailure, []string{gray, "there are 61 images: want the 41"}, "stats", path("encoder"), gray, "-o", path("x"))
	})
}

// A configuration that is chosen from the images is the same for parts.
func TestPartsOfChosenConfiguration(t *testing.T) {
	data, dir := idxData(t, 120, 0), t.TempDir()
	whole := filepath.Join(dir, "whole")
	must(t, "fit", data, "-o", whole, "-q")
	model, _ := inParts(t, data, 2, "-q")
	if !bytes.Equal(read(t, model), read(t, whole)) {
		t.Error("parts make another model")
	}
}

// What does not belong together is named, and nothing is written.
func TestPartsRefused(t *testing.T) {
	data, other := idxData(t, 60, 0), idxData(t, 50, 0)
	dir := t.TempDir()
	path := func(name string) string { return filepath.Join(dir, name) }
	must(t, slices.Concat([]string{"encoder", data, "-o", path("encoder")}, fitSettings)...)
	must(t, slices.Concat([]string{"encoder", data, "-o", path("others"), "--seed", "9"}, fitSettings)...)
	for i := 1; i <= 3; i++ {
		must(t, "stats", path("encoder"), data, "--part", fmt.Sprintf("%d/3", i), "-o", path(fmt.Sprint(i)), "-q")
	}
	must(t, "stats", path("others"), data, "--part", "2/3", "-o", path("other2"), "-q")
	must(t, "merge", path("1"), path("3"), "-o", path("two"), "-q")
	cut := read(t, path("2"))
	if err := os.WriteFile(path("cut"), cut[:len(cut)-100], 0o666); err != nil {
		t.Fatal(err)
	}
	flipped := slices.Clone(cut)
	flipped[len(flipped)/2] ^= 1
	if err := os.WriteFile(path("flipped"), flipped, 0o666); err != nil {
		t.Fatal(err)
	}
	older := bytes.Replace(read(t, path("encoder")), []byte(`software\":\"`+smt.Version), []byte(`software\":\"9.9.9`), 1)
	if err := os.WriteFile(path("older"), older, 0o666); err != nil {
		t.Fatal(err)
	}
	before := names(t, dir)
	for _, c := range []struct {
		code int
		says []string
		args []string
	}{
		{exitFailure, []string{path("1"), "images 0 to 19 are counted already, of 60"}, []string{"merge", path("two"), path("1"), "-o", path("x")}},
		{exitFailure, []string{path("other2"), "encoder"}, []string{"merge", path("two"), path("other2"), "-o", path("x")}},
		{exitFailure, []string{path("cut")}, []string{"merge", path("two"), path("cut"), "-o", path("x")}},
		{exitFailure, []string{path("flipped")}, []string{"merge", path("two"), path("flipped"), "-o", path("x")}},
		{exitFailure, []string{path("none"), "no such file"}, []string{"merge", path("two"), path("none"), "-o", path("x")}},
		{exitFailure, []string{path("encoder"), "statistics"}, []string{"merge", path("two"), path("encoder"), "-o", path("x")}},
		{exitFailure, []string{path("two"), "images 20 to 39 are missing, 20 of 60"}, []string{"solve", path("encoder"), path("two"), "-o", path("x")}},
		{exitFailure, []string{path("two"), "encoder"}, []string{"solve", path("others"), path("two"), "-o", path("x")}},
		{exitFailure, []string{path("1"), "smt-encoder"}, []string{"solve", path("1"), path("encoder"), "-o", path("x")}},
		{exitFailure, []string{other, "there are 50 images: want the 60"}, []string{"stats", path("encoder"), other, "-o", path("x")}},
		{exitFailure, []string{path("older")}, []string{"stats", path("older"), data, "-o", path("x")}},
		{exitUsage, []string{"--part", "4/3", "I/N"}, []string{"stats", path("encoder"), data, "--part", "4/3", "-o", path("x")}},
		{exitUsage, []string{"--part", "0/3"}, []string{"stats", path("encoder"), data, "--part", "0/3", "-o", path("x")}},
		{exitUsage, []string{"--part", "--onto"}, []string{"stats", path("encoder"), data, "--part", "1/3", "--onto", path("two"), "-o", path("x")}},
		{exitUsage, []string{"--preset", "best"}, []string{"encoder", data, "--preset", "best", "-o", path("x")}},
		{exitFailure, []string{"-o", path("two")}, []string{"merge", path("1"), path("two"), "-o", path("two")}},
		{exitFailure, []string{path("encoder"), "smt-encoder"}, []string{"embed", path("encoder"), data, "-o", path("x")}},
	} {
		mustFail(t, c.code, c.says, c.args...)
		if after := names(t, dir); !slices.Equal(after, before) {
			t.Fatalf("smt %s left %q", strings.Join(c.args, " "), after)
		}
	}
}

// New images are added to old statistics, which were merged or not, without the old images, and no images twice.
func TestStatsOnto(t *testing.T) {
	old, more := idxData(t, 60, 0), idxData(t, 33, 0)
	dir := t.TempDir()
	path := func(name string) string { return filepath.Join(dir, name) }
	must(t, slices.Concat([]string{"encoder", old, "-o", path("encoder")}, fitSettings)...)
	must(t, "stats", path("encoder"), old, "-o", path("old"), "-q")
	r := mustJSON(t, []string{"stats", "images", "counted"}, "stats", path("encoder"), more, "--onto", path("old"), "-o", path("all"), "-q")
	if r["images"] != 93.0 || r["counted"] != 93.0 {
		t.Errorf("it is of %v images, %v counted", r["images"], r["counted"])
	}
	m := mustJSON(t, []string{"fit_images"}, "solve", path("encoder"), path("all"), "-o", path("model"), "-q")
	if m["fit_images"] != 93.0 || m["counted_images"] != 93.0 {
		t.Errorf("the model is of %v images, %v counted", m["fit_images"], m["counted_images"])
	}
	must(t, "embed", path("model"), more, "-o", path("rows.npy"), "-q")
	for _, again := range []string{old, more} {
		mustFail(t, exitFailure, []string{path("all"), "counted already"}, "stats", path("encoder"), again, "--onto", path("all"), "-o", path("x"))
	}
}

// Parts of embeddings, one after the other, are the rows of all, with their names and labels; a part that is made again is the same.
func TestEmbedParts(t *testing.T) {
	data := idxData(t, 41, 12)
	model := fitSmall(t, data)
	dir := t.TempDir()
	path := func(name string) string { return filepath.Join(dir, name) }
	must(t, "embed", model, data, "-o", path("all.npy"), "--ids", path("all.json"), "--labels", path("labels.npy"), "-q")
	for _, parts := range []int{1, 3, 16, 60} {
		out := path(fmt.Sprint("parts", parts))
		var rows, labels []byte
		var ids []string
		for i := 1; i <= parts; i++ {
			args := []string{"embed", model, data, "--part", fmt.Sprintf("%d/%d", i, parts), "-o", out, "-q"}
			r := mustJSON(t, []string{"out", "ids", "labels", "part"}, args...)
			file := read(t, r["out"].(string))
			rows = append(rows, arrayOf(t, file)...)
			labels = append(labels, arrayOf(t, read(t, r["labels"].(string)))...)
			var part []string
			if err := json.Unmarshal(read(t, r["ids"].(string)), &part); err != nil {
				t.Fatal(err)
			}
			ids = append(ids, part...)
			if again := mustJSON(t, nil, args...); again["out"] != r["out"] || !bytes.Equal(read(t, r["out"].(string)), file) {
				t.Errorf("part %d of %d is another when it is made again", i, parts)
			}
		}
		if found := names(t, out); len(found) != 3*parts || !slices.IsSorted(found) {
			t.Errorf("files are %q", found)
		}
		var want []string
		if err := json.Unmarshal(read(t, path("all.json")), &want); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(rows, arrayOf(t, read(t, path("all.npy")))) || !bytes.Equal(labels, arrayOf(t, read(t, path("labels.npy")))) || !slices.Equal(ids, want) {
			t.Errorf("%d parts are other rows", parts)
		}
	}
	mustFail(t, exitUsage, []string{"--ids", "--part"}, "embed", model, data, "--part", "1/2", "-o", path("x"), "--ids", path("y"))
	mustFail(t, exitUsage, []string{"-o", "folder"}, "embed", model, data, "--part", "1/2", "-o", "-")
	mustFail(t, exitFailure, []string{path("all.npy")}, "embed", model, data, "--part", "1/2", "-o", path("all.npy"))
}

// arrayOf is the values of a NumPy file.
func arrayOf(t *testing.T, file []byte) []byte {
	t.Helper()
	head := 10 + int(binary.LittleEndian.Uint16(file[8:]))
	return file[head:]
}

// Parts are ranges that follow each other, as large as each other or one larger.
func TestRangesOfParts(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		rows, of := rapid.IntRange(0, 1000).Draw(rt, "rows"), rapid.IntRange(1, 300).Draw(rt, "parts")
		at := 0
		for n := 1; n <= of; n++ {
			first, end := partOf{n, of}.ranges(rows)
			if size := end - first; first != at || size != rows/of && size != (rows+of-1)/of {
				rt.Fatalf("part %d of %d of %d rows: %d to %d after %d", n, of, rows, first, end, at)
			}
			at = end
		}
		if at != rows {
			rt.Fatalf("%d rows of %d in %d parts", at, rows, of)
		}
	})
	for _, wrong := range []string{"", "3", "1/0", "a/2", "-1/2", "3/2", "1/2/3", "1/ 2"} {
		if p := (partOf{}); p.Set(wrong) == nil {
			t.Errorf("%q is taken as %v", wrong, p)
		}
	}
}

// Killed at any moment, again and again, statistics go on from their checkpoint, and are the same to the byte; so are sums and models,
// which begin anew.
func TestPartsKilled(t *testing.T) {
	const images = 9*cooccur.BatchGroups + 10
	data, dir := idxData(t, images, 0), t.TempDir()
	path := func(name string) string { return filepath.Join(dir, name) }
	settings := slices.Concat(slow, []string{"-q"})
	must(t, slices.Concat([]string{"encoder", data, "-o", path("encoder")}, settings)...)
	must(t, "stats", path("encoder"), data, "-o", path("want"), "-q")
	must(t, "stats", path("encoder"), data, "--part", "1/2", "-o", path("1"), "-q")
	must(t, "stats", path("encoder"), data, "--part", "2/2", "-o", path("2"), "-q")
	must(t, "solve", path("encoder"), path("want"), "-o", path("model"), "-q")
	known := append(names(t, dir), "out")
	rng := rand.New(rand.NewPCG(19, 1))
	for _, c := range []struct {
		want, moment string
		args         []string
	}{
		{"want", "statistics", []string{"stats", path("encoder"), data, "-o", path("out")}},
		{"want", "adding", []string{"merge", path("1"), path("2"), "-o", path("out")}},
		{"model", "solving", []string{"solve", path("encoder"), path("want"), "-o", path("out")}},
		{"encoder", "dictionary", slices.Concat([]string{"encoder", data, "-o", path("out")}, slow)},
	} {
		told := -1
		for kills := 0; ; {
			v := startVictim(t, c.args...)
			switch {
			case kills == 6: // to its end
			case kills%2 == 0:
				v.until(c.moment, 1+rng.IntN(2))
				time.Sleep(time.Duration(rng.IntN(20_000)) * time.Microsecond)
				_ = v.cmd.Process.Kill()
			default:
				v.killAtFile(t, dir, append(known, "out.partial")...)
			}
			o := v.outcome()
			if o.code == exitFailure || o.code == exitUsage {
				t.Fatalf("smt %s: %s", strings.Join(c.args, " "), o.stderr)
			}
			from, to := v.counted()
			if from >= 0 && from < told {
				t.Errorf("smt %s: counting began at image %d, %d were told", c.args[0], from, told)
			}
			told = max(told, to)
			if o.code == 0 {
				break
			}
			kills++
		}
		if !bytes.Equal(read(t, path("out")), read(t, path(c.want))) {
			t.Errorf("smt %s: another file after it was killed", c.args[0])
		}
		if err := os.Remove(path("out")); err != nil {
			t.Fatal(err)
		}
		if found := names(t, dir); len(found) != len(known)-1 {
			t.Errorf("smt %s: files are %q", c.args[0], found)
		}
	}
}
