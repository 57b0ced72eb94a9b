package smt

import (
	"context"
	"fmt"

	"github.com/sparse-manifold/smt/cooccur"
	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/manifold"
)

// Fit learns a model from the images of src, and then the components that cfg asks for. Labels
// are not used. The model depends on the images, cfg and cfg.Seed, not on the number of workers.
//
// All images are read first: one that cannot be read is found before any long work.
func Fit(ctx context.Context, src dataset.Source, cfg Config, list ...Option) (*Model, error) {
	if err := cfg.check(src); err != nil {
		return nil, err
	}
	o := apply(list)
	images, err := dataset.Fingerprint(ctx, src, o.reading)
	if err != nil {
		return nil, err
	}
	e, err := encoderOf(ctx, src, cfg, list)
	if err != nil {
		return nil, err
	}
	units, err := e.patches.Of(e.views(bounded(src, cfg.Images, cfg.Seed+1)))
	if err != nil {
		return nil, err
	}
	if o.active != nil {
		perPatch, err := e.activeAtoms(ctx, units)
		if err != nil {
			return nil, err
		}
		if err := o.active(perPatch); err != nil {
			return nil, err
		}
	}
	s, err := e.engine.Learn(ctx, units, manifold.Run{Progress: o.progress, Warn: o.warning, Checkpoint: o.checkpoint, Groups: images})
	if err != nil {
		return nil, e.explained(err)
	}
	m, err := e.model(s)
	if err != nil {
		return nil, err
	}
	m.data.Fingerprint = images
	m.data.Images = src.Len()
	m.data.Depth = dataset.Depth(src)
	return m.Shorten(ctx, src, cfg.Components, cfg.Power, list...)
}

// encoderOf is the encoder that an option has, or a new one.
func encoderOf(ctx context.Context, src dataset.Source, cfg Config, list []Option) (*Encoder, error) {
	if e := apply(list).encoder; e != nil {
		return e.as(cfg, src.Shape())
	}
	return NewEncoder(ctx, src, cfg, list...)
}

// VICReg holds the terms of the VICReg objective of the patch embedding.
type VICReg = manifold.VICReg

// Solve makes a model of the encoder and the statistics of its codes. It has no components,
// whatever the configuration says: Model.Shorten learns them from images. Of the images the model
// knows what was counted alone: Fit's has in its Data their fingerprint as well, the number of all images
// and their depth. All else of the two models is the same.
func (e *Encoder) Solve(ctx context.Context, s cooccur.Statistics, list ...Option) (*Model, error) {
	solution, err := e.engine.Solve(ctx, s, apply(list).progress)
	if err != nil {
		return nil, err
	}
	return e.model(solution)
}

// model is what was learned, if it can be read once it is saved. The checkpoint has the
// statistics still.
func (e *Encoder) model(s *manifold.Solution) (*Model, error) {
	m := newModel(e, s)
	if err := m.check(); err != nil {
		return nil, fmt.Errorf("smt: V is all but singular, and the solution is lost in rounding: use more images, fewer atoms or a larger ridge than %g: %w", e.cfg.Ridge, err)
	}
	return m, nil
}
