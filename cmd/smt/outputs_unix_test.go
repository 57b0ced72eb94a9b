//go:build unix

package main

import (
	"bytes"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/sparse-manifold/smt/internal/output"
)

// start starts the program, by a shell if script, which runs "$0" "$@", is not "".
func start(t *testing.T, script string, args ...string) *victim {
	t.Helper()
	if script == "" {
		return startVictim(t, args...)
	}
	self, err := os.Executable()
	if err != nil {
		t.Skip(err)
	}
	return started(t, exec.CommandContext(t.Context(), "sh", append([]string{"-c", script, self}, args...)...))
}

// Killed at any moment, again and again, an embed goes on from its rows; the array is
// the same to the byte, and nothing else is left. SMT_TEST_KILLS=30 kills more often.
func TestEmbedKilled(t *testing.T) {
	kills := 12
	if n, err := strconv.Atoi(os.Getenv("SMT_TEST_KILLS")); err == nil {
		kills = n
	}
	const images = 30*block + 17
	data, dir := idxData(t, images, block+5), t.TempDir()
	model := fitSmall(t, data, "--preset", "mnist")
	path, labels, whole := filepath.Join(dir, "out"), filepath.Join(dir, "labels"), filepath.Join(t.TempDir(), "whole")
	must(t, "embed", model, data, "-o", whole)
	embed := []string{"embed", model, data, "-o", path, "--labels", labels}
	rng := rand.New(rand.NewPCG(14, 3))
	killed, wentOn, stray := 0, 0, map[string]bool{}
	for round := 0; killed < kills; round++ {
		if round == 20*kills {
			t.Fatalf("%d kills in %d rounds", killed, round)
		}
		// Rows are of use once they are noted, and until the array is whole.
		noted := exists(path+output.Partial) && exists(path+output.Partial+noteSuffix)
		p := start(t, "", embed...)
		// Lines come between rows, so that it dies within a block, or while it notes one.
		p.until("embedding: ", 1+rng.IntN(8))
		_ = p.cmd.Process.Kill()
		o := p.outcome()
		if strings.Contains(o.stderr, "going on from the") {
			wentOn++
		}
		if noted && strings.Contains(o.stderr, "not going on") || strings.Contains(o.stderr, "\nsmt: ") {
			t.Fatalf("kill %d: what it left is of no use:\n%s", killed, o.stderr)
		}
		if o.code == -1 {
			killed++
		} else if !bytes.Equal(read(t, path), read(t, whole)) { // it was faster
			t.Fatal("the array differs")
		}
		for _, name := range names(t, dir) {
			stray[name] = true
		}
	}
	o := start(t, "", embed...).outcome()
	if o.code != 0 {
		t.Fatalf("exit code %d\n%s", o.code, o.stderr)
	}
	if !bytes.Equal(read(t, path), read(t, whole)) {
		t.Error("the array differs from that of an embed that was not killed")
	}
	if got := strings.Join(names(t, dir), " "); got != "labels out" {
		t.Errorf("left: %s", got)
	}
	if kills > 5 && wentOn == 0 {
		t.Error("no embed went on from the rows of another")
	}
	t.Logf("%d kills, %d went on, files on the way: %v", killed, wentOn, stray)
}

// longFit is a fit of many batches.
func longFit(t testing.TB) (args []string, path string) {
	path = filepath.Join(t.TempDir(), "model.safetensors")
	return []string{"fit", idxData(t, 20_000, 0), "-o", path, "--atoms", "256", "--dims", "8", "--images", "0"}, path
}

// Whoever read the progress, or was to read the result, is gone: the work is saved.
func TestReadersThatAreGone(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Skip(err)
	}
	gone := func() *os.File {
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		r.Close()
		t.Cleanup(func() { w.Close() })
		return w
	}
	data := idxData(t, 60, 8)
	model := fitSmall(t, data)
	fit := append([]string{"fit", data, "-o", filepath.Join(t.TempDir(), "model")}, small[:len(small)-1]...)
	for _, c := range []struct {
		stdout, stderr bool // gone
		code           int
	}{{false, true, 0}, {true, false, exitFailure}, {true, true, exitFailure}} {
		for _, args := range [][]string{fit, {"embed", model, data, "-o", filepath.Join(t.TempDir(), "out")}} {
			cmd := exec.CommandContext(t.Context(), self, args...)
			cmd.Env = append(os.Environ(), victimEnv+"=1")
			var stdout, stderr bytes.Buffer
			cmd.Stdout, cmd.Stderr = &stdout, &stderr
			if c.stdout {
				cmd.Stdout = gone()
			}
			if c.stderr {
				cmd.Stderr = gone()
			}
			_ = cmd.Run() // its code is looked at
			if code := cmd.ProcessState.ExitCode(); code != c.code {
				t.Errorf("%v, %s: exit code %d, want %d\n%s", c, args[0], code, c.code, stderr.String())
			}
			if !exists(args[len(args)-1]) && !exists(args[3]) {
				t.Errorf("%v, %s: the result is lost", c, args[0])
			}
			if c.stdout && !c.stderr {
				outcome{cmd.ProcessState.ExitCode(), "", stderr.String()}.wantFailure(t, exitFailure, "standard output", "broken pipe")
			}
		}
	}
	for _, args := range [][]string{{"--help"}, {"version"}, {"info", model}, {"eval", model, data}, {"embed", model, data, "-o", "-"}} {
		cmd := exec.CommandContext(t.Context(), self, args...)
		cmd.Env = append(os.Environ(), "SMT_TEST_MAIN=1")
		var stderr bytes.Buffer
		cmd.Stdout, cmd.Stderr = gone(), &stderr
		_ = cmd.Run()
		outcome{cmd.ProcessState.ExitCode(), "", stderr.String()}.wantFailure(t, exitFailure, "standard output", "broken pipe")
	}
}

// Where standard output was closed the result is not lost: it is on standard error.
func TestClosedStandardOutput(t *testing.T) {
	data := idxData(t, 60, 8)
	model := fitSmall(t, data)
	const (
		closing  = `exec "$0" "$@" >&-`
		deaf     = `exec "$0" "$@" >&- 2>&-`
		discards = `exec "$0" "$@" 1<>/dev/null 2>&1` // as Python's DEVNULL and daemon(3)
	)
	for says, args := range map[string][]string{
		"Usage:": {"--help"}, "smt ": {"version"}, "configuration": {"info", model}, "kNN top-1": {"eval", model, data},
	} {
		o := start(t, closing, args...).outcome()
		if o.code != 0 || !strings.Contains(o.stderr, says) {
			t.Errorf("smt %s: exit code %d and no %q in\n%s", strings.Join(args, " "), o.code, says, o.stderr)
		}
		if says != "Usage:" && !strings.Contains(o.stderr, "the result is here") {
			t.Errorf("smt %s: not a word on where the result is in\n%s", strings.Join(args, " "), o.stderr)
		}
		// With nowhere to say anything, the exit code does.
		if o := start(t, deaf, args...).outcome(); o.code != exitFailure {
			t.Errorf("smt %s: exit code %d with both outputs closed, want %d", strings.Join(args, " "), o.code, exitFailure)
		}
		if o := start(t, discards, args...).outcome(); o.code != 0 {
			t.Errorf("smt %s: exit code %d with both outputs at one null device", strings.Join(args, " "), o.code)
		}
	}
	// What goes to a file is there, as where the reader of standard output has left.
	path := filepath.Join(t.TempDir(), "model")
	if o := start(t, deaf, append([]string{"fit", data, "-o", path}, small...)...).outcome(); o.code != exitFailure || !bytes.Equal(read(t, path), read(t, model)) {
		t.Errorf("exit code %d of a fit with both outputs closed, or another model", o.code)
	}
	for _, args := range [][]string{
		{"embed", model, data, "-o", "-"},
		{"embed", model, data, "-o", filepath.Join(t.TempDir(), "out"), "--labels", "-"},
		append([]string{"fit", data, "-o", "-"}, small...),
	} {
		start(t, closing, args...).outcome().wantFailure(t, exitFailure, "standard output: it is closed")
	}
	// The null device is no failure: whoever names it wants nothing.
	if o := start(t, `exec "$0" "$@" > /dev/null`, "embed", model, data, "-o", "-").outcome(); o.code != 0 {
		t.Errorf("exit code %d\n%s", o.code, o.stderr)
	}
}

// FIFOs and devices are written through, by every command that writes a file.
func TestOutputsWrittenThrough(t *testing.T) {
	data := idxData(t, 300, 40)
	dir := t.TempDir()
	model, out, labels := filepath.Join(dir, "model"), filepath.Join(dir, "out"), filepath.Join(dir, "labels")
	fit := append([]string{"fit", data}, small...)
	must(t, append(fit, "-o", model)...)
	must(t, "embed", model, data, "-o", out, "--labels", labels)
	pipes := t.TempDir()
	fifo, device := filepath.Join(pipes, "fifo"), filepath.Join(pipes, "device")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	commands := map[string][]string{
		model:  append(fit, "-o"),
		out:    {"embed", model, data, "-o"},
		labels: {"embed", model, data, "-o", filepath.Join(dir, "again"), "--labels"},
	}
	for want, args := range commands {
		p := start(t, "", append(args, fifo)...)
		got, err := os.ReadFile(fifo)
		if o := p.outcome(); o.code != 0 || err != nil || !bytes.Equal(got, read(t, want)) {
			t.Errorf("smt %s: exit code %d, the reader got %d bytes, %v\n%s", args[0], o.code, len(got), err, o.stderr)
		}
	}
	if unix.Mknod(device, unix.S_IFCHR|0o600, int(unix.Mkdev(1, 3))) != nil {
		t.Log("no devices can be made here")
	} else {
		for _, args := range commands {
			if o := start(t, "", append(args, device)...).outcome(); o.code != 0 {
				t.Errorf("smt %s to a device: exit code %d\n%s", args[0], o.code, o.stderr)
			}
		}
		if info, err := os.Lstat(device); err != nil || info.Mode()&os.ModeCharDevice == 0 {
			t.Errorf("the device is %v, %v", info, err)
		}
	}
	for _, name := range names(t, pipes) {
		if name != "fifo" && name != "device" {
			t.Errorf("left: %s", name)
		}
	}

	// Nobody reads the FIFO, and the first Ctrl-C ends the wait.
	p := start(t, "", append(commands[out], fifo)...)
	p.until("embedding: ", 1)
	if err := p.cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	p.outcome().wantFailure(t, exitFailure, "interrupted")
}

// A disk that is full costs the rows that it does not take, and no others. A bound on
// the size of files stands in for it.
func TestEmbedOnFullDisk(t *testing.T) {
	data := idxData(t, 10*block, 0)
	dir := t.TempDir()
	model, path, whole := fitSmall(t, data), filepath.Join(dir, "out"), filepath.Join(t.TempDir(), "whole")
	must(t, "embed", model, data, "-o", whole)
	blocks := len(read(t, whole)) / 512 * 2 / 3
	o := start(t, `ulimit -f `+strconv.Itoa(blocks)+` && exec "$0" "$@"`, "embed", model, data, "-o", path).outcome()
	o.wantFailure(t, exitFailure, path, "file too large", "same command goes on")
	if o := start(t, "", "embed", model, data, "-o", path).outcome(); o.code != 0 || !strings.Contains(o.stderr, "\ngoing on from the ") && !strings.HasPrefix(o.stderr, "going on from the ") {
		t.Errorf("exit code %d\n%s", o.code, o.stderr)
	}
	if !bytes.Equal(read(t, path), read(t, whole)) {
		t.Error("the arrays differ")
	}
	if got := strings.Join(names(t, dir), " "); got != "out" {
		t.Errorf("files are %s", got)
	}
}
