package python

import (
	"os"
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
	if !slices.Contains(c.Env, "PATH="+os.Getenv("PATH")) || !strings.HasSuffix(c.Args[1], "gemm.py") || c.Args[2] != "folder" {
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
