package manifold

import (
	"context"
	"errors"
	"iter"
	"sync/atomic"

	"github.com/sparse-manifold/smt/cooccur"
	"github.com/sparse-manifold/smt/internal/parallel"
	"github.com/sparse-manifold/smt/sparse"
)

// BandUnits is the number of units from which on a group is coded and counted by itself, so
// many units at a time.
const BandUnits = 70_000

// Progress is told how far a stage has come. It is called from one goroutine at a time.
type Progress func(stage string, done, total int)

func (p Progress) report(stage string, done, total int) {
	if p != nil {
		p(stage, done, total)
	}
}

// Collect returns the statistics of the groups of src. Mirror images are not counted
// here: Solve adds them by symmetry.
func (e *Encoder) Collect(ctx context.Context, src Source, progress Progress) (cooccur.Statistics, error) {
	s, err := e.Statistics()
	if err != nil {
		return nil, err
	}
	if _, err := e.collect(ctx, src, 0, s, progress, stages{}); err != nil {
		return nil, err
	}
	return s, nil
}

// collect adds the groups from `next` on to s, batch by batch, and returns the
// number of the first group not added: src.Len(), unless there is an error. If the
// error is that of ctx, s is the sum of the groups before.
func (e *Encoder) collect(ctx context.Context, src Source, next int, s cooccur.Statistics, progress Progress, of stages) (int, error) {
	if src.Digest() != e.digest {
		return next, errors.New("smt: the units are of another kind than those the encoder was made for")
	}
	b := e.newBatch(src, s)
	b.stages = of
	defer s.Release()
	for next < src.Len() {
		progress.report("statistics", next, src.Len())
		added, err := b.add(ctx, next)
		next += added
		if err != nil {
			return next, err
		}
		if of.counted != nil {
			of.counted(next)
		}
	}
	progress.report("statistics", src.Len(), src.Len())
	return src.Len(), nil
}

// stages are told of every batch, unless they are nil.
type stages struct {
	coded   func(first int, groups []cooccur.Group) // before it is counted; not of groups in bands
	counted func(groups int)                        // the number of groups that have been, after
}

// batch is the working memory of collecting statistics.
type batch struct {
	stages
	e       *Encoder
	src     Source
	s       cooccur.Statistics
	size    int // groups that are counted at a time
	entries int // active atoms of them
	groups  []cooccur.Group
	work    []Scratch
}

func (e *Encoder) newBatch(src Source, s cooccur.Statistics) *batch {
	b := &batch{e: e, src: src, s: s, work: make([]Scratch, parallel.Workers(cooccur.BatchGroups))}
	b.size, b.entries = s.Batch()
	return b
}

// room returns the first n groups of the batch, to be filled.
func (b *batch) room(n int) []cooccur.Group {
	for len(b.groups) < n {
		b.groups = append(b.groups, cooccur.Group{Codes: new(sparse.Codes)})
	}
	return b.groups[:n]
}

// add codes and counts groups from number next on, and returns how many. It is a
// second's work, or ctx is looked at in between.
func (b *batch) add(ctx context.Context, next int) (added int, err error) {
	t, err := topology(b.src, next)
	if err != nil {
		return 0, err
	}
	if t.Units() > BandUnits {
		if err := b.checkNear(next, t); err != nil {
			return 0, err
		}
		if err := b.s.AccumulateBands(ctx, t, b.bands(ctx, next, t)); err != nil {
			return 0, err
		}
		return 1, nil
	}
	n := 1 // groups before one that is taken in bands
	for n < b.size && next+n < b.src.Len() {
		t, err := topology(b.src, next+n)
		if err != nil {
			return 0, err
		}
		if t.Units() > BandUnits {
			break
		}
		n++
	}
	if n, err = b.code(ctx, next, b.room(n)); err != nil {
		return 0, err
	}
	if b.coded != nil {
		b.coded(next, b.groups[:n])
	}
	return b.s.Accumulate(ctx, b.groups[:n])
}

// checkNear reports a topology of group i that is at fault, where windows ask it what is near.
func (b *batch) checkNear(i int, t cooccur.Topology) error {
	if b.e.cfg.Context.Kind != cooccur.Window {
		return nil
	}
	return ofGroup(i, near(t, b.e.cfg.Context.Radius))
}

// code codes groups from number next on, fewer than there is room for if their codes are
// many, and returns how many.
func (b *batch) code(ctx context.Context, next int, groups []cooccur.Group) (int, error) {
	coded := make([]bool, len(groups))
	var entries atomic.Int64
	err := parallel.ForErr(ctx, len(groups), func(w, i int) error {
		if i > 0 && entries.Load() > int64(b.entries) {
			return nil
		}
		g := &groups[i]
		var err error
		if g.Topology, err = topology(b.src, next+i); err != nil {
			return err
		}
		if err := b.checkNear(next+i, g.Topology); err != nil {
			return err
		}
		if err := b.encode(ctx, next+i, g.Topology.Units(), &b.work[w], g.Codes); err != nil {
			return err
		}
		entries.Add(int64(g.Codes.Active()))
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
	return len(groups), nil
}

// encode codes the units of group i.
func (b *batch) encode(ctx context.Context, i, units int, s *Scratch, out *sparse.Codes) error {
	g, err := open(b.src, i, s.group)
	if err != nil {
		return err
	}
	s.group = g
	out.Reset()
	if err := b.e.Encode(ctx, Span{Group: g, Last: units}, s, out); err != nil {
		return ofGroup(i, err)
	}
	return ofGroup(i, b.e.checkCodes(out, units))
}

// bands are the codes of group i, coded as they are asked for.
func (b *batch) bands(ctx context.Context, i int, t cooccur.Topology) iter.Seq2[cooccur.Band, error] {
	return func(yield func(cooccur.Band, error) bool) {
		first := &b.work[0]
		g, err := open(b.src, i, first.group)
		if err != nil {
			yield(cooccur.Band{}, err)
			return
		}
		first.group = g
		codes := b.room(1)[0].Codes
		units := t.Units()
		reach := min(max(0, t.Reach(b.e.cfg.Context.Radius)), units)
		codes.Reset()
		from, to := 0, 0 // the units that codes has
		for at := 0; at < units; at += BandUnits {
			n := min(BandUnits, units-at)
			first, last := max(0, at-reach), min(units, at+n+reach)
			codes.Drop(first - from)
			from = first
			if err := b.encodeBand(ctx, g, to, last, codes); err != nil {
				yield(cooccur.Band{}, ofGroup(i, err))
				return
			}
			to = last
			if err := b.e.checkCodes(codes, last-first); err != nil {
				yield(cooccur.Band{}, ofGroup(i, err))
				return
			}
			if !yield(cooccur.Band{Codes: codes, Before: at - first, Units: n}, nil) {
				return
			}
		}
	}
}

// encodeBand adds the codes of units first to last-1 of a group to out, on all workers.
func (b *batch) encodeBand(ctx context.Context, g Group, first, last int, out *sparse.Codes) error {
	if b.e.coder == nil {
		return b.e.Encode(ctx, Span{Group: g, First: first, Last: last}, &b.work[0], out)
	}
	step := sparse.BandLen(b.e.dim)
	parts := make([]sparse.Codes, (last-first+step-1)/step)
	err := parallel.ForErr(ctx, len(parts), func(w, i int) error {
		parts[i].Reset()
		from := first + i*step
		return b.e.Encode(ctx, Span{Group: g, First: from, Last: min(from+step, last)}, &b.work[w], &parts[i])
	})
	if err != nil {
		return err
	}
	for i := range parts {
		out.Append(&parts[i])
	}
	return nil
}
