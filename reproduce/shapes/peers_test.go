package shapes

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/sparse-manifold/smt/internal/python"
)

// A script that is stopped is an interruption, whatever it last said. It was said that it was killed.
func TestPeerIsInterrupted(t *testing.T) {
	interpreter, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("no python3")
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "wait.py"), []byte("import time\ntime.sleep(600)\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(100*time.Millisecond, cancel)
	p := &peers{&python.Peers{Dir: dir, Env: python.At(interpreter, dir)}}
	if _, err := p.run(ctx, "wait"); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want that of the context", err)
	}
}
