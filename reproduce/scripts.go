package reproduce

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/sparse-manifold/smt/internal/python"
)

// scripts are those of peers, to run once, in a temporary folder.
type scripts struct {
	dir string
	env *python.Environment
	log bytes.Buffer // what the last one said on standard error
}

func newScripts(ctx context.Context) (*scripts, error) {
	// Not by internal/output: a temporary folder of our own, which is removed.
	dir, err := os.MkdirTemp("", "smt-reproduce-")
	if err != nil {
		return nil, err
	}
	s := &scripts{dir: dir}
	if s.env, err = peerEnvironment(ctx, filepath.Join(dir, "python"), &s.log); err != nil {
		s.remove()
		return nil, fmt.Errorf("%w: %s", err, lastLine(s.log.String()))
	}
	return s, nil
}

func (s *scripts) remove() { _ = os.RemoveAll(s.dir) }

// command is a script whose errors failed will know.
func (s *scripts) command(ctx context.Context, name string, args ...string) *exec.Cmd {
	c := s.env.Command(ctx, name, args...)
	s.log.Reset()
	c.Stderr = &s.log
	return c
}

// failed is the error of a script, with what it said at last.
func (s *scripts) failed(name string, err error) error {
	return fmt.Errorf("%s.py: %w: %s", name, err, lastLine(s.log.String()))
}
