package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sparse-manifold/smt/export"
	"github.com/sparse-manifold/smt/words"
)

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
	mustFail(t, exitUsage, []string{`WORD is "": want a word; see`}, "nearest", model, "ad", "")
	mustFail(t, exitUsage, []string{`C is "": want a word; see`}, "analogy", model, "ad", "be", "")
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
