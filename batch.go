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
	e   *Encoder
	src dataset.Source
	s   statistics
	// counted are the patches of an image that are counted, nil for all.
	counted []int
	codes   []*sparse.Codes
	work    []scratch
}

func (e *Encoder) newBatch(src dataset.Source, s statistics) *batch {
	n := cooccur.BatchImages
	if p, ok := s.(*cooccur.Packed); ok {
		n = p.BatchImages()
	}
	if e.large() {
		n = 1
	}
	b := &batch{e: e, src: src, s: s, counted: e.counted(), codes: make([]*sparse.Codes, min(n, src.Len()))}
	for i := range b.codes {
		b.codes[i] = new(sparse.Codes)
	}
	b.work = make([]scratch, parallel.Workers(cooccur.BatchImages))
	return b
}

// release gives back the memory that adding has taken of the statistics.
func (b *batch) release() {
	if dense, ok := b.s.(*cooccur.Statistics); ok {
		dense.Release()
	}
}

// large reports whether images are counted one by one, in bands.
func (e *Encoder) large() bool { return e.rows*e.cols > bandPatchesCounted }

// add codes and counts images from number next on, and returns how many. It is a
// second's work, or ctx is looked at in between.
func (b *batch) add(ctx context.Context, next int) (added int, err error) {
	dense, ok := b.s.(*cooccur.Statistics)
	if !ok {
		// Results of packed statistics may hang on where batches begin.
		n, err := b.code(ctx, next, false)
		if err != nil {
			return 0, err
		}
		return n, b.s.Accumulate(b.codes[:n])
	}
	if b.e.large() {
		if err := dense.AccumulateBands(ctx, b.bands(ctx, next)); err != nil {
			return 0, err
		}
		return 1, nil
	}
	n, err := b.code(ctx, next, true)
	if err != nil {
		return 0, err
	}
	return dense.AccumulateUntil(ctx, b.codes[:n])
}

// code codes images from number next on, with bounded fewer than there is room for if
// their codes are many, and returns how many.
func (b *batch) code(ctx context.Context, next int, bounded bool) (int, error) {
	n := min(len(b.codes), b.src.Len()-next)
	coded := make([]bool, n)
	var entries atomic.Int64
	most := int64(cooccur.BatchEntries(b.e.dict.N()))
	err := parallel.ForErr(ctx, n, func(w, i int) error {
		if bounded && i > 0 && entries.Load() > most {
			return nil
		}
		if err := b.e.encode(ctx, b.src, next+i, b.counted, &b.work[w], b.codes[i]); err != nil {
			return err
		}
		entries.Add(int64(len(b.codes[i].Atom)))
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
		rows, cols, radius := b.e.rows, b.e.cols, b.e.cfg.Context.Radius
		step := max(1, bandPatchesCounted/cols)
		codes := b.codes[0]
		codes.Reset()
		from, to := 0, 0 // the rows that codes has
		for y := 0; y < rows; y += step {
			n := min(step, rows-y)
			top, bottom := max(0, y-radius), min(rows, y+n+radius)
			codes.Drop((top - from) * cols)
			from = top
			if err := b.encodeRows(ctx, &v, to*cols, bottom*cols, codes); err != nil {
				yield(cooccur.Band{}, err)
				return
			}
			to = bottom
			if !yield(cooccur.Band{Codes: codes, Above: y - top, Rows: n}, nil) {
				return
			}
		}
	}
}

// encodeRows adds the codes of patches first to last-1 to out, on all workers.
func (b *batch) encodeRows(ctx context.Context, v *patch.View, first, last int, out *sparse.Codes) error {
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
