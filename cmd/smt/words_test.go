package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sparse-manifold/smt/cooccur"
	"github.com/sparse-manifold/smt/export"
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

func TestNearest(t *testing.T) {
	model := fitWordsSmall(t)
	m, err := words.Load(model)
	if err != nil {
		t.Fatal(err)
	}
	near, err := m.Nearest("ad", 3)
	if err != nil {
		t.Fatal(err)
	}
	out := must(t, "nearest", model, "AD", "be", "-k", "3")
	if want := neighbours(near); !strings.Contains(out, "AD   "+want) || strings.Count(out, "\n") != 2 {
		t.Errorf("nearest prints\n%s, want %s", out, want)
	}
	var found struct {
		Words []nearWord `json:"words"`
	}
	decodeInto(t, must(t, "nearest", model, "ad", "be", "--json"), &found)
	if len(found.Words) != 2 || found.Words[1].Word != "be" || len(found.Words[1].Nearest) != 10 || found.Words[0].Nearest[0] != near[0] {
		t.Errorf("nearest --json: %+v", found)
	}
	near, err = m.Analogy("ad", "ae", "bd", 2)
	if err != nil {
		t.Fatal(err)
	}
	if out := must(t, "analogy", model, "ad", "ae", "bd", "-k", "2"); !strings.Contains(out, "ad is to ae as bd is to   "+neighbours(near)) {
		t.Errorf("analogy prints\n%s", out)
	}
	mustFail(t, exitUsage, []string{`"aad"`, "did you mean ad"}, "nearest", model, "ad", "aad")
	mustFail(t, exitUsage, []string{`"zzz"`, "words of the model"}, "analogy", model, "ad", "zzz", "bd")
	mustFail(t, exitUsage, []string{"WORD is missing"}, "nearest", model)
	mustFail(t, exitUsage, []string{"-k is 0: want 1 or more"}, "nearest", model, "ad", "-k", "0")
	mustFail(t, exitUsage, []string{"-k is -2: want 1 or more"}, "analogy", model, "ad", "ae", "bd", "-k", "-2")
	mustFail(t, exitUsage, []string{"ad, ae, AD has a word twice", "three different words"}, "analogy", model, "ad", "ae", "AD")
	images := fitSmall(t, idxData(t, 40, 0))
	mustFail(t, exitFailure, []string{`format is "smt-model", want "smt-words"`}, "nearest", images, "ad")
	mustFail(t, exitFailure, []string{"is a model of words: want one of images"}, "explain", model, idxData(t, 12, 0), "-o", filepath.Join(t.TempDir(), "report"))
}

func decodeInto(t *testing.T, out string, v any) {
	t.Helper()
	if err := json.Unmarshal([]byte(out), v); err != nil {
		t.Fatal(err)
	}
}

func TestMap(t *testing.T) {
	model, dir := fitWordsSmall(t), t.TempDir()
	drawing, page := filepath.Join(dir, "map.svg"), filepath.Join(dir, "map.html")
	if r := mustJSON(t, nil, "map", model, "-o", drawing); r["map"] != drawing || r["words"] != 58.0 {
		t.Errorf("map reports %v", r)
	}
	again := filepath.Join(dir, "again.svg")
	must(t, "map", model, "-o", again, "--workers", "1")
	if svg := read(t, drawing); !bytes.Equal(svg, read(t, again)) || !bytes.HasPrefix(svg, []byte("<svg")) || !bytes.Contains(svg, []byte(">ad<")) && !bytes.Contains(svg, []byte("<title>ad, ")) {
		t.Errorf("the map is\n%.300s", svg)
	}
	if r := mustJSON(t, nil, "map", model, "ad", "be", "-k", "5", "-o", page); r["words"] != 12.0 {
		t.Errorf("map of two words and their neighbours reports %v", r)
	}
	if html := string(read(t, page)); !strings.HasPrefix(html, "<!doctype html>") || !strings.Contains(html, `warmtext`) || strings.Contains(html, "http://") && !strings.Contains(html, "http://www.w3.org/2000/svg") {
		t.Errorf("the page is\n%.300s", html)
	}
	for says, args := range map[string][]string{
		"ends with .svg":  {"-o", filepath.Join(dir, "map.png")},
		`"zzz"`:           {"zzz", "-o", again},
		"-k is -1":        {"ad", "-k", "-1", "-o", again},
		"--words is 1":    {"--words", "1", "-o", again},
		"--words is 5001": {"--words", "5001", "-o", again},
	} {
		mustFail(t, exitUsage, []string{says}, append([]string{"map", model}, args...)...)
	}
	if out := must(t, "map", model, "-o", "-"); out != string(read(t, drawing)) {
		t.Errorf("the map on standard output is\n%.300s", out)
	}
	svg := filepath.Join(dir, "model.svg") // a model may have any name
	write(t, svg, read(t, model))
	mustFail(t, exitFailure, []string{"MODEL"}, "map", svg, "-o", svg)
}

func TestEmbedWords(t *testing.T) {
	model, dir := fitWordsSmall(t), t.TempDir()
	m, err := words.Load(model)
	if err != nil {
		t.Fatal(err)
	}
	out, ids := filepath.Join(dir, "words.npy"), filepath.Join(dir, "words.json")
	r := mustJSON(t, []string{"out", "ids", "shape"}, "embed", model, "-o", out, "--ids", ids)
	if shape := fmt.Sprint(r["shape"]); shape != fmt.Sprint([]int{len(m.Words()), 6}) {
		t.Errorf("embed reports %v", r)
	}
	var names []string
	decodeInto(t, string(read(t, ids)), &names)
	var want bytes.Buffer
	array, err := export.NewNPY[float32](&want, len(m.Words()), 6)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(array.Append(m.Vectors()), array.Close()); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(read(t, out), want.Bytes()) || !slices.Equal(names, m.Words()) {
		t.Errorf("the array or the words are not those of the model: %q", names)
	}
	other := filepath.Join(dir, "other.npy")
	mustFail(t, exitUsage, []string{"DATA is x", "want none"}, "embed", model, "x", "-o", other)
	mustFail(t, exitUsage, []string{"--whiten is for images"}, "embed", model, "-o", other, "--whiten", "3")
	mustFail(t, exitUsage, []string{"DATA is missing"}, "embed", fitSmall(t, idxData(t, 40, 0)), "-o", other)
	if exists(other) {
		t.Error("an embed that failed wrote a file")
	}
}

// The demonstration shows what it says: near are words of which one may stand where the other does.
func TestDemoWords(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "demo")
	var r struct {
		Model, Map    string
		Words         []nearWord `json:"words"`
		Invariance    float64    `json:"invariance"`
		EigenvalueSum float64    `json:"eigenvalue_sum"`
	}
	decodeInto(t, must(t, "demo", "words", "-o", dir, "--json"), &r)
	near := map[string]string{"david": "saul", "jerusalem": "babylon", "gold": "silver", "bread": "unleavened", "sword": "famine", "wife": "daughter"}
	if len(r.Words) != len(near) {
		t.Errorf("%d words, want %d", len(r.Words), len(near))
	}
	for _, w := range r.Words {
		if !slices.ContainsFunc(w.Nearest, func(n words.Neighbour) bool { return n.Word == near[w.Word] }) {
			t.Errorf("nearest to %s are %+v, want %s among them", w.Word, w.Nearest, near[w.Word])
		}
	}
	if r.Invariance < 0.999*r.EigenvalueSum || r.Invariance > 1.001*r.EigenvalueSum {
		t.Errorf("invariance %g, sum of the eigenvalues %g: want as much", r.Invariance, r.EigenvalueSum)
	}
	if !exists(r.Map) {
		t.Errorf("no %s", r.Map)
	}
	if out := must(t, "nearest", r.Model, "silver", "-k", "2"); !strings.HasPrefix(out, "silver") || !strings.Contains(out, "gold") {
		t.Errorf("nearest prints %s", out)
	}
	if out := must(t, "demo", "words", "-o", dir); !strings.Contains(out, "King James") {
		t.Errorf("the demonstration prints\n%s", out)
	}
}

// The model is saved when it is learned: stopping the map, which takes as long, leaves it.
func TestDemoWordsSavesTheModelFirst(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "demo")
	o := stopped(t, "map: 0 of", "demo", "words", "-o", dir)
	o.wantFailure(t, exitFailure, "interrupted")
	if _, err := words.Load(filepath.Join(dir, "model.safetensors")); err != nil {
		t.Error(err)
	}
	if exists(filepath.Join(dir, "map.html")) {
		t.Error("a map that was stopped was written")
	}
}
