package smt

import (
	"context"
	"iter"
	"sync/atomic"

	"github.com/sparse-manifold/smt/cooccur"
	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/internal/parallel"
	"github.com/sparse-manifold/smt/patch"
	"github.com/sparse-manifold/smt/sparse"
)

// bandPatchesCounted is the number of patches from which on an image is coded and
// counted by itself, so many at a time.
const bandPatchesCounted = 70_000

// batch is the working memory of collecting statistics.
type batch struct {
	e       *Encoder
	src     dataset.Source
	s       cooccur.Statistics
	entries int // active atoms of groups that are counted at a time
	// counted are the patches of an image that are counted, nil for all.
	counted []int
	groups  []cooccur.Group
	work    []scratch
}

func (e *Encoder) newBatch(src dataset.Source, s cooccur.Statistics) *batch {
	n, entries := s.Batch()
	if e.large() {
		n = 1
	}
	b := &batch{e: e, src: src, s: s, entries: entries, counted: e.counted(), groups: make([]cooccur.Group, min(n, src.Len()))}
	grid := cooccur.Grid{e.rows, e.cols}
	for i := range b.groups {
		b.groups[i] = cooccur.Group{Codes: new(sparse.Codes), Topology: grid}
	}
	b.work = make([]scratch, parallel.Workers(cooccur.BatchGroups))
	return b
}

// large reports whether images are counted one by one, in bands.
func (e *Encoder) large() bool { return e.rows*e.cols > bandPatchesCounted }

// add codes and counts images from number next on, and returns how many. It is a
// second's work, or ctx is looked at in between.
func (b *batch) add(ctx context.Context, next int) (added int, err error) {
	if b.e.large() {
		if err := b.s.AccumulateBands(ctx, b.groups[0].Topology, b.bands(ctx, next)); err != nil {
			return 0, err
		}
		return 1, nil
	}
	n, err := b.code(ctx, next)
	if err != nil {
		return 0, err
	}
	return b.s.Accumulate(ctx, b.groups[:n])
}

// code codes images from number next on, fewer than there is room for if their codes are
// many, and returns how many.
func (b *batch) code(ctx context.Context, next int) (int, error) {
	n := min(len(b.groups), b.src.Len()-next)
	coded := make([]bool, n)
	var entries atomic.Int64
	err := parallel.ForErr(ctx, n, func(w, i int) error {
		if i > 0 && entries.Load() > int64(b.entries) {
			return nil
		}
		codes := b.groups[i].Codes
		if err := b.e.encode(ctx, b.src, next+i, b.counted, &b.work[w], codes); err != nil {
			return err
		}
		entries.Add(int64(len(codes.Atom)))
		coded[i] = true
		return nil
	})
	if err != nil {
		return 0, err
	}
	for i, done := range coded {
		if !done {
			return i, nil
		}
	}
	return n, nil
}

// bands are the codes of image i, coded as they are asked for.
func (b *batch) bands(ctx context.Context, i int) iter.Seq2[cooccur.Band, error] {
	return func(yield func(cooccur.Band, error) bool) {
		first := &b.work[0]
		if err := first.read(b.src, i); err != nil {
			yield(cooccur.Band{}, err)
			return
		}
		v := b.e.transform.View(first.pix, b.src.Shape(), b.counted)
		codes, topology := b.groups[0].Codes, b.groups[0].Topology
		units, reach := topology.Units(), topology.Reach(b.e.cfg.Context.Radius)
		codes.Reset()
		from, to := 0, 0 // the units that codes has
		for at := 0; at < units; at += bandPatchesCounted {
			n := min(bandPatchesCounted, units-at)
			first, last := max(0, at-reach), min(units, at+n+reach)
			codes.Drop(first - from)
			from = first
			if err := b.encodeUnits(ctx, &v, to, last, codes); err != nil {
				yield(cooccur.Band{}, err)
				return
			}
			to = last
			if !yield(cooccur.Band{Codes: codes, Before: at - first, Units: n}, nil) {
				return
			}
		}
	}
}

// encodeUnits adds the codes of patches first to last-1 to out, on all workers.
func (b *batch) encodeUnits(ctx context.Context, v *patch.View, first, last int, out *sparse.Codes) error {
	band := b.e.transform.BandLen()
	parts := make([]sparse.Codes, (last-first+band-1)/band)
	err := parallel.ForErr(ctx, len(parts), func(w, i int) error {
		parts[i].Reset()
		from := first + i*band
		return b.e.encodeSpan(ctx, v, from, min(from+band, last), false, &b.work[w], &parts[i])
	})
	if err != nil {
		return err
	}
	for i := range parts {
		out.Append(&parts[i])
	}
	return nil
}
