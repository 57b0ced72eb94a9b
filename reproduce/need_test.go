package reproduce

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/internal/memory"
	"github.com/sparse-manifold/smt/internal/simd"
)

// raceDetector says that the tests run under it.
var raceDetector bool

// peakVariable has the options of a run in the environment of a child process.
const peakVariable = "SMT_TEST_PEAK"

func TestMain(m *testing.M) {
	text := os.Getenv(peakVariable)
	if text == "" {
		os.Exit(m.Run())
	}
	var opt Options
	var peak int64
	err := json.Unmarshal([]byte(text), &opt)
	if err == nil {
		memory.Tune()
		var report *Report
		if report, err = run(context.Background(), opt, judgedRows()); err == nil {
			peak = report.Results[0].Judged[0].Judged.Peak
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(peak)
	os.Exit(0)
}

// judgedRows are of models that are soon fitted and of embeddings that take some memory
// to judge: of one model and of two.
func judgedRows() []row {
	c := preset("cifar")
	c.Atoms, c.MaxCosine, c.Sample, c.Images, c.Dims, c.Skip, c.Ridge = 512, 1.5, 100, 50, 384, 8, 1e-3
	one, gray := member{smt.Part{Config: c}, 1}, member{smt.Part{Config: c, Gray: true}, 1}
	return []row{
		{"one", cifar10, 0, 0, []member{one}, 0.03, 0.05, 0.05, 1},
		{"two", cifar10, 0, 0, []member{one, gray}, 0.03, 0.05, 0.05, 1},
	}
}

// The estimate of what judging takes is within a quarter of what it takes.
func TestJudgingMemory(t *testing.T) {
	switch {
	case memory.Peak() == 0:
		t.Skip("the system does not tell")
	case raceDetector:
		t.Skip("the race detector takes memory of its own")
	case testing.Short(), simd.Tier() == "generic":
		t.Skip("it takes a minute")
	}
	const train, test = 2500, 500
	dir := t.TempDir()
	writeTen(t, dir, rand.New(rand.NewPCG(5, 6)), train, test)
	for _, w := range judgedRows() {
		t.Run(w.name, func(t *testing.T) {
			text, err := json.Marshal(struct { // Options but for functions
				Rows      []string
				Data, Out string
				Seed      uint64
			}{[]string{w.name}, dir, filepath.Join(t.TempDir(), "out"), 1})
			if err != nil {
				t.Fatal(err)
			}
			child := exec.Command(os.Args[0])
			child.Env = append(os.Environ(), peakVariable+"="+string(text))
			var complaint strings.Builder
			child.Stderr = &complaint
			out, err := child.Output()
			if err != nil {
				t.Fatalf("%v: %s", err, complaint.String())
			}
			var peak int64
			if _, err := fmt.Sscan(string(out), &peak); err != nil {
				t.Fatalf("%q: %v", out, err)
			}
			estimate := w.judgingMemory(dataset.Shape{Height: 32, Width: 32, Channels: 3}, train, test, 10)
			ratio := float64(estimate) / float64(peak)
			t.Logf("estimated %.1f MB, measured %.1f MB: %.2f", float64(estimate)/1e6, float64(peak)/1e6, ratio)
			if ratio < 0.75 || ratio > 1.25 {
				t.Errorf("estimated %d bytes, measured %d: want %.2f to be within a quarter of 1", estimate, peak, ratio)
			}
		})
	}
}
