package shapes

import (
	"bufio"
	"bytes"
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/sparse-manifold/smt/export"
	"github.com/sparse-manifold/smt/internal/python"
	"github.com/sparse-manifold/smt/source/vector"
)

//go:embed python
var scripts embed.FS

// said is a line of what a script says.
type said struct {
	Note    string  `json:"note"`
	Name    string  `json:"name"`
	Seconds float64 `json:"seconds"`
	File    string  `json:"file"`
	Value   float64 `json:"value"`
}

// peers are the scripts, and the folder in which they and we exchange points.
type peers struct {
	env *python.Environment
	dir string
}

func newPeers(ctx context.Context, dir string, log io.Writer) (*peers, error) {
	from, err := fs.Sub(scripts, "python")
	if err != nil {
		return nil, err
	}
	env, err := python.New(ctx, from, filepath.Join(dir, "python"), log)
	if err != nil {
		return nil, fmt.Errorf("shapes: %w", err)
	}
	return &peers{env, dir}, nil
}

// run has a script do its work, and returns what it says.
func (p *peers) run(ctx context.Context, script string, args ...string) (all []said, err error) {
	c := p.env.Command(ctx, script, args...)
	var log bytes.Buffer
	c.Stderr = &log
	out, err := c.Output()
	if ctx.Err() != nil {
		return nil, ctx.Err() // which ended it
	}
	if err != nil {
		text := strings.TrimSpace(log.String())
		return nil, fmt.Errorf("shapes: %s.py: %w: %s", script, err, text[strings.LastIndex(text, "\n")+1:])
	}
	lines := bufio.NewScanner(bytes.NewReader(out))
	for lines.Scan() {
		var s said
		if err := json.Unmarshal(lines.Bytes(), &s); err != nil {
			return nil, fmt.Errorf("shapes: %s.py says %.80q: %w", script, lines.Text(), err)
		}
		all = append(all, s)
	}
	return all, lines.Err()
}

// digits are those that scikit-learn carries.
func (p *peers) digits(ctx context.Context) (*vector.Points, error) {
	file := filepath.Join(p.dir, "digits.npy")
	if _, err := p.run(ctx, "digits", file); err != nil {
		return nil, err
	}
	return vector.Read(file)
}

// embed has all peers embed points.
func (p *peers) embed(ctx context.Context, name string, points *vector.Points, dims, maps int) ([]said, error) {
	file := filepath.Join(p.dir, name+".npy")
	if err := save(file, points); err != nil {
		return nil, err
	}
	return p.run(ctx, "shapes", file, strconv.Itoa(dims), strconv.Itoa(maps), strconv.Itoa(neighbours))
}

// save writes points for a script.
func save(path string, p *vector.Points) error {
	// Not by internal/output: for a peer to read, in a temporary folder of our own.
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	a, err := export.NewNPY[float32](f, p.N(), p.Dim)
	if err == nil {
		err = a.Append(p.X)
	}
	if err == nil {
		err = a.Close()
	}
	return errors.Join(err, f.Close())
}
