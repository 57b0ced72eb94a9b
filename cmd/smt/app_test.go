package main

import (
	"bytes"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/sparse-manifold/smt"
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
			if below.Name() != "completion" { // cobra's
				visit(below)
			}
		}
	}
	visit(newApp(nil, nil).root())
}

func TestVersion(t *testing.T) {
	if out := must(t, "version"); !strings.HasPrefix(out, "smt "+smt.Version) {
		t.Errorf("smt version prints %q", out)
	}
	v := mustJSON(t, []string{"version", "go", "platform"}, "version")
	if v["version"] != smt.Version {
		t.Errorf("version %v, want %s", v["version"], smt.Version)
	}
	for _, flags := range [][]string{nil, {"--json"}} {
		if flag, command := must(t, append(flags, "--version")...), must(t, append(flags, "version")...); flag != command {
			t.Errorf("smt --version %v prints %q, smt version %q", flags, flag, command)
		}
	}
}

// With --json an error is the last line of standard error, an object; without, a line that
// begins with smt:, wherever --json stands and however early the command line is wrong.
func TestErrorsAsJSON(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "missing")
	for _, c := range []struct {
		code int
		json bool
		args []string
	}{
		{exitUsage, true, []string{"--json"}},
		{exitUsage, true, []string{"data", "--json"}},
		{exitUsage, true, []string{"explain", "--json"}},
		{exitUsage, true, []string{"fti", "--json"}},
		{exitUsage, true, []string{"--json", "fti"}},
		{exitUsage, true, []string{"--nonsense", "--json"}},
		{exitUsage, true, []string{"fit", "--json", "--nonsense"}},
		{exitUsage, true, []string{"fit", "--nonsense", "--json"}},
		{exitUsage, true, []string{"fit", "--atoms", "many", "--json=true"}},
		{exitUsage, true, []string{"fit", "--json"}},
		{exitUsage, true, []string{"help", "fti", "--json"}},
		{exitUsage, true, []string{"fti", "--help", "--json"}},
		{exitFailure, true, []string{"info", missing, "--json"}},
		{exitFailure, true, []string{"--json", "info", missing}},
		{exitUsage, false, []string{"fit", "--nonsense", "--json=false"}},
		{exitUsage, false, []string{"fit", "--nonsense", "--", "--json"}},
		{exitUsage, false, []string{"info", "--", missing, "--json"}},
		{exitFailure, false, []string{"info", missing}},
	} {
		o := smtRun(t, c.args...)
		o.wantFailure(t, c.code)
		if isJSON := strings.HasPrefix(o.stderr, `{"error":"`); isJSON != c.json || strings.Count(o.stderr, "\n") != 1 {
			t.Errorf("smt %s writes %q to standard error", strings.Join(c.args, " "), o.stderr)
		}
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
		{"idx, cifar10, cifar100, list, tar, folder", []string{"fit", gray, "-o", out, "--format", "zip"}},
		{"32x32", []string{"fit", gray, "-o", out, "--size", "big"}},
		{gray + ": --size 12×12: images are 14×14", []string{"fit", gray, "-o", out, "--size", "12x12"}},
		{"resized", []string{"data", "info", gray, "--size", "32x32"}},
		{gray + ": --depth 17: want 1 to 16", []string{"fit", gray, "-o", out, "--depth", "17"}},
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
		{"--k is 0: want at least 1", []string{"eval", model, gray, "--k", "0"}},
		{"--temperature is -1", []string{"eval", model, gray, "--temperature", "-1"}},
		{"--temperature is 0: want a positive", []string{"eval", model, gray, "--temperature", "0"}},
		{"--temperature is NaN", []string{"eval", model, gray, "--temperature", "NaN"}},
		{"--temperature is +Inf", []string{"eval", model, gray, "--temperature", "Inf"}},
		{"auto, true, false", []string{"eval", model, gray, "--flips=maybe"}},
		{"without flips", []string{"eval", model, gray, "--flips"}},
		{"--test is 9", []string{"eval", model, gray, "--test", "9"}},
		{"--bank is 41", []string{"eval", model, gray, "--bank", "41"}},
		{"--holdout N", []string{"eval", model, unsplit}},
		{"--holdout is 40", []string{"eval", model, unsplit, "--holdout", "40"}},
		{"MODEL is missing", []string{"info"}},
		{"PATH is missing", []string{"data", "info"}},
		{"fashion-mnist", []string{"data", "get", "imagenet"}},
		// A command that is no command, with and without flags, and help of one.
		{"did you mean fit?", []string{"fti"}},
		{"did you mean fit?", []string{"fti", gray, "-o", out}},
		{"did you mean fit?", []string{"fti", "--help"}},
		{"did you mean fit?", []string{"help", "fti"}},
		{`MODEL "toyy" is not there; did you mean toy?`, []string{"explain", "toyy", "-o", out}},
		{"did you mean get?", []string{"data", "gte", "--help"}},
		{`"nosuch" for "smt"`, []string{"help", "nosuch"}},
		{`"nosuch" for "smt data": want one of get, info`, []string{"help", "data", "nosuch"}},
		{`"fit" for "smt explain": want one of sources, toy`, []string{"help", "explain", "fit"}},
		{`unexpected argument "twice"`, []string{"help", "version", "twice"}},
		{`"tcsh" for "smt completion"`, []string{"completion", "tcsh"}},
		// Flags that are none.
		{`--atomz for "smt fit"; did you mean --atoms?`, []string{"fit", gray, "-o", out, "--atomz", "64"}},
		{"-atoms for \"smt fit\"; did you mean --atoms?", []string{"fit", gray, "-o", out, "-atoms", "64"}},
		{"-z for \"smt fit\"; see smt fit --help", []string{"fit", gray, "-o", out, "-z"}},
		// Values that are none.
		{`--atoms is "many": want a whole number`, []string{"fit", gray, "-o", out, "--atoms", "many"}},
		{`--atoms is "0x40": want a whole number`, []string{"fit", gray, "-o", out, "--atoms", "0x40"}},
		{`--seed is "1_0": want a whole number`, []string{"version", "--seed", "1_0"}},
		{"--test is 10", []string{"eval", model, gray, "--test", "010"}},
		{"--bank is of no use without DATA", []string{"explain", model, "-o", out, "--bank", "5"}},
		{"--test is of no use without DATA", []string{"explain", model, "-o", out, "--test", "5"}},
		{"--sample is of no use without DATA", []string{"explain", model, "-o", out, "--sample", "5"}},
		{"--size is of no use without DATA", []string{"explain", model, "-o", out, "--size", "5"}},
		{`--atoms is "1.5": want a whole number`, []string{"fit", gray, "-o", out, "--atoms", "1.5"}},
		{`--atoms is "": want a whole number`, []string{"fit", gray, "-o", out, "--atoms", ""}},
		{`--atoms is "99999999999999999999": want a smaller whole number`, []string{"fit", gray, "-o", out, "--atoms", "99999999999999999999"}},
		{`--threshold is "half": want a number`, []string{"fit", gray, "-o", out, "--threshold", "half"}},
		{`--threshold is "1e999": want a smaller number`, []string{"fit", gray, "-o", out, "--threshold", "1e999"}},
		{`--seed is "-1": want a whole number of at least 0`, []string{"version", "--seed", "-1"}},
		{`--quiet is "maybe": want true or false`, []string{"version", "--quiet=maybe"}},
		{`--split is "": want train, test`, []string{"fit", gray, "-o", out, "--split", ""}},
		{`--config is "": want FILE`, []string{"fit", gray, "-o", out, "--config", ""}},
		{`--labels is "": want FILE`, []string{"embed", model, gray, "-o", out, "--labels", ""}},
		{`--out is "": want MODEL`, []string{"fit", gray, "-o", ""}},
		{`DATA is ""`, []string{"fit", "", "-o", out}},
		{"--out MODEL is missing; see smt fit --help", []string{"fit", gray}},
		{"--workers is 2000: want 1 to 1024", []string{"version", "--workers", "2000"}},
		// Numbers that would run over, or that no file can hold.
		{"dims is 9223372036854775807", []string{"fit", gray, "-o", out, "--dims", "9223372036854775807", "--skip", "1"}},
		{"step is 9223372036854775807", []string{"fit", gray, "-o", out, "--context", "image", "--step", "9223372036854775807"}},
		{"max_cosine is +Inf", []string{"fit", gray, "-o", out, "--max-cosine", "Inf"}},
		{"epsilon is NaN", []string{"fit", gray, "-o", out, "--epsilon", "NaN"}},
	} {
		t.Run(strings.Join(c.args, " "), func(t *testing.T) {
			mustFail(t, exitUsage, []string{c.says}, c.args...)
			mustFail(t, exitUsage, []string{c.says}, append(c.args, "--json")...)
		})
	}
}

func TestFlagsWithoutValue(t *testing.T) {
	for says, args := range map[string][]string{
		"--atoms has no value: want a whole number": {"fit", "data", "--atoms"},
		"--split has no value: want train, test":    {"fit", "data", "--split"},
		"--out has no value: want MODEL":            {"fit", "data", "-o"},
	} {
		smtRun(t, args...).wantFailure(t, exitUsage, says)
	}
}

func TestFailures(t *testing.T) {
	gray, colour := idxData(t, 40, 8), pngData(t, 8)
	model := fitSmall(t, gray)
	dir := t.TempDir()
	missing := filepath.Join(dir, "missing")
	damaged := filepath.Join(dir, "damaged.safetensors")
	write(t, damaged, read(t, model)[:1000])
	text := filepath.Join(dir, "passwd")
	write(t, text, []byte("root:x:0:0:root:/root:/bin/bash\n"))
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
		{[]string{text, "not a safetensors file"}, []string{"eval", text, gray}},
		{[]string{missing}, []string{"info", missing}},
		{[]string{missing}, []string{"data", "info", missing}},
		{[]string{gray}, []string{"data", "info", gray, "--format", "cifar10"}},
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
