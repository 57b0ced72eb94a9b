package shapes

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

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

// peers embed the same points as we.
type peers struct{ *python.Peers }

func newPeers(ctx context.Context) (*peers, error) {
	from, err := fs.Sub(scripts, "python")
	if err != nil {
		return nil, err
	}
	p, err := python.Start(ctx, from)
	if err != nil {
		return nil, fmt.Errorf("shapes: %w", err)
	}
	return &peers{p}, nil
}

// run has a script do its work, and returns what it says.
func (p *peers) run(ctx context.Context, script string, args ...string) (all []said, err error) {
	err = python.Run(ctx, p.Peers, func(s said) error {
		all = append(all, s)
		return nil
	}, script, args...)
	return all, err
}

// digits are those that scikit-learn carries.
func (p *peers) digits(ctx context.Context) (*vector.Points, error) {
	file := filepath.Join(p.Dir, "digits.npy")
	if _, err := p.run(ctx, "digits", file); err != nil {
		return nil, err
	}
	return vector.Read(file)
}

// embed has all peers embed points, or the one that is named alone.
func (p *peers) embed(ctx context.Context, name string, points *vector.Points, dims, maps int, only ...string) ([]said, error) {
	file := filepath.Join(p.Dir, name+".npy")
	if err := save(file, points); err != nil {
		return nil, err
	}
	args := []string{file}
	for _, n := range []int{dims, maps, neighbours, tries, short} {
		args = append(args, strconv.Itoa(n))
	}
	return p.run(ctx, "shapes", append(args, only...)...)
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
