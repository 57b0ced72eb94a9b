package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/cooccur"
)

func load(t testing.TB, path string) *smt.Model {
	t.Helper()
	m, err := smt.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestFit(t *testing.T) {
	data := idxData(t, 60, 8)
	path := filepath.Join(t.TempDir(), "model.safetensors")
	r := mustJSON(t, []string{"model", "model_bytes", "fit_images", "holdout", "fit_seconds", "peak_rss_bytes", "config",
		"invariance", "variance", "covariance", "eigenvalue_sum"},
		append([]string{"fit", data, "-o", path, "--holdout", "20"}, small...)...)
	if r["fit_images"] != 40.0 || r["holdout"] != 20.0 || r["model"] != path {
		t.Errorf("fit reports %v", r)
	}
	m := load(t, path)
	if m.Record().Data.Images != 40 || m.Config().Atoms != 64 {
		t.Errorf("the model has %d atoms and is of %d images, want 64 and 40", m.Config().Atoms, m.Record().Data.Images)
	}
	if exists(path + ".partial") {
		t.Error("a fit that succeeded left a .partial")
	}
	if out := must(t, append([]string{"fit", data, "-o", path, "--split", "test"}, small...)...); !strings.Contains(out, "8 images") {
		t.Errorf("fit on the test split prints\n%s", out)
	}
}

func TestFitChoosesPreset(t *testing.T) {
	gray, colour := load(t, fitSmall(t, idxData(t, 40, 0))), load(t, fitSmall(t, pngData(t, 40)))
	if c := gray.Config(); c.Context.Kind != cooccur.Window || c.Flips {
		t.Errorf("gray images are fitted by %+v, want the preset mnist", c)
	}
	if c := colour.Config(); c.Context.Kind != cooccur.Whole || !c.Flips || !c.Whiten {
		t.Errorf("colour images are fitted by %+v, want the preset cifar", c)
	}
}

func TestFitFlagsOverride(t *testing.T) {
	m := load(t, fitSmall(t, pngData(t, 48), "--preset", "mnist", "--seed", "7", "--epsilon", "0.01", "--code", "soft",
		"--threshold", "0.6", "--dictionary", "kmeans", "--context", "image", "--difference", "2", "--patch", "5",
		"--flips", "--grayscale", "--images", "30", "--ridge", "1e-4", "--size", "11"))
	want, err := smt.Preset("mnist")
	if err != nil {
		t.Fatal(err)
	}
	want.Atoms, want.Dims, want.Skip, want.MaxCosine, want.Seed = 64, 8, 0, 0.95, 7
	want.Whiten, want.Epsilon, want.Code, want.Threshold = true, 0.01, "soft", 0.6
	want.Dictionary, want.Context, want.Patch = smt.KMeans, cooccur.Context{Kind: cooccur.Whole, Difference: 2}, 5
	want.Flips, want.Grayscale, want.Images, want.Ridge = true, true, 30, 1e-4
	if m.Config() != want {
		t.Errorf("the configuration is\n%+v, want\n%+v", m.Config(), want)
	}
	if s := m.Record().Data.Shape; s.Height != 11 || s.Width != 11 {
		t.Errorf("images are %v, want 11×11", s)
	}
}

func TestFitConfigFile(t *testing.T) {
	data := idxData(t, 40, 0)
	first := fitSmall(t, data, "--threshold", "0.7", "--seed", "3")
	config, err := json.Marshal(mustJSON(t, nil, "info", first)["config"])
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	file, second := filepath.Join(dir, "config.json"), filepath.Join(dir, "model.safetensors")
	write(t, file, config)
	must(t, "fit", data, "-o", second, "--config", file, "--quiet")
	if !bytes.Equal(read(t, first), read(t, second)) {
		t.Error("the model of the printed configuration differs from the model it was printed of")
	}

	for says, text := range map[string]string{
		"atomz":                      strings.Replace(string(config), "atoms", "atomz", 1),
		`"Atoms"`:                    strings.Replace(string(config), "atoms", "Atoms", 1),
		`"atoms" comes twice`:        strings.Replace(string(config), "{", `{"atoms": 7,`, 1),
		`"context.kind" comes twice`: strings.Replace(string(config), `"kind"`, `"kind": "image", "kind"`, 1),
		"after top-level":            string(config) + "{}",
		"patch is 0":                 "{}",
		"config.json:":               "[",
		"more than 1048576 bytes":    strings.Repeat(" ", 1<<20+1),
	} {
		write(t, file, []byte(text))
		mustFail(t, exitUsage, []string{says}, "fit", data, "-o", second, "--config", file)
	}
	mustFail(t, exitUsage, []string{"--preset", "--config", "one of them"}, "fit", data, "-o", second, "--config", file, "--preset", "mnist")
}

func TestFitSameBytesForAnyWorkers(t *testing.T) {
	for name, data := range map[string]string{"gray": idxData(t, 200, 0), "colour": pngData(t, 60)} {
		serial, parallel := read(t, fitSmall(t, data, "--workers", "1")), read(t, fitSmall(t, data, "--workers", "2"))
		if !bytes.Equal(serial, parallel) {
			t.Errorf("%s: the models of 1 and of 2 workers differ", name)
		}
		if other := read(t, fitSmall(t, data, "--seed", "2")); bytes.Equal(serial, other) {
			t.Errorf("%s: the models of two seeds are the same", name)
		}
	}
}

func TestFitInterruptedGoesOn(t *testing.T) {
	data := idxData(t, cooccur.BatchGroups+10, 0)
	path := filepath.Join(t.TempDir(), "model.safetensors")
	args := slices.DeleteFunc(append([]string{"fit", data, "-o", path, "--json"}, small...), func(s string) bool { return s == "--quiet" })

	o := stopped(t, fmt.Sprintf("statistics: %d of %d", cooccur.BatchGroups, cooccur.BatchGroups+10), args...)
	o.wantFailure(t, exitFailure, "interrupted", path+".partial", "same command")
	if exists(path) || !exists(path+".partial") {
		t.Fatal("want no model and a .partial after the interruption")
	}

	if o := smtRun(t, args...); o.code != 0 || !strings.Contains(o.stderr, "work that was kept") {
		t.Errorf("going on: exit code %d, %s", o.code, o.stderr)
	}
	if exists(path + ".partial") {
		t.Error("the .partial is still there")
	}
	if whole := fitSmall(t, data); !bytes.Equal(read(t, path), read(t, whole)) {
		t.Error("the model fitted in two runs differs from the one fitted at once")
	}
}

// TestSignal interrupts the program itself.
func TestSignal(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Skip(err)
	}
	path := filepath.Join(t.TempDir(), "model.safetensors")
	cmd := exec.CommandContext(t.Context(), self, "fit", idxData(t, 20_000, 0), "-o", path, "--atoms", "256", "--dims", "8", "--images", "0", "--json")
	cmd.Env = append(os.Environ(), "SMT_TEST_MAIN=1")
	var stdout bytes.Buffer
	stderr := &cancelAt{line: "statistics", cancel: func() { _ = cmd.Process.Signal(os.Interrupt) }}
	cmd.Stdout, cmd.Stderr = &stdout, stderr
	_ = cmd.Run() // its code is looked at
	o := outcome{cmd.ProcessState.ExitCode(), stdout.String(), stderr.told.String()}
	o.wantFailure(t, exitFailure, "interrupted")
	if exists(path) {
		t.Error("an interrupted fit left a model")
	}
}

// Where there are too few atoms, fit says which flags ask for those that there are, and they do.
func TestFitWithTooFewAtoms(t *testing.T) {
	data, out := idxData(t, 40, 0), filepath.Join(t.TempDir(), "m")
	fit := []string{"fit", data, "-o", out, "--dims", "2", "--skip", "0", "--quiet"}
	o := smtRun(t, append(fit, "--atoms", "20", "--max-cosine", "0.3")...)
	o.wantFailure(t, exitFailure, "of the patches of 40 images", "of 20 atoms")
	_, hint, said := strings.Cut(o.stderr, " patches drawn: --atoms ")
	if !said {
		t.Fatalf("no flags in %q", o.stderr)
	}
	atoms, hint, _ := strings.Cut(hint, " or --max-cosine ")
	must(t, append(fit, "--atoms", atoms, "--max-cosine", "0.3")...)
	cosine, _, said := strings.Cut(hint, " would do")
	if !said {
		t.Fatalf("no cosine in %q", o.stderr)
	}
	must(t, append(fit, "--atoms", "20", "--max-cosine", cosine)...)
}
