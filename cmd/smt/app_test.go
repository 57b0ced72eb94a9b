package main

import (
	"bytes"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/sparse-manifold/smt"
	"github.com/spf13/cobra"
)

func TestEveryCommandHasHelp(t *testing.T) {
	var visit func(c *cobra.Command)
	visit = func(c *cobra.Command) {
		if c.Short == "" || !strings.Contains(c.Example, c.CommandPath()) {
			t.Errorf("%s: no short description, or no example of it", c.CommandPath())
		}
		args := append(strings.Fields(c.CommandPath())[1:], "--help")
		if out := must(t, args...); !strings.Contains(out, "--json") || !strings.Contains(out, "Examples:") {
			t.Errorf("smt %s prints\n%s", strings.Join(args, " "), out)
		}
		for _, below := range c.Commands() {
			visit(below)
		}
	}
	visit(newApp(nil, nil).root())
}

func TestVersion(t *testing.T) {
	if out := must(t, "version"); !strings.HasPrefix(out, "smt "+smt.Version()) {
		t.Errorf("smt version prints %q", out)
	}
	v := mustJSON(t, []string{"version", "go", "platform"}, "version")
	if v["version"] != smt.Version() {
		t.Errorf("version %v, want %s", v["version"], smt.Version())
	}
}

func TestWrongUsage(t *testing.T) {
	gray, unsplit := idxData(t, 40, 8), idxData(t, 40, 0)
	model := fitSmall(t, gray)
	out := filepath.Join(t.TempDir(), "out")
	for _, c := range []struct {
		says string
		args []string
	}{
		{"no command", nil},
		{"no command", []string{"data"}},
		{`"fti"`, []string{"fti"}},
		{`"gte"`, []string{"data", "gte", "mnist"}},
		{"--nonsense", []string{"version", "--nonsense"}},
		{"--workers", []string{"version", "--workers", "-1"}},
		{"--seed", []string{"version", "--seed", "-1"}},
		{`"extra"`, []string{"version", "extra"}},
		{`"extra"`, []string{"demo", "extra"}},
		{"DATA is missing", []string{"fit"}},
		{"out", []string{"fit", gray}},
		{"cifar, mnist", []string{"fit", gray, "-o", out, "--preset", "imagenet"}},
		{"idx, cifar10, cifar100, folder", []string{"fit", gray, "-o", out, "--format", "tar"}},
		{"32x32", []string{"fit", gray, "-o", out, "--size", "big"}},
		{"atoms is 1", []string{"fit", gray, "-o", out, "--atoms", "1"}},
		{"--atoms", []string{"fit", gray, "-o", out, "--atoms", "many"}},
		{"threshold is 2", []string{"fit", gray, "-o", out, "--threshold", "2"}},
		{"general, nearest, soft", []string{"fit", gray, "-o", out, "--code", "hard"}},
		{"radius 0", []string{"fit", gray, "-o", out, "--context", "window", "--radius", "0"}},
		{"--holdout is 40", []string{"fit", gray, "-o", out, "--holdout", "40"}},
		{"--holdout is -1", []string{"fit", gray, "-o", out, "--holdout", "-1"}},
		{"no test split", []string{"fit", unsplit, "-o", out, "--split", "test"}},
		{"MODEL is missing", []string{"embed"}},
		{"out", []string{"embed", model, gray}},
		{"train, test, all", []string{"embed", model, gray, "-o", out, "--split", "validation"}},
		{"no test split", []string{"embed", model, unsplit, "-o", out, "--split", "test"}},
		{"DATA is missing", []string{"eval", model}},
		{"--k is -3", []string{"eval", model, gray, "--k", "-3"}},
		{"--temperature is -1", []string{"eval", model, gray, "--temperature", "-1"}},
		{"--temperature is NaN", []string{"eval", model, gray, "--temperature", "NaN"}},
		{"auto, true, false", []string{"eval", model, gray, "--flips=maybe"}},
		{"without flips", []string{"eval", model, gray, "--flips"}},
		{"--test is 9", []string{"eval", model, gray, "--test", "9"}},
		{"--bank is 41", []string{"eval", model, gray, "--bank", "41"}},
		{"--holdout N", []string{"eval", model, unsplit}},
		{"--holdout is 40", []string{"eval", model, unsplit, "--holdout", "40"}},
		{"MODEL is missing", []string{"info"}},
		{"PATH is missing", []string{"data", "info"}},
		{"fashion-mnist", []string{"data", "get", "imagenet"}},
	} {
		t.Run(strings.Join(c.args, " "), func(t *testing.T) {
			mustFail(t, exitUsage, []string{c.says}, c.args...)
			mustFail(t, exitUsage, []string{c.says}, append(c.args, "--json")...)
		})
	}
}

func TestFailures(t *testing.T) {
	gray, colour := idxData(t, 40, 8), pngData(t, 8)
	model := fitSmall(t, gray)
	dir := t.TempDir()
	missing := filepath.Join(dir, "missing")
	damaged := filepath.Join(dir, "damaged.safetensors")
	write(t, damaged, read(t, model)[:1000])
	for _, c := range []struct {
		says []string
		args []string
	}{
		{[]string{missing}, []string{"fit", missing, "-o", missing}},
		{[]string{missing, "no such"}, []string{"fit", gray, "-o", filepath.Join(missing, "model")}},
		{[]string{dir, "folder"}, []string{"fit", gray, "-o", dir}},
		{[]string{missing}, []string{"fit", gray, "-o", filepath.Join(dir, "model"), "--config", missing}},
		{[]string{"smaller"}, []string{"fit", gray, "-o", filepath.Join(dir, "model"), "--patch", "15"}},
		{[]string{missing}, []string{"embed", missing, gray, "-o", filepath.Join(dir, "out")}},
		{[]string{missing}, []string{"embed", model, missing, "-o", filepath.Join(dir, "out")}},
		{[]string{missing}, []string{"eval", model, missing}},
		{[]string{damaged}, []string{"eval", damaged, gray}},
		{[]string{damaged}, []string{"info", damaged}},
		{[]string{missing}, []string{"info", missing}},
		{[]string{missing}, []string{"data", "info", missing}},
		{[]string{gray}, []string{"data", "info", gray, "--format", "cifar10"}},
		{[]string{gray, "resized"}, []string{"data", "info", gray, "--size", "32x32"}},
		{[]string{colour}, []string{"eval", model, colour, "--format", "idx"}},
	} {
		t.Run(strings.Join(c.args, " "), func(t *testing.T) {
			mustFail(t, exitFailure, c.says, c.args...)
			mustFail(t, exitFailure, c.says, append(c.args, "--json")...)
		})
	}
	if exists(filepath.Join(dir, "model")) || exists(filepath.Join(dir, "out")) {
		t.Error("a command that failed left a file")
	}
}

func TestWorkersAreGivenBack(t *testing.T) {
	before := runtime.GOMAXPROCS(0)
	must(t, "version", "--workers", "1")
	if after := runtime.GOMAXPROCS(0); after != before {
		t.Errorf("GOMAXPROCS is %d after the command, was %d", after, before)
	}
}

func TestErrorsAreOneLine(t *testing.T) {
	var stdout, stderr bytes.Buffer
	code := newApp(&stdout, &stderr).main(t.Context(), []string{"fit", "a\nb", "-o", "c"})
	if code != exitFailure || strings.Count(stderr.String(), "\n") != 1 {
		t.Errorf("exit code %d and %q", code, stderr.String())
	}
}
