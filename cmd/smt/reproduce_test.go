package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// tableData is a folder of data sets that has digits only.
func tableData(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.Rename(idxData(t, 300, 40), filepath.Join(dir, "mnist")); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestReproduce(t *testing.T) {
	data, out := tableData(t), filepath.Join(t.TempDir(), "out")
	command := []string{"reproduce", "mnist", "--quick", "--data", data, "--out", out}
	r := mustJSON(t, []string{"out", "results"}, command...)
	rows := r["results"].([]any)
	if len(rows) != 1 || r["out"] != out {
		t.Fatalf("reproduce reports %v", r)
	}
	row := rows[0].(map[string]any)
	for key, want := range map[string]any{"row": "mnist", "paper": 0.993, "seed": 1.0, "quick": true} {
		if row[key] != want {
			t.Errorf("%s is %v, want %v", key, row[key], want)
		}
	}
	for _, key := range []string{"top1", "top5", "probe", "corrected_top1"} {
		if v := row[key].(float64); v < 0.5 || v > 1 { // chance is 1/4
			t.Errorf("%s is %g", key, v)
		}
	}
	o := smtRun(t, command...)
	for _, says := range []string{"row", "paper", "corrected", "mnist", "99.30", "Quick results", "results.json"} {
		if !strings.Contains(o.stdout, says) {
			t.Errorf("reproduce does not print %q:\n%s", says, o.stdout)
		}
	}
	if o.code != 0 || !strings.Contains(o.stderr, "mnist is done") {
		t.Errorf("exit code %d, and on standard error %q", o.code, o.stderr)
	}
	for _, file := range []string{"results.json", "results.md", "mnist/metrics.json", "mnist/log"} {
		if !exists(filepath.Join(out, file)) {
			t.Errorf("there is no %s", file)
		}
	}
	wantText(t, "reproduce", o.stdout, "mnist is fitted on 300 images, statistics of 200 of them")
	zero := mustJSON(t, nil, append(command[:len(command)-1:len(command)-1], t.TempDir(), "--seed", "0")...)
	wantJSON(t, "reproduce --seed 0", zero["results"].([]any)[0].(map[string]any), map[string]any{"seed": 0.0})
	mustFail(t, exitFailure, []string{out, "quick"}, "reproduce", "mnist", "--data", data, "--out", out)
}

func TestReproduceErrors(t *testing.T) {
	data, out := tableData(t), t.TempDir()
	mustFail(t, exitUsage, []string{`"svhn"`, "mnist, mnist-best, cifar10-8192"}, "reproduce", "svhn", "--data", data, "--out", out)
	mustFail(t, exitFailure, []string{filepath.Join(data, "cifar-10-batches-bin"), "smt data get cifar10"}, "reproduce", "--data", data, "--out", out)
}

func TestReproduceInterrupted(t *testing.T) {
	data, out := tableData(t), t.TempDir()
	o := stopped(t, "embedding train: 192", "reproduce", "mnist", "--quick", "--data", data, "--out", out)
	o.wantFailure(t, exitFailure, "interrupted", "mnist", "same command goes on")
	again := smtRun(t, "reproduce", "mnist", "--quick", "--data", data, "--out", out)
	if again.code != 0 || !strings.Contains(again.stderr, "the model is there") || !strings.Contains(again.stderr, "going on with the embeddings") {
		t.Errorf("exit code %d, and it said\n%s", again.code, again.stderr)
	}
}
