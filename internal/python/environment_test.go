package python

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

func TestVariablesThatSlowThePeersAreNotPassedOn(t *testing.T) {
	t.Setenv("OPENBLAS_CORETYPE", "Haswell")
	t.Setenv("OMP_NUM_THREADS", "77")
	c := At("python", "scripts").Command(t.Context(), "gemm", "folder")
	if slices.Contains(c.Env, "OPENBLAS_CORETYPE=Haswell") || slices.Contains(c.Env, "OMP_NUM_THREADS=77") {
		t.Errorf("a variable that slows the peer is passed on: %v", c.Env)
	}
	if !slices.Contains(c.Env, "PATH="+os.Getenv("PATH")) || !strings.HasSuffix(c.Args[3], "gemm.py") || c.Args[4] != "folder" {
		t.Errorf("command %v", c.Args)
	}
}

func TestNoPython(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	scripts := fstest.MapFS{"requirements.txt": {Data: []byte("numpy==2.4.6\n")}}
	if _, err := New(t.Context(), scripts, t.TempDir(), os.Stderr); err == nil || !strings.Contains(err.Error(), "python3") {
		t.Errorf("error %v: want one that says what is missing", err)
	}
	if _, err := New(t.Context(), fstest.MapFS{}, t.TempDir(), os.Stderr); err == nil || !strings.Contains(err.Error(), "requirements.txt") {
		t.Errorf("error %v: want one that names requirements.txt", err)
	}
}

// A Ctrl-C, which reaches the script too, is not for it to answer: it printed a trace, which was taken for the reason.
func TestScriptIsStoppedByItsContext(t *testing.T) {
	interpreter, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("no python3")
	}
	dir := t.TempDir()
	script := "import os, signal, sys, time\nos.kill(os.getpid(), signal.SIGINT)\nprint(sys.argv[1], sys.path[0], flush=True)\ntime.sleep(float(sys.argv[2]))\n"
	if err := os.WriteFile(filepath.Join(dir, "wait.py"), []byte(script), 0o600); err != nil {
		t.Fatal(err)
	}
	e := At(interpreter, dir)
	if out, err := e.Command(t.Context(), "wait", "heard", "0").Output(); err != nil || string(out) != "heard "+dir+"\n" {
		t.Errorf("it says %q, error %v", out, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	c := e.Command(ctx, "wait", "on", "600")
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := out.Read(make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	cancel()
	if err := c.Wait(); err == nil {
		t.Error("it was not stopped")
	}
}
