package smt

import (
	"context"
	"fmt"

	"github.com/sparse-manifold/smt/cooccur"
	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/dictionary"
	"github.com/sparse-manifold/smt/patch"
	"github.com/sparse-manifold/smt/pool"
	"github.com/sparse-manifold/smt/sparse"
)

// Encoder turns images into sparse codes: the part of a model that is settled
// before co-occurrence is counted. It is immutable and safe for concurrent use.
//
// Fit is NewEncoder, Collect and Solve in a row. Shards of a data set are
// collected apart with one Encoder and their statistics added.
type Encoder struct {
	cfg       Config
	shape     dataset.Shape // of the images it was made from
	transform *patch.Transform
	dict      *dictionary.Dictionary
	coder     *sparse.Coder
	identity  string // digest of all that statistics depend on, but the images
	sampled   int    // images that whitening and atoms were learned from
	rows      int    // of the patches of an image that statistics are made of
	cols      int
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
		sample = withGray(sample)
	}
	t := &patch.Transform{Size: cfg.Patch, Channels: src.Shape().Channels, Center: cfg.Center}
	if cfg.Whiten {
		o.report("whitening", 0, 1)
		var err error
		if t, err = t.Whiten(ctx, sample, cfg.Epsilon, cfg.Flips); err != nil {
			return nil, err
		}
		o.report("whitening", 1, 1)
	}
	d, err := chooseAtoms(ctx, unitsOf(sample, t, cfg), cfg, o)
	if err != nil {
		return nil, err
	}
	e, err := newEncoder(cfg, src.Shape(), t, d)
	if err != nil {
		return nil, err
	}
	e.sampled = sampled
	return e, nil
}

func newEncoder(cfg Config, shape dataset.Shape, t *patch.Transform, d *dictionary.Dictionary) (*Encoder, error) {
	var flip []int
	if d.Mirror != nil {
		flip = t.Flip()
	}
	coder, err := sparse.NewCoder(cfg.Code, cfg.Threshold, d.Atoms, d.Dim, flip)
	if err != nil {
		return nil, err
	}
	e := &Encoder{cfg: cfg, shape: shape, transform: t, dict: d, coder: coder}
	rows, cols := t.Grid(shape)
	step := max(1, cfg.Step)
	e.rows, e.cols = (rows-1)/step+1, (cols-1)/step+1
	e.identity, err = e.identify()
	return e, err
}

// counted are the patches of an image that statistics are made of, nil for all: in rows
// and columns Step apart, as far from one edge as from the other. They are as many as the
// shape says, which may be a model file's: only who has the images lists them.
func (e *Encoder) counted() (patches []int) {
	rows, cols := e.transform.Grid(e.shape)
	step := max(1, e.cfg.Step)
	if step == 1 {
		return nil
	}
	for y := e.firstCounted() / cols; y < rows; y += step {
		for x := e.firstCounted() % cols; x < cols; x += step {
			patches = append(patches, y*cols+x)
		}
	}
	return patches
}

// firstCounted is the first of them.
func (e *Encoder) firstCounted() int {
	rows, cols := e.transform.Grid(e.shape)
	step := max(1, e.cfg.Step)
	return (rows-1)%step/2*cols + (cols-1)%step/2
}

// unitsOf are the patches of images, to choose atoms from.
func unitsOf(images dataset.Source, t *patch.Transform, cfg Config) dictionary.Sample {
	rows, cols := t.Grid(images.Shape())
	s := dictionary.Sample{Dim: t.Dim(), Groups: images.Len(), Units: rows * cols, Seed: cfg.Seed, Reader: t.Reader(images)}
	if cfg.Flips {
		s.Flip = t.Flip()
	}
	return s
}

func chooseAtoms(ctx context.Context, s dictionary.Sample, cfg Config, o options) (*dictionary.Dictionary, error) {
	if cfg.Dictionary == KMeans {
		return dictionary.KMeans(ctx, s, cfg.Atoms, func(round, rounds int) { o.report("dictionary", round, rounds) })
	}
	return dictionary.Exemplars(ctx, s, cfg.Atoms, cfg.MaxCosine, func(found int) { o.report("dictionary", found, cfg.Atoms) })
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
	pix     []uint8
	patches patch.Patches
	search  sparse.Scratch
	codes   sparse.Codes
	pool    pool.Scratch
	project projector
}

// read has the pixels of image i of src in s.pix.
func (s *scratch) read(src dataset.Source, i int) error {
	if n := src.Shape().Len(); len(s.pix) != n {
		s.pix = make([]uint8, n)
	}
	return src.Image(i, s.pix)
}

// encode codes the patches of image i of src that have the given numbers, nil for
// all.
func (e *Encoder) encode(ctx context.Context, src dataset.Source, i int, which []int, s *scratch, out *sparse.Codes) error {
	if err := s.read(src, i); err != nil {
		return err
	}
	out.Reset()
	v := e.transform.View(s.pix, src.Shape(), which)
	return e.encodeSpan(ctx, &v, 0, v.Len(), false, s, out)
}

// encodeSpan adds the codes of patches first to last-1 to out, band by band. With
// fill, every patch that is not blank gets an atom.
func (e *Encoder) encodeSpan(ctx context.Context, v *patch.View, first, last int, fill bool, s *scratch, out *sparse.Codes) error {
	for band := e.transform.BandLen(); first < last; first += band {
		if err := ctx.Err(); err != nil {
			return err
		}
		v.Band(first, min(first+band, last), e.coder.Stride(), &s.patches)
		if err := e.coder.Append(&s.patches.Vectors, fill, &s.search, out); err != nil {
			return err
		}
	}
	return nil
}

// unit is the denominator of code values.
func (e *Encoder) unit() int {
	if e.cfg.Code == sparse.Soft {
		return sparse.SoftUnit
	}
	return 1
}

// Collect returns the statistics of the images of src. Flips are not counted
// here: Solve adds them by symmetry.
func (e *Encoder) Collect(ctx context.Context, src dataset.Source, options ...Option) (cooccur.Statistics, error) {
	s, err := e.Statistics()
	if err != nil {
		return nil, err
	}
	_, err = e.collect(ctx, e.views(src), 0, s, apply(options))
	return s, err
}

// views is src with the gray views that the configuration asks for.
func (e *Encoder) views(src dataset.Source) dataset.Source {
	if e.cfg.Grayscale {
		return withGray(src)
	}
	return src
}

// collect adds the images from `next` on to s, batch by batch, and returns the
// number of the first image not added: src.Len(), unless there is an error. If the
// error is that of ctx, s is the sum of the images before.
func (e *Encoder) collect(ctx context.Context, src dataset.Source, next int, s cooccur.Statistics, o options) (int, error) {
	if src.Shape() != e.shape {
		return next, fmt.Errorf("smt: images are %v, the encoder was made from images of %v", src.Shape(), e.shape)
	}
	b := e.newBatch(src, s)
	defer s.Release()
	for next < src.Len() {
		o.report("statistics", next, src.Len())
		added, err := b.add(ctx, next)
		next += added
		if err != nil {
			return next, err
		}
		if o.counted != nil {
			o.counted(next)
		}
	}
	o.report("statistics", src.Len(), src.Len())
	return src.Len(), nil
}
