// Package coding is the first stages of the method, with the values of the preset
// cifar, as the benchmarks need them apart from the rest: whitening, a dictionary
// and codes.
package coding

import (
	"context"

	"github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/cooccur"
	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/dictionary"
	"github.com/sparse-manifold/smt/internal/parallel"
	"github.com/sparse-manifold/smt/patch"
	"github.com/sparse-manifold/smt/sparse"
)

// Coding is settled on a sample of images.
type Coding struct {
	Config    smt.Config
	Transform *patch.Transform
	Atoms     []float32 // unit vectors of Transform.Dim() values
	Mirror    []uint16  // the flip of each atom
	shape     dataset.Shape
}

// New learns the whitening and so many atoms from images of src.
func New(ctx context.Context, src dataset.Source, atoms int) (*Coding, error) {
	cfg, err := smt.Preset("cifar")
	if err != nil {
		return nil, err
	}
	cfg.Atoms = atoms
	sample := src
	if cfg.Sample < src.Len() {
		_, sample = dataset.Holdout(src, cfg.Sample, cfg.Seed)
	}
	t := &patch.Transform{Size: cfg.Patch, Channels: src.Shape().Channels, Center: cfg.Center}
	if t, err = t.Whiten(ctx, sample, cfg.Epsilon, cfg.Flips); err != nil {
		return nil, err
	}
	rows, cols := t.Grid(src.Shape())
	s := dictionary.Sample{Dim: t.Dim(), Groups: sample.Len(), Units: rows * cols, Flip: t.Flip(), Seed: cfg.Seed, Reader: t.Reader(sample)}
	d, err := dictionary.Exemplars(ctx, s, atoms, cfg.MaxCosine, func(int) {})
	if err != nil {
		return nil, err
	}
	return &Coding{cfg, t, d.Atoms, d.Mirror, src.Shape()}, nil
}

// Encode codes the images of src with the first atoms.
func (c *Coding) Encode(ctx context.Context, src dataset.Source, atoms int) ([]*sparse.Codes, error) {
	dim := c.Transform.Dim()
	coder, err := sparse.NewCoder(c.Config.Code, c.Config.Threshold, c.Atoms[:atoms*dim], dim, c.Transform.Flip())
	if err != nil {
		return nil, err
	}
	type scratch struct {
		pix     []uint8
		patches patch.Patches
		search  sparse.Scratch
	}
	work := make([]scratch, parallel.Workers(src.Len()))
	out := make([]*sparse.Codes, src.Len())
	return out, parallel.ForErr(ctx, src.Len(), func(w, i int) error {
		s := &work[w]
		if s.pix == nil {
			s.pix = make([]uint8, src.Shape().Len())
		}
		if err := src.Image(i, s.pix); err != nil {
			return err
		}
		c.Transform.Apply(s.pix, src.Shape(), coder.Stride(), &s.patches)
		out[i] = new(sparse.Codes)
		return coder.Encode(&s.patches.Vectors, false, &s.search, out[i])
	})
}

// Statistics returns empty statistics for codes on the first atoms.
func (c *Coding) Statistics(atoms int) (*cooccur.Dense, error) {
	rows, cols := c.Transform.Grid(c.shape)
	return cooccur.NewDense(cooccur.Origin{Context: c.Config.Context, Atoms: atoms, Denominator: 1, Grid: cooccur.Grid{rows, cols}})
}

// Count adds the codes of images to statistics.
func Count(ctx context.Context, s cooccur.Statistics, codes []*sparse.Codes) error {
	groups := make([]cooccur.Group, len(codes))
	for i, c := range codes {
		groups[i].Codes = c
	}
	_, err := s.Accumulate(ctx, groups)
	return err
}

// Active is the number of active atoms in all codes.
func Active(codes []*sparse.Codes) (n int) {
	for _, c := range codes {
		n += len(c.Atom)
	}
	return n
}
