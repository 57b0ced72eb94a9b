// Package memorytest compares estimates of memory with the peaks of processes that do the
// work: the test's own program, started once more for each case.
package memorytest

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sparse-manifold/smt/internal/memory"
	"github.com/sparse-manifold/smt/internal/simd"
)

// variable has the case in the environment of a child process.
const variable = "SMT_TEST_PEAK"

// Main is the TestMain of a package that compares. In a process that Compare started, work
// does what the case says, and returns the estimate of its peak and the peak.
func Main[C any](m *testing.M, work func(c C) (estimate, peak int64, err error)) {
	text := os.Getenv(variable)
	if text == "" {
		os.Exit(m.Run())
	}
	var c C
	var estimate, peak int64
	err := json.Unmarshal([]byte(text), &c)
	if err == nil {
		memory.Tune()
		estimate, peak, err = work(c)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(estimate, peak)
	os.Exit(0)
}

// Skip skips a test that compares where nothing can be said, or where it takes too long.
func Skip(t *testing.T) {
	t.Helper()
	switch {
	case memory.Peak() == 0:
		t.Skip("the system does not tell")
	case RaceDetector:
		t.Skip("the race detector takes memory of its own")
	case testing.Short(), simd.Tier() == "generic":
		t.Skip("it takes minutes")
	}
}

// reserve is the time that a case is let begin with. Of go test's ten minutes the first is for cases: the slowest
// takes one on two slow cores, and all of them a quarter of an hour, which make peaks has.
const reserve = 9 * time.Minute

// Late skips a case for which go test has too little time left.
func Late(t *testing.T) {
	t.Helper()
	if end, bounded := t.Deadline(); bounded && time.Until(end) < reserve {
		t.Skip("there is too little time left: make peaks has it")
	}
}

// floor is the size of process from which on estimates have to be right: a program that
// does nothing takes 10 to 20 MB, and Go collects no garbage before there are some more.
const floor = 96 << 20

// Compare has a process do the work of a case, which becomes JSON on the way, and reports
// an estimate that is not within a quarter of the peak. A peak hangs on when garbage was
// collected too, and that on what else the machine does: one that is out is taken three
// times, and the one in the middle counts.
func Compare(t *testing.T, c any) {
	t.Helper()
	estimate, peak := measure(t, c)
	if out(estimate, peak) {
		peaks := []int64{peak}
		for range 2 {
			_, peak := measure(t, c)
			peaks = append(peaks, peak)
		}
		slices.Sort(peaks)
		peak = peaks[1]
	}
	if out(estimate, peak) {
		t.Errorf("estimated %d bytes, measured %d: want %.2f to be within a quarter of 1", estimate, peak, float64(estimate)/float64(peak))
	}
}

func out(estimate, peak int64) bool {
	ratio := float64(estimate) / float64(peak)
	return max(estimate, peak) > floor && (ratio < 0.75 || ratio > 1.25)
}

func measure(t *testing.T, c any) (estimate, peak int64) {
	t.Helper()
	text, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), variable+"="+string(text))
	var complaint strings.Builder
	child.Stderr = &complaint
	printed, err := child.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, complaint.String())
	}
	if _, err := fmt.Sscan(string(printed), &estimate, &peak); err != nil {
		t.Fatalf("%q: %v", printed, err)
	}
	t.Logf("estimated %.1f MB, measured %.1f MB: %.2f", float64(estimate)/1e6, float64(peak)/1e6, float64(estimate)/float64(peak))
	return estimate, peak
}
