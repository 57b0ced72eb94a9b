package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/sparse-manifold/smt/internal/memory"
	"github.com/sparse-manifold/smt/manifold"
	"github.com/sparse-manifold/smt/source/vector"
	"github.com/sparse-manifold/smt/vectors"
)

// fitVectors is how smt fit learns from points.
func (a *app) fitVectors(s *settings) kind {
	own := pflag.NewFlagSet("vectors", pflag.ContinueOnError)
	own.SortFlags = false
	given := vectors.Default() // with the fields that flags were given for
	own.IntVar(&given.Neighbours, "neighbours", given.Neighbours, "a point is near to so many others, the nearest")
	own.BoolVar(&given.Mutual, "mutual", false, "points are near only if each is among the nearest of the other")
	own.BoolVar(&given.Pieces, "pieces", false, "go on if the points are in pieces, between which none are near: want --dims of as many at least; coordinates are not straightened")
	own.IntVar(&given.Active, "active", 0, "atoms of the code of a point, the nearest, 0 for 12 or, of fewer atoms, all but one")
	own.IntVar(&given.Smooth, "smooth", 0, "smooth coordinates that those of an embedding are made of, 0 for as many, of a few numbers, as keep most neighbours of a sample of the points, or of pieces as many as --dims; as many as --dims are the embedding themselves")
	return kind{
		name: "vectors", endings: []string{".npy", ".parquet"}, own: own,
		also: []string{"atoms", "dictionary", "dims", "ridge", "config"},
		fit: func(ctx context.Context, data, out string) (result, error) {
			cfg := vectors.Default()
			if s.file != "" {
				var err error
				if cfg, err = readConfig[vectors.Config](ctx, s.file); err != nil {
					return nil, err
				}
			}
			if s.file == "" {
				cfg.Active = 0 // as many as suit the atoms
			}
			cfg.Seed = a.seedOr(cfg.Seed)
			for name, set := range map[string]func(){
				"atoms":      func() { cfg.Atoms = s.value.Atoms },
				"dictionary": func() { cfg.Dictionary = vectors.Dictionary(s.value.Dictionary) },
				"dims":       func() { cfg.Dims = s.value.Dims },
				"ridge":      func() { cfg.Ridge = s.value.Ridge },
				"neighbours": func() { cfg.Neighbours = given.Neighbours },
				"mutual":     func() { cfg.Mutual = given.Mutual },
				"pieces":     func() { cfg.Pieces = given.Pieces },
				"active":     func() { cfg.Active = given.Active },
				"smooth":     func() { cfg.Smooth = given.Smooth },
			} {
				if s.fields.Changed(name) || own.Changed(name) {
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
	points, err := vector.Read(data)
	if err != nil {
		return nil, err
	}
	if need, room := vectors.Memory(points, cfg), memory.Available(); room.Bytes > 0 && need > room.Bytes {
		return nil, fmt.Errorf("fitting to %s takes about %s of memory, and %s allows %s: want fewer --atoms or points", numberOf(points.N(), "point"), size(need), room.By, size(room.Bytes))
	}
	r := &fittedVectors{}
	r.Model = path
	m, bytes, err := fitAndSave(ctx, a, path, func(p *progress, kept string) (*vectors.Model, error) {
		began := time.Now()
		m, err := vectors.Fit(ctx, points, cfg, manifold.Run{Progress: p.report, Warn: p.warn, Checkpoint: kept})
		if err != nil {
			return nil, fmt.Errorf("%s: %w", data, err)
		}
		r.FitSeconds = time.Since(began).Seconds()
		return m, nil
	})
	if err != nil {
		return nil, err
	}
	if n := len(m.Data().Pieces); n > 1 {
		a.note("the points are in %s, between which none are near: how these lie to one another is not learned, and coordinates are the smooth ones, not straightened", numberOf(n, "piece"))
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
	fmt.Fprintf(w, "fitted on\t%s of %s%s\n", numberOf(d.Points, "point"), numberOf(d.Values, "value"), copies)
	right := "exact"
	if d.Recall < 1 {
		right = fmt.Sprintf("%.2f %% of them right in a sample", 100*d.Recall)
	}
	pieces := "in one piece"
	if len(d.Pieces) > 1 {
		pieces = fmt.Sprintf("in %s, the largest of %s", numberOf(len(d.Pieces), "piece"), numberOf(d.Pieces[0], "point"))
	}
	fmt.Fprintf(w, "graph\t%s a point, %s; %s counted, %s\n", numberOf(c.Neighbours, "neighbour"), right, numberOf(int(d.Edges), "edge"), pieces)
	fmt.Fprintf(w, "atoms\t%s (%s), %s active a point\n", count(c.Atoms), c.Dictionary, count(c.Active))
	from := ""
	if c.Smooth > c.Dims {
		from = fmt.Sprintf(", made of %s", numberOf(c.Smooth, "smooth one"))
	}
	fmt.Fprintf(w, "dimensions\t%s%s\n", count(c.Dims), from)
	printTried(w, d.Tried, c.Smooth)
}

// printTried tells how the number of smooth coordinates was chosen, if it was.
func printTried(w io.Writer, tried []vectors.Tried, smooth int) {
	var numbers []string
	var chosen vectors.Tried
	for _, t := range tried {
		numbers = append(numbers, count(t.Smooth))
		if t.Smooth == smooth {
			chosen = t
		}
	}
	if len(tried) > 0 {
		fmt.Fprintf(w, "chosen\t%s smooth ones, of %s tried: in a sample trustworthiness is %.4f, continuity %.4f\n",
			count(smooth), strings.Join(numbers, ", "), chosen.Trust, chosen.Continuity)
	}
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
