package python

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Peers are scripts, and a folder in which they and we exchange files.
type Peers struct {
	Dir string // Close removes it
	Env *Environment
}

// Start makes an environment of scripts, as New does, in a temporary folder.
func Start(ctx context.Context, scripts fs.FS) (*Peers, error) {
	// Not by internal/output: a temporary folder of our own, which Close removes.
	dir, err := os.MkdirTemp("", "smt-peers-")
	if err != nil {
		return nil, err
	}
	p := &Peers{Dir: dir}
	var log bytes.Buffer
	if p.Env, err = New(ctx, scripts, filepath.Join(dir, "python"), &log); err != nil {
		p.Close()
		return nil, fmt.Errorf("%w: %s", err, lastLine(&log))
	}
	return p, nil
}

// Close removes the folder.
func (p *Peers) Close() { _ = os.RemoveAll(p.Dir) }

// Run has a script do its work. It hands line what the script says on standard output, a JSON object a line, as soon
// as it is said. The error of a script is with what it said at last on standard error.
func Run[T any](ctx context.Context, p *Peers, line func(T) error, script string, args ...string) error {
	c := p.Env.Command(ctx, script, args...)
	var log bytes.Buffer
	c.Stderr = &log
	out, err := c.StdoutPipe()
	if err != nil {
		return err
	}
	if err := c.Start(); err != nil {
		return err
	}
	lines := bufio.NewScanner(out)
	for err == nil && lines.Scan() {
		var said T
		if err = json.Unmarshal(lines.Bytes(), &said); err != nil {
			err = fmt.Errorf("%s.py says %.80q: %w", script, lines.Text(), err)
			break
		}
		err = line(said)
	}
	if err = errors.Join(err, lines.Err()); err != nil {
		_ = c.Process.Kill()
	}
	ended := c.Wait()
	switch {
	case ctx.Err() != nil:
		return ctx.Err() // which ended it
	case err == nil && ended != nil:
		return fmt.Errorf("%s.py: %w: %s", script, ended, lastLine(&log))
	}
	return err
}

// lastLine is what a program said at last.
func lastLine(said *bytes.Buffer) string {
	text := strings.TrimSpace(said.String())
	return text[strings.LastIndexByte(text, '\n')+1:]
}
