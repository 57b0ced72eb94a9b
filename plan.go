package smt

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"

	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/internal/parallel"
	"github.com/sparse-manifold/smt/internal/plural"
	"github.com/sparse-manifold/smt/internal/shuffle"
	"github.com/sparse-manifold/smt/manifold"
)

// Plan is a fit of which the images are still to be counted, in parts: on many machines, which need not see all of
// them. It has what Fit settles before it counts, the Encoder, and what it looks at after that, the pixels of
// the images that components are learned from. NewPlan, Count for each part, Part.Add, and Solve make the model
// that Fit makes, value for value, whatever the parts are.
//
// A Plan is immutable and safe for concurrent use.
type Plan struct {
	enc      *Encoder
	software string
	images   int         // of the fit
	depth    int         // dataset.Depth of them
	ids      string      // digest of their ids, in order
	leftOut  []string    // ids of files beside the images, which cannot be read
	shorten  *shortening // nil for none
}

// shortening is the images that components are learned from.
type shortening struct {
	dataset.Source
	pix []uint8
}

// NewPlan learns whitening and dictionary from a sample of the images of src, as NewEncoder does. It reads no
// other images than that sample, and those that components are learned from.
func NewPlan(ctx context.Context, src dataset.Source, cfg Config, list ...Option) (*Plan, error) {
	if err := cfg.check(src); err != nil {
		return nil, err
	}
	e, err := encoderOf(ctx, src, cfg, list)
	if err != nil {
		return nil, err
	}
	p := &Plan{enc: e, software: Version, images: src.Len(), depth: dataset.Depth(src), ids: digestOf(src), leftOut: apply(list).leftOut}
	if n, sample := cfg.ComponentsOf(src.Shape(), src.Len()); n > 0 {
		if sample < src.Len() {
			src = dataset.Pick(src, shuffle.Sample(src.Len(), sample, cfg.Seed+componentsSeed))
		}
		if p.shorten, err = read(ctx, src, apply(list)); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// read is src in memory.
func read(ctx context.Context, src dataset.Source, o options) (*shortening, error) {
	size := src.Shape().Len()
	pix := make([]uint8, src.Len()*size)
	const together = 256
	for at := 0; at < src.Len(); at += together {
		o.report("images of components", at, src.Len())
		err := parallel.ForErr(ctx, min(together, src.Len()-at), func(_, k int) error {
			return src.Image(at+k, pix[(at+k)*size:(at+k+1)*size])
		})
		if err != nil {
			return nil, err
		}
	}
	o.report("images of components", src.Len(), src.Len())
	return &shortening{dataset.InMemory(src.Shape(), pix), pix}, nil
}

// digestOf is a digest of the ids of images, in order.
func digestOf(src dataset.Source) string {
	h := sha256.New()
	for i := range src.Len() {
		id := src.ID(i)
		fmt.Fprintf(h, "%d:%s\n", len(id), id)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// Of is the images of src that are the plan's: all but those that were left out (LeftOut).
func (p *Plan) Of(src dataset.Source) dataset.Source { return dataset.LeaveOut(src, p.leftOut) }

// LeftOut is the ids of the files that were left out, as they cannot be read.
func (p *Plan) LeftOut() []string { return slices.Clone(p.leftOut) }

// Config is the configuration of the fit.
func (p *Plan) Config() Config { return p.enc.cfg }

// Images is how many images the fit is of. Its parts have the numbers from 0 to those less one.
func (p *Plan) Images() int { return p.images }

// Shape is that of the images.
func (p *Plan) Shape() dataset.Shape { return p.enc.patches.Shape }

// Depth is the dataset.Depth of the images.
func (p *Plan) Depth() int { return p.depth }

// Identity tells the encoder from others: the statistics of one cannot be added to those of another.
func (p *Plan) Identity() string { return p.enc.engine.Identity() }

// Check reports images that are not those of the plan, by their shape, number and ids.
func (p *Plan) Check(src dataset.Source) error {
	switch {
	case src.Shape() != p.Shape():
		return fmt.Errorf("smt: images are of %v: want %v, as the encoder is", src.Shape(), p.Shape())
	case src.Len() != p.images:
		return fmt.Errorf("smt: there are %s: want the %d that the encoder was made for", plural.Of(src.Len(), "image"), p.images)
	case digestOf(src) != p.ids:
		return fmt.Errorf("smt: some of the %s have other names than those that the encoder was made for", plural.Of(src.Len(), "image"))
	}
	return nil
}

// Count returns the statistics of the images `first` to end−1 of src, which are those of the plan. Of the plan's
// images Fit reads all, for their fingerprint, and counts Config.Images: so it is with those of a part.
func (p *Plan) Count(ctx context.Context, src dataset.Source, first, end int, list ...Option) (*Part, error) {
	if err := p.Check(src); err != nil {
		return nil, err
	}
	if first < 0 || end < first || end > src.Len() {
		panic(fmt.Sprintf("smt: part [%d:%d] of %s", first, end, plural.Of(src.Len(), "image")))
	}
	part := dataset.Slice(src, first, end)
	o := apply(list)
	sum, err := dataset.SumOf(ctx, part, first, o.reading)
	if err != nil {
		return nil, err
	}
	counted := part
	if n := p.enc.cfg.Images; n > 0 && n < src.Len() {
		sample := shuffle.Sample(src.Len(), n, p.enc.cfg.Seed+1) // as bounded has it
		from, _ := slices.BinarySearch(sample, first)
		to, _ := slices.BinarySearch(sample, end)
		counted = dataset.Pick(src, sample[from:to])
	}
	return p.count(ctx, counted, share{Of: p.ids, Images: src.Len(), Ranges: rangeOf(first, end), Sum: sum}, o)
}

// CountMore returns the statistics of all images of src, which are others than those of the plan: for a fit that goes
// on to more images with the atoms that there are. Of Config.Images as many are counted of them as Fit would.
func (p *Plan) CountMore(ctx context.Context, src dataset.Source, list ...Option) (*Part, error) {
	if src.Shape() != p.Shape() {
		return nil, fmt.Errorf("smt: images are of %v: want %v, as the encoder is", src.Shape(), p.Shape())
	}
	o := apply(list)
	sum, err := dataset.SumOf(ctx, src, 0, o.reading)
	if err != nil {
		return nil, err
	}
	// Files of numbered images have the ids of others, so these have their pixels for a name.
	of := share{Of: sum.Fingerprint(src.Shape(), src.Len()), Images: src.Len(), Ranges: rangeOf(0, src.Len()), Sum: sum}
	return p.count(ctx, bounded(src, p.enc.cfg.Images, p.enc.cfg.Seed+1), of, o)
}

// count returns the statistics of images, which are those of a share that are counted.
func (p *Plan) count(ctx context.Context, images dataset.Source, of share, o options) (*Part, error) {
	units, err := p.enc.patches.Of(p.enc.views(images))
	if err != nil {
		return nil, err
	}
	run := manifold.Run{Progress: o.progress, Warn: o.warning, Checkpoint: o.checkpoint, Groups: of.digest(p.Shape())}
	s, err := p.enc.engine.Count(ctx, units, run)
	if err != nil {
		return nil, p.enc.explained(err)
	}
	return &Part{stats: s, about: partHeader{Version: partVersion, Software: p.software, Encoder: p.Identity(), Shape: p.Shape(), Shares: []share{of}}}, nil
}

// Solve makes the model that Fit makes of the images that a part has, which must be all of the plan's. Of a part with
// more images than those the model's Data has their number and no fingerprint: no source is all of them.
func (p *Plan) Solve(ctx context.Context, part *Part, list ...Option) (*Model, error) {
	if err := p.whole(part); err != nil {
		return nil, err
	}
	m, err := p.enc.Solve(ctx, part.stats, list...)
	if err != nil {
		return nil, err
	}
	m.data.Depth = p.depth
	m.data.Images = 0
	for _, s := range part.about.Shares {
		m.data.Images += s.Images
	}
	if s := part.about.Shares; len(s) == 1 {
		m.data.Fingerprint = s[0].Sum.Fingerprint(p.Shape(), s[0].Images)
	}
	if p.shorten == nil {
		return m, nil
	}
	return m.Shorten(ctx, p.shorten, p.enc.cfg.Components, p.enc.cfg.Power, list...)
}

// whole reports a part that is of another plan, or that is not of all of its images.
func (p *Plan) whole(part *Part) error {
	h := part.about
	if h.Encoder != p.Identity() {
		return fmt.Errorf("smt: the statistics are of encoder %.12s, not %.12s: want those that were counted with this one", h.Encoder, p.Identity())
	}
	own := false
	for _, s := range h.Shares {
		if missing := s.missing(); len(missing) > 0 {
			return fmt.Errorf("smt: the statistics are not of all %s: %v are missing, %d of %d", plural.Of(s.Images, "image"), missing, missing.images(), s.Images)
		}
		own = own || s.Of == p.ids
	}
	if !own {
		return fmt.Errorf("smt: the statistics are not of the %s that the encoder was made for", plural.Of(p.images, "image"))
	}
	return nil
}
