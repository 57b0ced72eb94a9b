package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sparse-manifold/smt/cooccur"
	"github.com/sparse-manifold/smt/words"
)

// corpus is a file of lines of one of a few topics, each with words of its own.
func corpus(t testing.TB, lines int) string {
	t.Helper()
	rng := rand.New(rand.NewPCG(1, 1))
	var b strings.Builder
	for range lines {
		topic := 'a' + rng.IntN(6)
		for range 20 {
			if w := 'a' + rng.IntN(12); w < 'd' {
				fmt.Fprintf(&b, "The %c. ", w)
			} else {
				fmt.Fprintf(&b, "%c%c, ", topic, w)
			}
		}
		b.WriteString("\n")
	}
	path := filepath.Join(t.TempDir(), "corpus.txt")
	write(t, path, []byte(b.String()))
	return path
}

var smallWords = []string{"--dims", "6", "--radius", "3", "--quiet"}

func fitWordsSmall(t testing.TB, args ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "words.safetensors")
	must(t, append(append([]string{"fit", corpus(t, 400), "-o", path}, smallWords...), args...)...)
	return path
}

func TestFitWords(t *testing.T) {
	data, path := corpus(t, 400), filepath.Join(t.TempDir(), "words.safetensors")
	r := mustJSON(t, []string{"model_bytes", "data", "config", "read_seconds", "fit_seconds", "peak_rss_bytes", "invariance", "variance", "covariance", "eigenvalue_sum"},
		append([]string{"fit", data, "-o", path, "--min-count", "3"}, smallWords...)...)
	if r["model"] != path || exists(path+".partial") {
		t.Errorf("fit reports %v", r)
	}
	m, err := words.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	want := words.Default()
	want.MinCount, want.Dims, want.Context.Radius = 3, 6, 3
	if m.Config() != want || m.Data().Lines != 400 {
		t.Errorf("the configuration is %+v, of %+v", m.Config(), m.Data())
	}
	out := must(t, append([]string{"fit", data, "-o", path, "--preset", "words"}, smallWords...)...)
	for _, says := range []string{"words in 400 lines", "vocabulary", "invariance", "must equal the sum"} {
		if !strings.Contains(out, says) {
			t.Errorf("no %q in\n%s", says, out)
		}
	}
	info := must(t, "info", path)
	for _, says := range []string{"of words", "6 values a word", `"min_count": 10`, "eigenvalues"} {
		if !strings.Contains(info, says) {
			t.Errorf("no %q in\n%s", says, info)
		}
	}
	if r := mustJSON(t, []string{"config", "data", "eigenvalues", "invariance"}, "info", path); r["dim"] != 6.0 {
		t.Errorf("info reports %v", r)
	}
	if c := m.Config().Context; c.Kind != cooccur.Window {
		t.Errorf("context %+v", c)
	}
}

func TestFitWordsSameBytesForAnyWorkers(t *testing.T) {
	serial := read(t, fitWordsSmall(t, "--workers", "1"))
	for _, workers := range []string{"2", "3", "4"} {
		if !bytes.Equal(serial, read(t, fitWordsSmall(t, "--workers", workers))) {
			t.Errorf("the model of %s workers is another than that of 1", workers)
		}
	}
	if bytes.Equal(serial, read(t, fitWordsSmall(t, "--seed", "2"))) {
		t.Error("the models of two seeds are the same")
	}
}

func TestFitWordsRefuses(t *testing.T) {
	data, dir := corpus(t, 30), t.TempDir()
	out := filepath.Join(dir, "model")
	for text, says := range map[string]string{
		"": "no word in it", "one two\n": "comes up 10 times", "caf\xe9": "0xe9",
		strings.Repeat("a b c d\n", 30): "reaches 8 words, and the longest of 30 lines has 4",
	} {
		bad := filepath.Join(dir, "bad.txt")
		write(t, bad, []byte(text))
		mustFail(t, exitFailure, []string{says}, "fit", bad, "-o", out, "--dims", "2")
	}
	mustFail(t, exitFailure, []string{"no tab"}, "fit", func() string {
		bad := filepath.Join(dir, "bad.tsv")
		write(t, bad, []byte("one two\n"))
		return bad
	}(), "-o", out)
	mustFail(t, exitUsage, []string{"--dims is 0: want"}, "fit", data, "-o", out, "--dims", "0")
	mustFail(t, exitUsage, []string{"--min-count is -1: want"}, "fit", data, "-o", out, "--min-count", "-1")
	mustFail(t, exitUsage, []string{"--radius is 201: want 1 to 200"}, "fit", data, "-o", out, "--radius", "201")
	mustFail(t, exitUsage, []string{"--radius is 0: want 1 to 200"}, "fit", data, "-o", out, "--radius", "0")
	mustFail(t, exitFailure, []string{"DATA"}, "fit", data, "-o", data)
	mustFail(t, exitFailure, []string{filepath.Join(dir, "none.txt")}, "fit", filepath.Join(dir, "none.txt"), "-o", out)
	if exists(out) {
		t.Error("a fit that failed wrote a model")
	}
}

// Words that share no context with the others are left out and named, in text and JSON, and have no neighbours. Of
// two languages that never meet the fit is refused, with the file.
func TestFitWordsApart(t *testing.T) {
	text, err := os.ReadFile(corpus(t, 400))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	data, out := filepath.Join(dir, "apart.txt"), filepath.Join(dir, "model")
	write(t, data, append(slices.Clone(text), strings.Repeat("alone\n", 12)+strings.Repeat("twin pair\npair twin\n", 11)...))
	const says = "3 words, sharing no context with the vocabulary: pair (22), twin (22), alone (12)"
	if s := must(t, append([]string{"fit", data, "-o", out}, smallWords...)...); !strings.Contains(s, says) {
		t.Errorf("no %q in\n%s", says, s)
	}
	if s := must(t, "info", out); !strings.Contains(s, says) {
		t.Errorf("no %q in\n%s", says, s)
	}
	if s := must(t, "info", out, "--json"); !strings.Contains(s, `"word": "alone"`) {
		t.Errorf("no words apart in\n%s", s)
	}
	mustFail(t, exitUsage, []string{`"alone" comes up 12 times and shares no context`}, "nearest", out, "alone")
	must(t, "map", out, "-o", filepath.Join(dir, "map.svg"))
	must(t, "embed", out, "-o", filepath.Join(dir, "words.npy"))

	write(t, data, append(slices.Clone(text), strings.NewReplacer("a", "α", "b", "β", "c", "γ", "d", "δ", "e", "ε", "f", "φ", "g", "γγ", "h", "η", "i", "ι", "j", "ξ", "k", "κ", "l", "λ", "The", "το").Replace(string(text))...))
	mustFail(t, exitFailure, []string{data, "the vocabulary is in 2 pieces, of", "which share no context", "(το,", "7 coordinates want one piece"}, append([]string{"fit", data, "-o", filepath.Join(dir, "none")}, smallWords...)...)
}

// A fit goes by the configuration of another, as smt info has it, but for what flags say.
func TestFitWordsByConfig(t *testing.T) {
	m, err := words.Load(fitWordsSmall(t, "--min-count", "3"))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	file, out := filepath.Join(dir, "config.json"), filepath.Join(dir, "model")
	config := func(change func(c *words.Config)) {
		t.Helper()
		c := m.Config()
		change(&c)
		b, err := json.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		write(t, file, b)
	}
	config(func(c *words.Config) { c.Share, c.Seed = 0.5, 7 })
	must(t, "fit", corpus(t, 400), "-o", out, "--config", file, "--preset", "words", "--dims", "5", "--quiet")
	got, err := words.Load(out)
	if err != nil {
		t.Fatal(err)
	}
	want := m.Config()
	want.Share, want.Seed, want.Dims = 0.5, 7, 5
	if got.Config() != want {
		t.Errorf("configuration %+v, want %+v", got.Config(), want)
	}
	fails := func(says string, more ...string) {
		t.Helper()
		mustFail(t, exitUsage, []string{says}, append([]string{"fit", corpus(t, 30), "-o", out, "--config", file}, more...)...)
	}
	config(func(c *words.Config) { c.MinCount = 0 })
	fails("config " + file + ": min_count is 0")
	fails("--dims is 0", "--min-count", "2", "--dims", "0")
	write(t, file, []byte(`{"min_count":3,"atoms":9}`))
	fails("atoms")
	mustFail(t, exitFailure, []string{"--config"}, "fit", corpus(t, 30), "-o", file, "--config", file)
}

// The stages of a fit have names.
func TestFitWordsNamesItsStages(t *testing.T) {
	var stdout, stderr bytes.Buffer
	a := newApp(&stdout, &stderr)
	a.every = 0
	if code := a.main(t.Context(), []string{"fit", corpus(t, 400), "-o", filepath.Join(t.TempDir(), "m"), "--dims", "6"}); code != 0 {
		t.Fatalf("exit %d: %s", code, stderr.String())
	}
	if told := stderr.String(); !strings.Contains(told, "\nsolving: ") || strings.Contains(told, "\n: ") || strings.HasPrefix(told, ": ") {
		t.Errorf("progress is\n%s", told)
	}
}

func TestFitWordsIsInterrupted(t *testing.T) {
	data, path := corpus(t, 400), filepath.Join(t.TempDir(), "words.safetensors")
	o := stopped(t, "statistics: 0 of 400", "fit", data, "-o", path, "--dims", "6")
	o.wantFailure(t, exitFailure, "interrupted")
	if exists(path) {
		t.Error("a fit that was stopped left a model")
	}
}
