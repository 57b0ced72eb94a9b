package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sparse-manifold/smt/video"
	"github.com/sparse-manifold/smt/video/shapes"
)

// filmed writes a clip of a moving shape as y4m.
func filmed(t *testing.T, dir, name string, frames int, seed uint64) string {
	t.Helper()
	f, err := shapes.New(shapes.Bar, 1, frames, seed)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "YUV4MPEG2 W%d H%d F25:1 Ip A1:1 Cmono XCOLORRANGE=FULL\n", shapes.Side, shapes.Side)
	size := shapes.Side * shapes.Side
	for i := range frames {
		b.WriteString("FRAME\n")
		b.Write(f.Frames.ClipPixels(0)[i*size : (i+1)*size])
	}
	path := filepath.Join(dir, name)
	write(t, path, b.Bytes())
	return path
}

// Film is learned from by its ending or its preset, a model of it tells of itself, and embeds frames by name.
func TestFilm(t *testing.T) {
	dir := t.TempDir()
	clip := filmed(t, dir, "clips/a.y4m", 80, 1)
	filmed(t, dir, "clips/b.y4m", 70, 2)
	model, rows, ids := filepath.Join(dir, "m.safetensors"), filepath.Join(dir, "rows.npy"), filepath.Join(dir, "ids.json")
	var fitted struct {
		Config video.Config `json:"config"`
		Data   video.Data   `json:"data"`
		Sum    float64      `json:"eigenvalue_sum"`
		Inv    float64      `json:"invariance"`
	}
	fit := []string{"--atoms", "60", "--dims", "6", "--threshold", "0.5", "--difference", "2", "--json"}
	report := must(t, append([]string{"fit", filepath.Join(dir, "clips"), "-o", model, "--preset", "video"}, fit...)...)
	if err := json.Unmarshal([]byte(report), &fitted); err != nil {
		t.Fatal(err)
	}
	if c := fitted.Config; c.Atoms != 60 || c.Dims != 6 || c.Threshold != 0.5 || c.Difference != 2 || c.Patch != 0 || fitted.Data.Clips != 2 || fitted.Data.Frames != 150 {
		t.Errorf("fitted %+v", fitted)
	}
	if math.Abs(fitted.Inv-fitted.Sum) > 1e-3*fitted.Sum {
		t.Errorf("invariance %g, sum of eigenvalues %g", fitted.Inv, fitted.Sum)
	}
	other := filepath.Join(dir, "other.safetensors")
	must(t, append([]string{"fit", clip, "-o", other}, fit...)...)
	if text := must(t, "info", model); !strings.Contains(text, "150 frames of 2 clips") || !strings.Contains(text, "straight: the second difference") {
		t.Errorf("info: %s", text)
	}
	must(t, "embed", model, filepath.Join(dir, "clips"), "-o", rows, "--ids", ids)
	if n := len(read(t, rows)); n != 128+4*150*6 {
		t.Errorf("%d bytes of rows", n)
	}
	var names []string
	if err := json.Unmarshal(read(t, ids), &names); err != nil || len(names) != 150 || names[0] != "a.y4m#0" || names[80] != "b.y4m#0" || names[149] != "b.y4m#69" {
		t.Errorf("ids %q, %v", names, err)
	}
}

// Where the number of atoms is not given, frames that have fewer than the preset's are learned from with those they have, and
// it is said; the model is the one that so many atoms and dimensions lead to when they are given.
func TestFewFrames(t *testing.T) {
	dir := t.TempDir()
	clip := filmed(t, dir, "a.y4m", 120, 1)
	model, same := filepath.Join(dir, "m"), filepath.Join(dir, "same")
	o := smtRun(t, "fit", clip, "-o", model, "--json")
	if o.code != 0 {
		t.Fatalf("exit code %d: %s", o.code, o.stderr)
	}
	var fitted struct {
		Config video.Config `json:"config"`
	}
	if err := json.Unmarshal([]byte(o.stdout), &fitted); err != nil {
		t.Fatal(err)
	}
	c := fitted.Config
	if c.Atoms < 2 || c.Atoms > 120 || c.Dims != c.Atoms/2 {
		t.Errorf("%d atoms and %d dimensions of 120 frames", c.Atoms, c.Dims)
	}
	if says := fmt.Sprintf("the frames have %d atoms", c.Atoms); !strings.Contains(o.stderr, says) {
		t.Errorf("%q is not in %s", says, o.stderr)
	}
	must(t, "fit", clip, "-o", same, "--atoms", fmt.Sprint(c.Atoms), "--dims", fmt.Sprint(c.Dims))
	if !bytes.Equal(read(t, model), read(t, same)) {
		t.Error("the model is not that of as many atoms")
	}
}

// Commands for models of images say what else a model is of.
func TestModelOfFilmForImages(t *testing.T) {
	dir := t.TempDir()
	clip, model := filmed(t, dir, "a.y4m", 40, 1), filepath.Join(dir, "m")
	must(t, "fit", clip, "-o", model, "--atoms", "20", "--dims", "3")
	data := idxData(t, 12, 0)
	mustFail(t, exitFailure, []string{"m is a model of film: want one of images, or of words"}, "eval", model, data)
	mustFail(t, exitFailure, []string{"m is a model of film: want one of images"}, "serve", model, data)
	mustFail(t, exitFailure, []string{"m is a model of film: want one of images"}, "explain", model, data, "-o", filepath.Join(dir, "report"))
	points := npyFile(t, filepath.Join(dir, "points.npy"), circlePoints(100), 2)
	must(t, "fit", points, "-o", model)
	mustFail(t, exitFailure, []string{"m is a model of vectors: want one of images"}, "eval", model, data)
}

// What cannot be done with film is refused, and nothing is written.
func TestFilmRefusals(t *testing.T) {
	dir := t.TempDir()
	clip, out := filmed(t, dir, "a.y4m", 40, 1), filepath.Join(dir, "out")
	single := filmed(t, dir, "single.y4m", 2, 1)
	b := read(t, single)
	write(t, single, b[:len(b)-1024-len("FRAME\n")])
	cut := filepath.Join(dir, "cut.y4m")
	write(t, cut, b[:len(b)-9])
	write(t, filepath.Join(dir, "sizes", "small.y4m"), []byte("YUV4MPEG2 W4 H4 Cmono\nFRAME\n0123456789abcdef"))
	filmed(t, dir, "sizes/a.y4m", 3, 1)
	for _, c := range []struct {
		code int
		says []string
		args []string
	}{
		{exitUsage, []string{"--flips is for images", "taken for video"}, []string{"fit", clip, "-o", out, "--flips"}},
		{exitUsage, []string{"--min-count is for words", "taken for video"}, []string{"fit", clip, "-o", out, "--min-count", "2"}},
		{exitUsage, []string{"--colour is for video"}, []string{"fit", idxData(t, 12, 0), "-o", out, "--colour"}},
		{exitUsage, []string{"dims is 9999: want 1 to the 2048 atoms"}, []string{"fit", clip, "-o", out, "--dims", "9999"}},
		{exitFailure, []string{"single.y4m has 1 frame: want at least 2"}, []string{"fit", single, "-o", out}},
		{exitFailure, []string{"cut.y4m", "frame 1: unexpected EOF"}, []string{"fit", cut, "-o", out}},
		{exitFailure, []string{"small.y4m has frames of 4 × 4", "a.y4m of 32 × 32", "--size"}, []string{"fit", filepath.Join(dir, "sizes"), "-o", out, "--preset", "video"}},
		{exitFailure, []string{"found 39 of 500 atoms", "give more frames", "--atoms 39 with --dims 39, not 128 would do"}, []string{"fit", clip, "-o", out, "--atoms", "500"}},
		{exitFailure, []string{"--atoms 39 with --dims 39, not 40 would do"}, []string{"fit", clip, "-o", out, "--dims", "40"}},
		{exitFailure, []string{"--atoms 39 would do"}, []string{"fit", clip, "-o", out, "--atoms", "500", "--dims", "38"}},
		{exitUsage, []string{`--dictionary is "foo": want exemplars, kmeans, learned; learned ones are of images alone`}, []string{"fit", clip, "-o", out, "--dictionary", "foo"}},
		{exitFailure, []string{"radius is 40 frames: want at most 39", "a.y4m, has 40 frames"}, []string{"fit", clip, "-o", out, "--radius", "40"}},
		{exitFailure, []string{"format not recognised", "it holds film (a.y4m)", "--preset video"}, []string{"fit", filepath.Join(dir, "sizes"), "-o", out}},
		{exitFailure, []string{"-o", "a.y4m would replace DATA"}, []string{"fit", clip, "-o", clip}},
	} {
		mustFail(t, c.code, c.says, c.args...)
		if exists(out) {
			t.Errorf("%v wrote a model", c.args)
		}
	}
	must(t, "fit", clip, "-o", out, "--atoms", "20", "--dims", "3")
	rows := filepath.Join(dir, "rows.npy")
	mustFail(t, exitUsage, []string{"--whiten is for images"}, "embed", out, clip, "-o", rows, "--whiten", "9")
	mustFail(t, exitFailure, []string{"cut.y4m"}, "embed", out, cut, "-o", rows)
	if exists(rows) {
		t.Error("rows of a clip that breaks off were written")
	}
}
