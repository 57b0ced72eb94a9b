//go:build unix

package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/sparse-manifold/smt/cooccur"
)

// A model that cannot be written, as the disk is full, costs the solving and no more: its
// statistics stay until it is saved. Files of some size stand in for the disk.
func TestFitOnFullDisk(t *testing.T) {
	shell, err := exec.LookPath("sh")
	if err != nil {
		t.Skip(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Skip(err)
	}
	const images = 300
	data, dir := idxData(t, images, 0), t.TempDir()
	path := filepath.Join(dir, "model.safetensors")
	// A model of 32 KB, statistics of 15.
	fit := []string{"fit", data, "-o", path, "--preset", "mnist", "--images", "0", "--context", "image",
		"--atoms", "40", "--patch", "12", "--pool", "2", "--dims", "32", "--max-cosine", "0.95"}
	v := started(t, exec.CommandContext(t.Context(), shell, append([]string{"-c", `ulimit -f 40 && exec "$0" "$@"`, self}, fit...)...))
	v.outcome().wantFailure(t, exitFailure, path, "too large", "same command goes on from "+path+partial)
	if found := names(t, dir); len(found) != 1 || found[0] != filepath.Base(path)+partial {
		t.Fatalf("files are %q, want the statistics alone", found)
	}

	v = startVictim(t, fit...)
	if o := v.outcome(); o.code != 0 {
		t.Fatalf("exit code %d\n%s", o.code, o.stderr)
	}
	if from, _ := v.counted(); from != images {
		t.Errorf("the next fit counted from image %d of %d on", from, images)
	}
	if found := names(t, dir); len(found) != 1 || found[0] != filepath.Base(path) {
		t.Errorf("files are %q, want the model alone", found)
	}
	whole := filepath.Join(t.TempDir(), "model.safetensors")
	fit[3] = whole
	must(t, append(fit, "--quiet")...)
	if !bytes.Equal(read(t, path), read(t, whole)) {
		t.Error("the model differs from that of a fit that could be saved")
	}

	// Where the statistics are what is too large the fit goes on, and says so once.
	fit[3] = path
	v = started(t, exec.CommandContext(t.Context(), shell, append([]string{"-c", `ulimit -f 20 && exec "$0" "$@"`, self},
		append(fit, "--patch", "4", "--dims", "8", "--pool", "3", "--components", "0")...)...))
	o := v.outcome()
	if n := strings.Count(o.stderr, "the fit goes on"); o.code != 0 || n != 1 {
		t.Errorf("exit code %d, %d warnings, want 1:\n%s", o.code, n, o.stderr)
	}
	// Where there is no room for either, that nothing is kept is said too.
	for _, dest := range []string{path, "-"} {
		fit[3] = dest
		v = started(t, exec.CommandContext(t.Context(), shell, append([]string{"-c", `ulimit -f 20 && exec "$0" "$@" > ` + filepath.Join(t.TempDir(), "out"), self}, fit...)...))
		v.outcome().wantFailure(t, exitFailure, "too large", "nothing of the fit is kept")
	}
}

// Whatever asks a fit to end, once or again before it has ended, nothing is lost.
func TestFitSignalled(t *testing.T) {
	const images = 4*cooccur.BatchGroups + 10
	data := idxData(t, images, 0)
	whole := filepath.Join(t.TempDir(), "model.safetensors")
	must(t, append([]string{"fit", data, "-o", whole, "--quiet"}, slow...)...)
	moments := []string{"reading images", "dictionary", "statistics: 768", "statistics: 1,536", "solving"}
	for i, signals := range [][]os.Signal{
		{os.Interrupt}, {syscall.SIGTERM}, {syscall.SIGHUP},
		{os.Interrupt, os.Interrupt}, {syscall.SIGHUP, syscall.SIGHUP}, {syscall.SIGHUP, syscall.SIGTERM},
	} {
		if i == 3 {
			moments = moments[2:]
		}
		for _, moment := range moments {
			dir := t.TempDir()
			path := filepath.Join(dir, "model.safetensors")
			fit := append([]string{"fit", data, "-o", path}, slow...)
			v := startVictim(t, fit...)
			v.until(moment, 1)
			for _, s := range signals {
				_ = v.cmd.Process.Signal(s) // it may have ended
			}
			o := v.outcome()
			if o.code == exitFailure {
				o.wantFailure(t, exitFailure, "interrupted")
			}
			if _, told := v.counted(); o.code != 0 {
				v = startVictim(t, fit...)
				o = v.outcome()
				if from, _ := v.counted(); o.code != 0 || from < told {
					t.Errorf("%v at %q: exit code %d, going on at image %d of %d\n%s", signals, moment, o.code, from, told, o.stderr)
				}
			}
			if found := names(t, dir); len(found) != 1 || !bytes.Equal(read(t, path), read(t, whole)) {
				t.Errorf("%v at %q: files are %q, want the model alone, that of a fit without a signal", signals, moment, found)
			}
		}
	}
}
