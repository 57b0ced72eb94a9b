package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/sparse-manifold/smt/internal/output"
	"github.com/sparse-manifold/smt/manifold"
)

// learned is a model of any kind.
type learned interface{ SaveTo(w io.Writer) error }

// fitAndSave saves at path the model that fit learns, and returns its size in bytes. fit keeps its
// work in the file `kept`, and goes on from there, where that is not "".
func fitAndSave[M learned](ctx context.Context, a *app, path string, fit func(p *progress, kept string) (M, error)) (m M, bytes int64, err error) {
	// Before the work: no other fit can write the same model from here on.
	out, err := a.create(ctx, path)
	if err != nil {
		return m, 0, err
	}
	defer out.Abort() // of no effect once committed
	p := a.newProgress()
	defer p.close()
	kept := "" // where nothing can be beside the model
	if output.Replaces(path) {
		kept = output.Target(path) + partial
	}
	files := func() string { return strings.Join(manifold.CheckpointFiles(kept), " and ") }
	if found := files(); found != "" {
		a.note("there is work that was kept, in %s", found)
	}
	goesOn := func(err error) error { return fmt.Errorf("%w; the same command goes on from %s", err, files()) }
	if m, err = fit(p, kept); err != nil {
		if ctx.Err() != nil && files() != "" {
			err = goesOn(err)
		}
		return m, 0, err
	}
	bytes, err = save(out, m)
	switch {
	case err != nil && files() == "":
		return m, 0, fmt.Errorf("%w; nothing of the fit is kept", err)
	case err != nil:
		return m, 0, goesOn(err)
	case kept != "":
		err = manifold.RemoveCheckpoint(kept) // the model is on disk
	}
	return m, bytes, err
}

// save writes a model whole, and returns its size in bytes.
func save(out output.File, m learned) (bytes int64, err error) {
	to := &counted{w: out}
	if err := m.SaveTo(to); err != nil {
		return 0, err
	}
	return to.n, out.Commit()
}

// counted counts what is written.
type counted struct {
	w io.Writer
	n int64
}

func (c *counted) Write(b []byte) (int, error) {
	n, err := c.w.Write(b)
	c.n += int64(n)
	return n, err
}
