//go:build unix

package main

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/internal/output"
)

// A dropped connection, which is told of twice, is answered as Ctrl-C is.
func TestHangup(t *testing.T) {
	args, path := longFit(t)
	p := start(t, "", args...)
	p.until("statistics", 2)
	for range 2 {
		if err := p.cmd.Process.Signal(syscall.SIGHUP); err != nil {
			t.Fatal(err)
		}
	}
	p.outcome().wantFailure(t, exitFailure, "interrupted", path+output.Partial)
	if got := strings.Join(names(t, filepath.Dir(path)), " "); got != filepath.Base(path)+output.Partial {
		t.Errorf("files are %s, want the statistics alone", got)
	}
	// The embed of the same connection.
	data := idxData(t, 100*block, 0)
	model, out := fitSmall(t, data), filepath.Join(t.TempDir(), "out")
	p = start(t, "", "embed", model, data, "-o", out)
	p.until("embedding: ", 3)
	if err := p.cmd.Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	p.outcome().wantFailure(t, exitFailure, "interrupted", out+output.Partial)
}

// A signal that whoever started the program has set aside, as nohup does and a shell
// for what is in the background, stays so.
func TestIgnoredSignals(t *testing.T) {
	data := idxData(t, 20*block, 0)
	model, out := fitSmall(t, data), filepath.Join(t.TempDir(), "out")
	p := start(t, `trap "" HUP INT; exec "$0" "$@"`, "embed", model, data, "-o", out)
	p.until("embedding: ", 2)
	for _, s := range []os.Signal{syscall.SIGHUP, os.Interrupt} {
		if err := p.cmd.Process.Signal(s); err != nil {
			t.Fatal(err)
		}
	}
	if o := p.outcome(); o.code != 0 || !exists(out) {
		t.Errorf("exit code %d\n%s", o.code, o.stderr)
	}
	// SIGTERM is answered all the same.
	p = start(t, `trap "" HUP INT; exec "$0" "$@"`, "embed", model, idxData(t, 200*block, 0), "-o", out)
	p.until("embedding: ", 2)
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	p.outcome().wantFailure(t, exitFailure, "interrupted")
}

// Where the first Ctrl-C cannot end the program, as it waits for someone to read what it
// writes, another one does.
func TestSecondSignal(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Skip(err)
	}
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	data := idxData(t, 2*block, 0)
	// Rows that come to more than a pipe holds, and are written at once.
	model := fitSmall(t, data, "--dims", "30", "--pool", "3", "--stride", "3")
	if n := load(t, model).Dim(dataset.Shape{Height: side, Width: side, Channels: 1}) * block * 4; n < 80_000 {
		t.Fatalf("a block has %d bytes, a pipe may hold 65,536", n)
	}
	cmd := exec.CommandContext(t.Context(), self, "embed", model, data, "-o", "-")
	cmd.Env = append(os.Environ(), "SMT_TEST_MAIN=1")
	cmd.Stdout = w
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	w.Close()
	if _, err := io.ReadFull(r, make([]byte, 10)); err != nil {
		t.Fatal(err)
	}
	over := make(chan error)
	go func() { over <- cmd.Wait() }()
	for ended := false; !ended; {
		_ = cmd.Process.Signal(os.Interrupt)
		select {
		case <-over:
			ended = true
		case <-time.After(time.Millisecond):
		}
	}
	if s := cmd.ProcessState.Sys().(syscall.WaitStatus); !s.Signaled() || s.Signal() != syscall.SIGINT {
		t.Errorf("it ended with %v, want the signal", cmd.ProcessState)
	}
}
