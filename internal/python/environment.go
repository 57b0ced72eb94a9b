// Package python runs scripts of other libraries, so that they do the same work as we in the same
// run. Their packages come from PyPI, at pinned versions, into a virtual environment in the
// user's cache that is made once. It is for measurements: nothing that smt computes needs it.
package python

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
)

//go:embed modules
var modules embed.FS

// Environment is where scripts run.
type Environment struct {
	interpreter string // of a virtual environment with the packages
	scripts     string // folder of the scripts
}

// At is an environment that there is: an interpreter, and a folder of scripts.
func At(interpreter, scripts string) *Environment { return &Environment{interpreter, scripts} }

// New puts scripts, and the modules that several of them import, into the folder dir, which it makes.
// It makes a virtual environment with the packages of their requirements.txt, unless one of the same
// versions is in the user's cache. What pip says goes to log, after a line that it is at work. It wants a python3 of 3.11 or later.
func New(ctx context.Context, scripts fs.FS, dir string, log io.Writer) (*Environment, error) {
	shared, err := fs.Sub(modules, "modules")
	if err != nil {
		return nil, err
	}
	if err := errors.Join(os.CopyFS(dir, scripts), os.CopyFS(dir, shared)); err != nil {
		return nil, err
	}
	e := &Environment{scripts: dir}
	requirements, err := fs.ReadFile(scripts, "requirements.txt")
	if err != nil {
		return nil, err
	}
	version, err := exec.CommandContext(ctx, "python3", "-VV").Output()
	if err != nil {
		return nil, fmt.Errorf("python3, which the peers need: %w", err)
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(append(requirements, version...))
	home := filepath.Join(cache, "smt-bench", hex.EncodeToString(sum[:8]))
	e.interpreter = filepath.Join(home, "bin", "python")
	if _, err := os.Stat(e.interpreter); err == nil {
		return e, nil
	}
	fmt.Fprintf(log, "installing the peers into %s\n", home)
	return e, install(ctx, home, filepath.Join(dir, "requirements.txt"), log)
}

// install makes the virtual environment beside home and renames it, so that home
// is complete or not there. What has its own path in it, the scripts in bin, is
// not used.
func install(ctx context.Context, home, requirements string, log io.Writer) error {
	if err := os.MkdirAll(filepath.Dir(home), 0o755); err != nil {
		return err
	}
	// Not by internal/output: pip fills a folder of the cache, which is nobody's result.
	fresh, err := os.MkdirTemp(filepath.Dir(home), "new-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(fresh)
	for _, args := range [][]string{
		{"python3", "-m", "venv", fresh},
		{filepath.Join(fresh, "bin", "python"), "-m", "pip", "install", "--quiet", "--no-deps", "--only-binary", ":all:", "-r", requirements},
	} {
		command := exec.CommandContext(ctx, args[0], args[1:]...)
		command.Stdout, command.Stderr = log, log
		if err := command.Run(); err != nil {
			return fmt.Errorf("%s: %w", strings.Join(args, " "), err)
		}
	}
	// Not by internal/output: the folder is whole or not there, whoever is first.
	err = os.Rename(fresh, home)
	if _, missing := os.Stat(filepath.Join(home, "bin", "python")); missing == nil {
		return nil // ours, or that of another run that was faster
	}
	return errors.Join(err, fmt.Errorf("%s has no interpreter", home))
}

// deaf runs the script that is its first argument, which ctx alone stops: a Ctrl-C at a terminal is for all of its
// processes, and Python would answer it with a trace.
const deaf = `import os, runpy, signal, sys
signal.signal(signal.SIGINT, signal.SIG_IGN)
sys.argv, sys.path[0] = sys.argv[1:], os.path.dirname(sys.argv[1])
runpy.run_path(sys.argv[0], run_name="__main__")`

// Command is a script, by its name without .py, on as many threads as we use. Variables that
// choose kernels or threads are not passed on: OPENBLAS_CORETYPE, where a machine
// sets it, makes OpenBLAS slower than it can be.
func (e *Environment) Command(ctx context.Context, script string, args ...string) *exec.Cmd {
	c := exec.CommandContext(ctx, e.interpreter, append([]string{"-c", deaf, filepath.Join(e.scripts, script+".py")}, args...)...)
	for _, v := range os.Environ() {
		if !chooses(v) {
			c.Env = append(c.Env, v)
		}
	}
	n := strconv.Itoa(runtime.GOMAXPROCS(0))
	c.Env = append(c.Env, "OMP_NUM_THREADS="+n, "OPENBLAS_NUM_THREADS="+n, "PYTHONDONTWRITEBYTECODE=1")
	c.Stderr = os.Stderr
	return c
}

// chooses reports whether a variable changes the kernels or threads of a peer,
// or which packages it finds.
func chooses(variable string) bool {
	for _, prefix := range []string{"OPENBLAS_", "GOTO_", "OMP_", "GOMP_", "KMP_", "MKL_", "FAISS_", "NPY_", "PYTHON"} {
		if strings.HasPrefix(variable, prefix) {
			return true
		}
	}
	return false
}
