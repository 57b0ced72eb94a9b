package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/spf13/pflag"

	"github.com/sparse-manifold/smt/export"
	"github.com/sparse-manifold/smt/internal/memory"
	"github.com/sparse-manifold/smt/internal/output"
	"github.com/sparse-manifold/smt/source/vector"
	"github.com/sparse-manifold/smt/vectors"
)

// fitVectors is how smt fit learns from points.
func (a *app) fitVectors(s *settings) kind {
	own := pflag.NewFlagSet("vectors", pflag.ContinueOnError)
	own.SortFlags = false
	cfg := vectors.Default()
	own.IntVar(&cfg.Neighbours, "neighbours", cfg.Neighbours, "a point is near to so many others, the nearest")
	own.BoolVar(&cfg.Mutual, "mutual", false, "points are near only if each is among the nearest of the other")
	own.BoolVar(&cfg.Pieces, "pieces", false, "go on if the points are in pieces, between which none are near: want --dims of as many at least; coordinates are not straightened")
	own.IntVar(&cfg.Active, "active", cfg.Active, "atoms of the code of a point, the nearest")
	own.IntVar(&cfg.Smooth, "smooth", 0, "smooth coordinates that those of an embedding are made of, 0 for 12 for each, or of pieces as many; as many as --dims are the embedding themselves")
	return kind{
		name: "vectors", endings: []string{".npy", ".parquet"}, own: own,
		also: []string{"atoms", "dictionary", "dims", "ridge"},
		fit: func(ctx context.Context, data, out string) (result, error) {
			cfg := cfg
			cfg.Seed = a.seedOr(cfg.Seed)
			for name, set := range map[string]func(){
				"atoms":      func() { cfg.Atoms = s.value.Atoms },
				"dictionary": func() { cfg.Dictionary = vectors.Dictionary(s.value.Dictionary) },
				"dims":       func() { cfg.Dims = s.value.Dims },
				"ridge":      func() { cfg.Ridge = s.value.Ridge },
			} {
				if s.fields.Lookup(name).Changed {
					set()
				}
			}
			if err := cfg.Validate(); err != nil {
				return nil, s.flagged(own, "vectors", err)
			}
			return a.fitVectorsTo(ctx, out, data, cfg)
		},
	}
}

// fitVectorsTo reads points, fits a model to them and saves it.
func (a *app) fitVectorsTo(ctx context.Context, path, data string, cfg vectors.Config) (*fittedVectors, error) {
	out, err := a.create(ctx, path)
	if err != nil {
		return nil, err
	}
	defer out.Abort() // of no effect once committed
	points, err := vector.Read(data)
	if err != nil {
		return nil, err
	}
	if need, room := vectors.Memory(points, cfg), memory.Available(); room.Bytes > 0 && need > room.Bytes {
		return nil, fmt.Errorf("fitting to %s points takes about %s of memory, and %s allows %s: want fewer --atoms or points", count(points.N()), size(need), room.By, size(room.Bytes))
	}
	p := a.newProgress()
	defer p.close()
	began := time.Now()
	m, err := vectors.Fit(ctx, points, cfg, p.report)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", data, err)
	}
	p.close()
	r := &fittedVectors{}
	r.Model, r.FitSeconds = path, time.Since(began).Seconds()
	if n := len(m.Data().Pieces); n > 1 {
		a.note("the points are in %s pieces, between which none are near: how these lie to one another is not learned, and coordinates are the smooth ones, not straightened", count(n))
	}
	bytes, err := save(out, m)
	if err != nil {
		return nil, err
	}
	r.take(m, bytes)
	return r, nil
}

// fittedVectors is what a fit to points came to.
type fittedVectors struct {
	fittedModel[vectors.Config, vectors.Data]
}

func (r *fittedVectors) print(w io.Writer) {
	fmt.Fprintf(w, "model\t%s, %s\n", r.Model, size(r.ModelBytes))
	printPoints(w, r.Data, r.Config)
	r.printTail(w)
}

func printPoints(w io.Writer, d vectors.Data, c vectors.Config) {
	copies := ""
	if d.Duplicates > 0 {
		copies = fmt.Sprintf(", %s of them equal to earlier ones and left out", count(d.Duplicates))
	}
	fmt.Fprintf(w, "fitted on\t%s points of %s values%s\n", count(d.Points), count(d.Values), copies)
	right := "exact"
	if d.Recall < 1 {
		right = fmt.Sprintf("%.2f %% of them right in a sample", 100*d.Recall)
	}
	pieces := "in one piece"
	if len(d.Pieces) > 1 {
		pieces = fmt.Sprintf("in %s pieces, the largest of %s points", count(len(d.Pieces)), count(d.Pieces[0]))
	}
	fmt.Fprintf(w, "graph\t%s neighbours a point, %s; %s edges counted, %s\n", count(c.Neighbours), right, count(int(d.Edges)), pieces)
	fmt.Fprintf(w, "atoms\t%s (%s), %s active a point\n", count(c.Atoms), c.Dictionary, count(c.Active))
	from := ""
	if c.Smooth > c.Dims {
		from = fmt.Sprintf(", made of %s smooth ones", count(c.Smooth))
	}
	fmt.Fprintf(w, "dimensions\t%s%s\n", count(c.Dims), from)
}

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
	if err := output.Check([]output.Output{{Flag: "-o", Path: path}}, []output.Input{{Name: "MODEL", Path: model}, {Name: "DATA", Path: data}}); err != nil {
		return err
	}
	m, err := vectors.Load(model)
	if err != nil {
		return err
	}
	out, err := a.create(ctx, path)
	if err != nil {
		return err
	}
	defer out.Abort() // of no effect once committed
	points, err := vector.Read(data)
	if err != nil {
		return err
	}
	began := time.Now()
	r := &embedded{Out: path, Shape: [2]int{points.N(), m.Dim()}}
	array, err := export.NewNPY[float32](out, r.Shape[:]...)
	if err != nil {
		return err
	}
	const step = 1 << 16 // points whose embeddings are in memory at a time
	for x := range slices.Chunk(points.X, step*points.Dim) {
		beta, err := m.Embed(ctx, &vector.Points{Dim: points.Dim, X: x})
		if err != nil {
			return fmt.Errorf("%s: %w", data, err)
		}
		if err := array.Append(beta); err != nil {
			return err
		}
	}
	r.Seconds, r.Peak = time.Since(began).Seconds(), memory.Peak()
	err = array.Close()
	if err == nil {
		err = out.Commit()
	}
	if err != nil {
		return err
	}
	return a.emit(r, path)
}

// infoVectors tells what a model of vectors is.
func (a *app) infoVectors(path string) error {
	m, err := vectors.Load(path)
	if err != nil {
		return err
	}
	i, err := infoOf(path, m)
	if err != nil {
		return err
	}
	return a.emit(&vectorsInfo{i})
}

type vectorsInfo struct {
	infoModel[vectors.Config, vectors.Data]
}

func (i *vectorsInfo) print(w io.Writer) {
	fmt.Fprintf(w, "model\t%s, %s, of vectors\n", i.Model, size(i.ModelBytes))
	printPoints(w, i.Data, i.Config)
	i.printTail(w)
}
