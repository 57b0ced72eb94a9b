package smt

import (
	"context"
	"fmt"

	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/embedding"
	"github.com/sparse-manifold/smt/internal/plural"
	"github.com/sparse-manifold/smt/internal/shuffle"
	"github.com/sparse-manifold/smt/patch"
)

const (
	// componentImages is the number of images for each component, so that variances are not
	// those of chance ("Components in the model" in docs/research).
	componentImages = 4
	componentSeed   = 5
	// componentsSeed is added to the seed for the choice of the images.
	componentsSeed = 2
)

// ComponentsOf is how many components are learned of so many images of a shape, and how many
// of the images they are learned from. Both are 0 for a configuration without.
func (c Config) ComponentsOf(s dataset.Shape, images int) (n, sample int) {
	return c.componentsOf(images, c.Dim(s))
}

func (c Config) componentsOf(images, dim int) (n, sample int) {
	n = min(c.Components, images, dim)
	return n, min(images, componentImages*n)
}

// LearnComponents finds the components that Fit would give a model of the configuration. long are
// the embeddings, without components, of the images that the model is fitted on, in their order. A
// configuration without components is an error.
func (c Config) LearnComponents(ctx context.Context, long embedding.Set) (*embedding.Components, error) {
	n, sample := c.componentsOf(long.Len(), long.Dim())
	if sample < long.Len() {
		long = long.Pick(shuffle.Sample(long.Len(), sample, c.Seed+componentsSeed))
	}
	learned, err := embedding.NewComponents(ctx, long, n, c.Power, componentSeed)
	if err != nil {
		return nil, fmt.Errorf("smt: components of %s: %w", plural.Of(sample, "image"), err)
	}
	return learned, nil
}

// Shorten is the model whose embeddings are n of their principal components, evened out by a
// power (Config.Components, Config.Power), which are learned from a sample of the images of
// src. Fit does so with its own images. For models that Solve made it takes the images that
// their statistics are of, or others like them.
func (m *Model) Shorten(ctx context.Context, src dataset.Source, n int, power float64, list ...Option) (*Model, error) {
	cfg := m.enc.cfg
	cfg.Components, cfg.Power = n, power
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	long := m.Long()
	if n == 0 {
		return long, nil
	}
	if err := long.Check(src.Shape()); err != nil {
		return nil, err
	}
	if err := long.checkShape(src.Shape()); err != nil {
		return nil, err
	}
	o := apply(list)
	reading := options{progress: func(_ string, done, total int) {
		if done < total { // they are still to be solved for
			o.report("components", done, total)
		}
	}}
	c, err := cfg.LearnComponents(ctx, onDemand{long, src, reading})
	if err != nil {
		return nil, err
	}
	_, sample := cfg.ComponentsOf(src.Shape(), src.Len())
	o.report("components", sample, sample)
	return long.with(c, n, power), nil
}

// Long is the model without its components: all values of an embedding as they are.
func (m *Model) Long() *Model { return m.with(nil, 0, 0) }

// with is m with other components, of which n were asked for.
func (m *Model) with(c *embedding.Components, n int, power float64) *Model {
	e, changed := *m.enc, *m
	e.cfg.Components, e.cfg.Power = n, power
	changed.enc, changed.components = &e, c
	return &changed
}

// Flip writes to out the embedding of the left-right flip of an image of a shape, of which x is
// the embedding. It panics if the model was fitted without flips.
func (m *Model) Flip(s dataset.Shape, x, out []float32) {
	if m.components == nil {
		rows, cols := m.enc.transform().Grid(s)
		m.layout().Flip(x, rows, cols, out)
		return
	}
	if m.parity == nil {
		panic("smt: Flip: the model was fitted without flips")
	}
	even := m.components.Even()
	copy(out, x)
	for i, v := range x[even:] {
		out[even+i] = -v
	}
}

// checkShape wants a shape whose embeddings have the values that components are of: the same
// cells, or the same frequencies, as the images of the fit.
func (m *Model) checkShape(s dataset.Shape) error {
	l := m.layout()
	values := func(s dataset.Shape) [2]int {
		down, across := l.Grid(patch.Grid(s, m.enc.cfg.Patch))
		if l.Frequencies > 0 {
			down, across = l.Reach(down), l.Reach(across)
		}
		return [2]int{down, across}
	}
	if own := m.data.Shape; values(s) != values(own) {
		return fmt.Errorf("smt: images of %d × %d pixels have other cells than those of %d × %d that the components are of: want these, or a model fitted with components 0",
			s.Height, s.Width, own.Height, own.Width)
	}
	return nil
}
