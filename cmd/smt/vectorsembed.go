package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/pflag"

	"github.com/sparse-manifold/smt/internal/memory"
	"github.com/sparse-manifold/smt/internal/output"
	"github.com/sparse-manifold/smt/source/vector"
	"github.com/sparse-manifold/smt/vectors"
)

// embedVectors writes the embeddings of points.
func (a *app) embedVectors(ctx context.Context, flags *pflag.FlagSet, model, data, path string) error {
	var err error
	flags.Visit(func(f *pflag.Flag) {
		switch f.Name {
		case "out", "json", "quiet", "seed", "workers":
		default:
			err = errors.Join(err, usagef("--%s is for images, and %s is a model of vectors: want none of it", f.Name, model))
		}
	})
	if err != nil {
		return err
	}
	if err := output.Check([]output.Output{{Flag: "-o", Path: path, Beside: beside}}, []output.Input{{Name: "MODEL", Path: model}, {Name: "DATA", Path: data}}); err != nil {
		return err
	}
	m, err := vectors.Load(model)
	if err != nil {
		return err
	}
	points, err := vector.Read(data)
	if err != nil {
		return err
	}
	if err := points.Check(); err != nil {
		return fmt.Errorf("%s: %w", data, err)
	}
	began := time.Now()
	r := &embedded{Out: path, Shape: [2]int{points.N(), m.Dim()}}
	if err := a.embedPoints(ctx, m, points, path); err != nil {
		return fmt.Errorf("%s: %w", data, err)
	}
	r.Seconds, r.Peak = time.Since(began).Seconds(), memory.Peak()
	return a.emit(r, path)
}

// pointBlock is the number of points that are embedded at a time.
const pointBlock = 1 << 16

// embedPoints writes the embeddings of points.
func (a *app) embedPoints(ctx context.Context, m *vectors.Model, of *vector.Points, path string) error {
	p := a.newProgress()
	defer p.close()
	if err := roomFor(need{path, 128 + 4*int64(of.N())*int64(m.Dim()), path + output.Partial}); err != nil {
		return err
	}
	to, err := a.sink(ctx, path, m.Dim(), &points{Points: of}, func() (work, error) {
		w, err := workOf(m.Dim(), m)
		w.Images = []int{of.N()}
		return w, err
	}, p)
	if err != nil {
		return err
	}
	for at := to.done(); at < of.N(); {
		p.report("embedding", at, of.N())
		next := min(at+pointBlock, of.N())
		beta, err := m.Embed(ctx, &vector.Points{Dim: of.Dim, X: of.X[at*of.Dim : next*of.Dim]})
		if err == nil {
			err = to.append(beta)
		}
		if err == nil {
			err = to.mark(next)
		}
		if err != nil {
			return to.abort(err)
		}
		at = next
	}
	p.report("embedding", of.N(), of.N())
	return to.commit()
}

// points are items all of which are in memory: their digest is that of all.
type points struct {
	*vector.Points
	digest string // "" before it is asked for
}

func (p *points) noun() string                                            { return "points" }
func (p *points) len() int                                                { return p.N() }
func (p *points) whole(n int) bool                                        { return n >= 0 && (n < p.N() && n%pointBlock == 0 || n == p.N()) }
func (p *points) until(int) error                                         { return nil }
func (p *points) read(context.Context, int, func(string, int, int)) error { return nil }
func (p *points) reset()                                                  {}

func (p *points) sum() string {
	if p.digest == "" {
		p.digest = p.Digest()
	}
	return p.digest
}
