package smt

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"

	"github.com/sparse-manifold/smt/cooccur"
	"github.com/sparse-manifold/smt/dataset"
)

// resume collects the statistics of src, going on from the checkpoint, if there
// is one of the same work, and leaving one if ctx is cancelled on the way.
func (e *Encoder) resume(ctx context.Context, src dataset.Source, o options) (statistics, error) {
	s, err := e.empty()
	if err != nil {
		return nil, err
	}
	next := 0
	if o.checkpoint != "" {
		saved, at, err := e.checkpointOf(src, o.checkpoint)
		if err != nil {
			return nil, err
		}
		if saved != nil {
			s, next = saved, at
		}
	}
	if next, err = e.collect(ctx, src, next, s, o); err != nil {
		return nil, e.keep(ctx, err, src, next, s, o)
	}
	return s, nil
}

// keep writes a checkpoint of the statistics of the images before next if err
// comes of a cancelled ctx, and returns err with what became of it.
func (e *Encoder) keep(ctx context.Context, err error, src dataset.Source, next int, s statistics, o options) error {
	if ctx.Err() == nil || o.checkpoint == "" || next == 0 {
		return err
	}
	notes := map[string]string{"work": e.work(src), "next": strconv.Itoa(next)}
	if saving := s.Save(o.checkpoint, notes); saving != nil {
		return errors.Join(err, saving)
	}
	return fmt.Errorf("smt: stopped after %d of %d images, their statistics are kept in %s: %w", next, src.Len(), o.checkpoint, err)
}

// checkpointOf reads the checkpoint at path: nil if there is none.
func (e *Encoder) checkpointOf(src dataset.Source, path string) (statistics, int, error) {
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil, 0, nil
	}
	var s statistics
	var notes map[string]string
	var err error
	if e.cfg.packs() {
		s, notes, err = cooccur.LoadPacked(path, e.dict.Mirror)
	} else {
		s, notes, err = cooccur.Load(path)
	}
	if err != nil {
		return nil, 0, fmt.Errorf("smt: checkpoint: %w", err)
	}
	next, err := strconv.Atoi(notes["next"])
	if err != nil || next < 0 || next > src.Len() {
		return nil, 0, fmt.Errorf("smt: checkpoint %s: note next is %q, want a number of images up to %d", path, notes["next"], src.Len())
	}
	if notes["work"] != e.work(src) {
		return nil, 0, fmt.Errorf("smt: checkpoint %s is of another configuration or other images: remove it, or run what it was made by", path)
	}
	return s, next, nil
}

// work identifies a checkpoint's statistics: the encoder, which was learned from
// the images and stands for them, and how many images there are.
func (e *Encoder) work(src dataset.Source) string {
	return fmt.Sprintf("%s, context %+v, %d images of %v", e.identity, e.cfg.Context, src.Len(), src.Shape())
}

// forget removes the checkpoint of work that is done.
func (o options) forget() error {
	if o.checkpoint == "" {
		return nil
	}
	if err := os.Remove(o.checkpoint); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("smt: checkpoint: %w", err)
	}
	return nil
}
