package smt

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/sparse-manifold/smt/cooccur"
	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/dictionary"
	"github.com/sparse-manifold/smt/internal/plural"
	"github.com/sparse-manifold/smt/manifold"
	"github.com/sparse-manifold/smt/patch"
	"github.com/sparse-manifold/smt/pool"
	imagesource "github.com/sparse-manifold/smt/source/image"
	"github.com/sparse-manifold/smt/sparse"
)

// Encoder turns images into sparse codes: the part of a model that is settled
// before co-occurrence is counted. It is immutable and safe for concurrent use.
//
// Fit is NewEncoder, Collect, Solve and Model.Shorten in a row, and knows besides which images were
// read (Solve). Shards of a data set are collected apart with one Encoder and their statistics added.
type Encoder struct {
	cfg     Config
	patches imagesource.Patches // that statistics are made of
	dict    *dictionary.Dictionary
	engine  *manifold.Encoder
	sampled int // images that whitening and atoms were learned from
}

// NewEncoder learns whitening and dictionary from a sample of the images of src.
func NewEncoder(ctx context.Context, src dataset.Source, cfg Config, options ...Option) (*Encoder, error) {
	if err := cfg.check(src); err != nil {
		return nil, err
	}
	o := apply(options)
	sample := bounded(src, cfg.Sample, cfg.Seed)
	sampled := sample.Len()
	if cfg.Grayscale {
		sample = imagesource.WithGray(sample)
	}
	t := &patch.Transform{Size: cfg.Patch, Channels: src.Shape().Channels, Center: cfg.Center, Deskew: cfg.Deskew}
	if cfg.Whiten {
		o.report("whitening", 0, 1)
		var err error
		if t, err = t.Whiten(ctx, sample, cfg.Epsilon, cfg.Flips); err != nil {
			return nil, err
		}
		o.report("whitening", 1, 1)
	}
	d, err := chooseAtoms(ctx, imagesource.Sample(sample, t, cfg.Flips, cfg.Seed), cfg, o)
	if err != nil {
		if ctx.Err() != nil {
			return nil, err
		}
		if few, ok := errors.AsType[*dictionary.TooFewError](err); ok {
			few.Unit, few.Groups = "patch", "images"
		}
		return nil, fmt.Errorf("smt: atoms, of the patches of %s: %w", plural.Of(sampled, "image"), err)
	}
	e, err := newEncoder(cfg, src.Shape(), t, d)
	if err != nil {
		return nil, err
	}
	e.sampled = sampled
	return e, nil
}

// as is e with a configuration that differs in what is done with statistics alone.
func (e *Encoder) as(cfg Config, shape dataset.Shape) (*Encoder, error) {
	switch {
	case shape != e.patches.Shape:
		return nil, fmt.Errorf("smt: the encoder is of images of %v, not %v", e.patches.Shape, shape)
	case cfg.counting() != e.cfg.counting():
		return nil, errors.New("smt: the encoder is of another configuration: want one that differs in what is done with statistics alone")
	}
	own, err := newEncoder(cfg, shape, e.transform(), e.dict)
	if err != nil {
		return nil, err
	}
	own.sampled = e.sampled
	return own, nil
}

func newEncoder(cfg Config, shape dataset.Shape, t *patch.Transform, d *dictionary.Dictionary) (*Encoder, error) {
	about, err := json.Marshal(cfg.counting())
	if err != nil {
		return nil, fmt.Errorf("smt: config: %w", err)
	}
	p := imagesource.Patches{Transform: t, Shape: shape, Step: cfg.Step}
	rows, cols := p.Grid()
	engine, err := manifold.New(manifold.Config{
		Code: cfg.Code, Threshold: cfg.Threshold, Context: cfg.Context, Grid: cooccur.Grid{rows, cols}, Packed: cfg.Packed(),
		Dims: cfg.Dims, Skip: cfg.Skip, Ridge: cfg.Ridge, Seed: cfg.Seed,
		Names: manifold.Names{Unit: "patch", Units: "patches", Groups: "images"}, About: string(about),
	}, p, d)
	if err != nil {
		return nil, err
	}
	return &Encoder{cfg: cfg, patches: p, dict: d, engine: engine}, nil
}

// transform extracts and whitens patches.
func (e *Encoder) transform() *patch.Transform { return e.patches.Transform }

func chooseAtoms(ctx context.Context, s dictionary.Sample, cfg Config, o options) (*dictionary.Dictionary, error) {
	switch cfg.Dictionary {
	case Learned:
		return dictionary.Learn(ctx, s, cfg.Learning(), func(done, batches int) { o.report("dictionary", done, batches) })
	case KMeans:
		return dictionary.KMeans(ctx, s, cfg.Atoms, func(round, rounds int) { o.report("dictionary", round, rounds) })
	}
	return dictionary.Exemplars(ctx, s, cfg.Atoms, cfg.MaxCosine, func(found int) { o.report("dictionary", found, cfg.Atoms) })
}

// activeAtoms is the mean number of active atoms of a patch, of patches all over some images.
func (e *Encoder) activeAtoms(ctx context.Context, src manifold.Source) (float64, error) {
	const images, pieces, patches = 32, 8, 128 // so many patches of an image in a row
	var codes sparse.Codes
	var s manifold.Scratch
	var group manifold.Group
	codes.Reset()
	n := min(images, src.Len())
	for i := range n {
		at := i * src.Len() / n
		g, err := src.Open(at, group)
		if err != nil {
			return 0, err
		}
		group = g
		units := src.Topology(at).Units()
		for k := range pieces {
			first, end := k*units/pieces, (k+1)*units/pieces
			if err := e.engine.Encode(ctx, manifold.Span{Group: g, First: first, Last: min(end, first+patches)}, &s, &codes); err != nil {
				return 0, err
			}
		}
	}
	return float64(len(codes.Atom)) / float64(max(1, codes.N())), nil
}

// bounded is src, or n of its images chosen by a hash of their number. n = 0 is all.
func bounded(src dataset.Source, n int, seed uint64) dataset.Source {
	if n == 0 || n >= src.Len() {
		return src
	}
	_, held := dataset.Holdout(src, n, seed)
	return held
}

// scratch is the working memory of one worker.
type scratch struct {
	group   imagesource.Group
	encode  manifold.Scratch
	codes   sparse.Codes
	pool    pool.Scratch
	project manifold.Projector

	used       []int // the patches that an embedding is made of, nil for all
	rows, cols int   // of the grid that used is of
}

// usedOf are the patches of a grid that an embedding is made of, nil for all. They are listed once for all images of a size.
func (s *scratch) usedOf(l pool.Layout, rows, cols int) []int {
	if l.Thin > 1 && (s.rows != rows || s.cols != cols) {
		s.used, s.rows, s.cols = l.Used(rows, cols), rows, cols
	}
	return s.used
}

// explained says what to do about statistics that cannot be packed.
func (e *Encoder) explained(err error) error {
	if rows, cols := e.patches.Grid(); err != nil && e.cfg.Packed() && rows*cols > cooccur.MostPackedUnits {
		return fmt.Errorf("smt: %s, step %d: statistics of so many atoms take a few patches an image, a larger step leaves fewer: %w",
			plural.Of(e.cfg.Atoms, "atom"), e.cfg.Step, err)
	}
	return err
}

// Collect returns the statistics of the images of src. Flips are not counted
// here: Solve adds them by symmetry.
func (e *Encoder) Collect(ctx context.Context, src dataset.Source, options ...Option) (cooccur.Statistics, error) {
	units, err := e.patches.Of(e.views(src))
	if err != nil {
		return nil, err
	}
	s, err := e.engine.Collect(ctx, units, apply(options).progress)
	return s, e.explained(err)
}

// views is src with the gray views that the configuration asks for.
func (e *Encoder) views(src dataset.Source) dataset.Source {
	if e.cfg.Grayscale {
		return imagesource.WithGray(src)
	}
	return src
}
