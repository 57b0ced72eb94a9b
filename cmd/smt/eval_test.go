package main

import (
	"bytes"
	"encoding/binary"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/judge"
)

var judged = []string{"top1", "top5", "k", "temperature", "bank", "test", "flips", "fit_seconds", "embed_seconds", "eval_seconds",
	"peak_rss_bytes", "invariance", "variance", "covariance", "eigenvalue_sum"}

func TestEval(t *testing.T) {
	data := idxData(t, 80, 20)
	model := fitSmall(t, data)
	e := mustJSON(t, judged, "eval", model, data)
	for key, want := range map[string]any{"k": 30.0, "temperature": 0.03, "bank": 80.0, "test": 20.0, "flips": false, "fit_seconds": nil, "top5": 1.0} {
		if e[key] != want {
			t.Errorf("%s is %v, want %v", key, e[key], want)
		}
	}
	if top1 := e["top1"].(float64); top1 < 0.9 {
		t.Errorf("top-1 is %g on four directions of waves, want at least 0.9", top1)
	}
	// float32 eigenvectors: a few parts in a million.
	if i, s := e["invariance"].(float64), e["eigenvalue_sum"].(float64); math.Abs(i-s) > 1e-4*s {
		t.Errorf("invariance is %g, the sum of eigenvalues %g", i, s)
	}
	if e["peak_rss_bytes"].(float64) < 1<<20 {
		t.Errorf("peak memory is %v bytes", e["peak_rss_bytes"])
	}
	out := must(t, "eval", model, data, "--k", "5", "--temperature", "0.1", "--bank", "40", "--test", "10")
	for _, says := range []string{"top-1", "top-5", "k = 5", "temperature 0.1", "bank of 40 images without flips", "10 test images", "invariance", "eigenvalues"} {
		if !strings.Contains(out, says) {
			t.Errorf("eval does not say %q:\n%s", says, out)
		}
	}
}

func TestEvalOtherProtocols(t *testing.T) {
	data := idxData(t, 80, 20)
	model := fitSmall(t, data)
	e := mustJSON(t, append([]string{"hubs", "whiten"}, judged...), "eval", model, data, "--hubs", "30", "--whiten", "6")
	if e["hubs"] != 30.0 || e["whiten"] != 6.0 || e["top1"].(float64) < 0.8 {
		t.Errorf("eval reports %v, want hubs by 30 images, 6 components and at least 0.8", e)
	}
	out := must(t, "eval", model, data, "--hubs", "30", "--whiten", "6")
	for _, says := range []string{"of 6 components", "hubs corrected by 30 images"} {
		if !strings.Contains(out, says) {
			t.Errorf("eval does not say %q:\n%s", says, out)
		}
	}
	if out := must(t, "eval", model, data); strings.Contains(out, "whitened") || strings.Contains(out, "hubs") {
		t.Errorf("eval says what it did not do:\n%s", out)
	}
}

func TestEvalReadout(t *testing.T) {
	data := idxData(t, 160, 20)
	model := fitSmall(t, data)
	for _, c := range []struct {
		flags  []string
		method string
		labels float64
	}{{nil, "ridge+vote", 160}, {[]string{"--each", "2"}, "spreading", 8}} {
		e := mustJSON(t, append([]string{"readout"}, judged...), append([]string{"eval", model, data, "--readout"}, c.flags...)...)
		r := e["readout"].(map[string]any)
		if r["method"] != c.method || r["labels"] != c.labels || r["top1"].(float64) < 0.9 {
			t.Errorf("%v: readout is %v, want %s of %g labels and at least 0.9", c.flags, r, c.method, c.labels)
		}
	}
	if out := must(t, "eval", model, data, "--readout", "--each", "3"); !strings.Contains(out, "readout top-1") || !strings.Contains(out, "(spreading, of 12 labels)") {
		t.Errorf("eval does not say how labels were read out:\n%s", out)
	}
	for want, flags := range map[string][]string{"--each is for --readout": {"--each", "2"}, "--each is -1": {"--readout", "--each", "-1"}} {
		mustFail(t, exitUsage, []string{want}, append([]string{"eval", model, data}, flags...)...)
	}
}

func TestEvalHoldout(t *testing.T) {
	data := pngData(t, 60) // has no test split
	model := fitSmall(t, data, "--holdout", "20")
	e := mustJSON(t, judged, "eval", model, data, "--holdout", "20")
	if e["bank"] != 80.0 || e["test"] != 20.0 || e["flips"] != true || e["holdout"] != 20.0 {
		t.Errorf("eval reports %v, want a bank of 40 images with flips and 20 held out", e)
	}
	e = mustJSON(t, judged, "eval", model, data, "--holdout", "20", "--flips=false", "--bank", "30", "--test", "5")
	if e["bank"] != 30.0 || e["test"] != 5.0 || e["flips"] != false {
		t.Errorf("eval reports %v, want a bank of 30 images without flips and 5 held out", e)
	}
}

// The images that eval --holdout tests on are those that fit --holdout left out.
func TestHoldoutAgrees(t *testing.T) {
	data := idxData(t, 50, 0)
	m := load(t, fitSmall(t, data, "--holdout", "20", "--seed", "5"))
	set, err := dataset.Open(data, dataset.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer set.Close()
	j := judging{holdout: 20}
	bank, test, err := j.split(set, m.Config().Seed)
	if err != nil {
		t.Fatal(err)
	}
	fitted, err := dataset.Fingerprint(t.Context(), bank, nil)
	if err != nil {
		t.Fatal(err)
	}
	if fitted != m.Record().Data.Fingerprint || test.Len() != 20 {
		t.Error("the bank is not what the model was fitted on")
	}
}

func TestEmbed(t *testing.T) {
	data := idxData(t, 30, 6)
	model := fitSmall(t, data)
	m := load(t, model)
	set, err := dataset.Open(data, dataset.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer set.Close()
	for split, sources := range map[string][]dataset.Source{
		"train": {set.Train}, "test": {set.Test}, "all": {set.Train, set.Test},
	} {
		dir := t.TempDir()
		out, labels := filepath.Join(dir, "out.npy"), filepath.Join(dir, "labels.npy")
		r := mustJSON(t, []string{"out", "labels", "shape", "embed_seconds", "peak_rss_bytes"},
			"embed", model, data, "-o", out, "--labels", labels, "--split", split)
		var want, wantLabels bytes.Buffer
		rows := 0
		for _, src := range sources {
			rows += src.Len()
			for row, err := range m.EmbedAll(t.Context(), src) {
				if err != nil {
					t.Fatal(err)
				}
				_ = binary.Write(&want, binary.LittleEndian, row)
			}
			for i := range src.Len() {
				_ = binary.Write(&wantLabels, binary.LittleEndian, int64(src.Label(i)))
			}
		}
		shape := r["shape"].([]any)
		if shape[0] != float64(rows) || shape[1] != float64(m.Dim(set.Train.Shape())) {
			t.Errorf("%s: shape is %v, want %d × %d", split, shape, rows, m.Dim(set.Train.Shape()))
		}
		wantNPY(t, out, want.Bytes())
		wantNPY(t, labels, wantLabels.Bytes())
	}
	out := must(t, "embed", model, data, "-o", filepath.Join(t.TempDir(), "o.npy"))
	if !strings.Contains(out, "36 × ") {
		t.Errorf("embed prints\n%s", out)
	}
}

// wantNPY checks the values of a .npy file, which follow a header of 128 bytes.
func wantNPY(t *testing.T, path string, values []byte) {
	t.Helper()
	if file := read(t, path); len(file) < 128 || !bytes.Equal(file[128:], values) {
		t.Errorf("%s: the values are not those of the model", path)
	}
}

// A folder's images are brought to the model's size, in colour or not.
func TestEmbedFolderAtModelShape(t *testing.T) {
	data, dir := idxData(t, 40, 0), pngData(t, 5)
	smtRun(t, "embed", fitSmall(t, data, "--preset", "mnist"), dir, "-o", filepath.Join(t.TempDir(), "none"), "--size", "16x20").wantFailure(t, exitFailure, "16 × 20", "components 0")
	model := fitSmall(t, data, "--components", "0")
	out := filepath.Join(t.TempDir(), "out.npy")
	dim := float64(load(t, model).Dim(dataset.Shape{Height: side, Width: side, Channels: 1}))
	if r := mustJSON(t, nil, "embed", model, dir, "-o", out); r["shape"].([]any)[1] != dim {
		t.Errorf("shape is %v, want %g columns", r["shape"], dim)
	}
	if r := mustJSON(t, nil, "embed", model, dir, "-o", out, "--size", "16x20"); r["shape"].([]any)[1].(float64) <= dim {
		t.Errorf("shape is %v at a larger --size, want more than %g columns", r["shape"], dim)
	}
}

func TestEmbedWithoutLabels(t *testing.T) {
	data := idxData(t, 40, 0)
	model := fitSmall(t, data)
	flat := filepath.Join(pngData(t, 8), "class0") // a folder with no sub-folders has no classes
	dir := t.TempDir()
	out := filepath.Join(dir, "out.npy")
	mustFail(t, exitFailure, []string{"labels"}, "embed", model, flat, "-o", out, "--labels", filepath.Join(dir, "l.npy"))
	if exists(out) {
		t.Error("embed left a file when it failed")
	}
	must(t, "embed", model, flat, "-o", out)
}

// A thin model embeds a bank by some of the patches and queries by all, in eval and, with --whole, in embed; components
// of a bank are then those of the thin one.
func TestThinModel(t *testing.T) {
	data, dir := idxData(t, 60, 20), t.TempDir()
	thin, all := filepath.Join(dir, "thin"), filepath.Join(dir, "all")
	must(t, append([]string{"fit", data, "-o", thin, "--thin", "4"}, small...)...)
	must(t, append([]string{"fit", data, "-o", all}, small...)...)
	rows := func(name, model string, flags ...string) string {
		path := filepath.Join(dir, name)
		must(t, append([]string{"embed", model, data, "-o", path, "--quiet"}, flags...)...)
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	want := rows("all.npy", all)
	if rows("whole.npy", thin, "--whole") != want {
		t.Error("--whole embeds otherwise than a model of all patches")
	}
	some := rows("thin.npy", thin)
	if some == want {
		t.Error("a thin model embeds by all patches")
	}
	// Of the same rows, components of the thin bank and of the whole one differ.
	if rows("short.npy", thin, "--whole", "--whiten", "8") == rows("all8.npy", all, "--whiten", "8") {
		t.Error("components are those of whole embeddings")
	}
	m := load(t, thin)
	set, err := dataset.Open(data, dataset.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer set.Close()
	b, err := m.Embeddings(set.Train)
	if err != nil {
		t.Fatal(err)
	}
	q, err := m.Whole().Embeddings(set.Test)
	if err != nil {
		t.Fatal(err)
	}
	e, err := judge.Evaluate(t.Context(), judge.Labelled{Set: b, Labels: set.Train}, judge.Labelled{Set: q, Labels: set.Test}, judge.Paper(m.Config().Flips), nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := mustJSON(t, []string{"top1", "top5"}, "eval", thin, data, "--quiet"); got["top1"] != e.Top1 || got["top5"] != e.Top5 {
		t.Errorf("eval says %v, want %v and %v", got, e.Top1, e.Top5)
	}
}

func TestInfo(t *testing.T) {
	model := fitSmall(t, idxData(t, 40, 0))
	i := mustJSON(t, []string{"model", "model_bytes", "config", "data", "dim", "eigenvalues", "invariance", "variance", "covariance", "eigenvalue_sum"},
		"info", model)
	if n := len(i["eigenvalues"].([]any)); n != 8 {
		t.Errorf("%d eigenvalues, want 8", n)
	}
	out := must(t, "info", model)
	for _, says := range []string{model, "40 images", "14×14×1", "eigenvalues", `"atoms": 64`, "invariance"} {
		if !strings.Contains(out, says) {
			t.Errorf("info does not say %q:\n%s", says, out)
		}
	}
}

// The demo itself takes half a minute, and .ci/run makes it; this one is small.
func TestDemo(t *testing.T) {
	var stdout, stderr bytes.Buffer
	a := newApp(&stdout, &stderr)
	a.demoConfig = func() (smt.Config, error) {
		c, err := demoConfig()
		c.Atoms, c.Dims, c.Images = 64, 8, 100
		return c, err
	}
	dir := filepath.Join(t.TempDir(), "new", "folder")
	if code := a.main(t.Context(), []string{"demo", "--out", dir, "--json"}); code != 0 {
		t.Fatalf("exit code %d: %s", code, &stderr)
	}
	d := decode(t, stdout.String(), append(judged, "model", "report", "fit_images", "atoms"))
	if d["bank"] != 8000.0 || d["test"] != 2000.0 || d["fit_images"] != 8000.0 || d["counted_images"] != 100.0 || d["sampled_images"] != 4096.0 || d["atoms"] != 64.0 || d["fit_seconds"] == nil {
		t.Errorf("demo reports %v", d)
	}
	if top1 := d["top1"].(float64); top1 < 0.9 {
		t.Errorf("top-1 is %g with 64 atoms, want at least 0.9", top1)
	}
	load(t, filepath.Join(dir, "model.safetensors"))
	if page := filepath.Join(dir, "report", "index.html"); d["report"] != page || !exists(page) {
		t.Errorf("the report is said to be %v", d["report"])
	}
}

// What the images tested on are called takes all of them to be read: one that cannot be
// was found after the work, which was lost.
func TestEvalFindsBadImagesFirst(t *testing.T) {
	data := pngData(t, 60)
	model := fitSmall(t, data)
	bad := filepath.Join(data, "class1", "0001.png")
	b := read(t, bad)
	b[len(b)/2] ^= 1
	write(t, bad, b)
	o := smtRun(t, "eval", model, data, "--holdout", "10", "--bank", "5", "--test", "3")
	if o.code != exitFailure || !strings.Contains(o.stderr, bad) || strings.Contains(o.stderr, "embedding") {
		t.Errorf("exit code %d, want the image named and nothing embedded:\n%s", o.code, o.stderr)
	}
}
