package smt

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/sparse-manifold/smt/cooccur"
	"github.com/sparse-manifold/smt/internal/pace"
	"github.com/sparse-manifold/smt/sparse"
)

// kept are the statistics of a fit, which are written to its checkpoint now and then:
// whole batches, so that what is in the file is always the first images' statistics.
type kept struct {
	statistics
	o      options // its checkpoint is "" for none
	images string  // fingerprint of all images of the source
	total  int     // images that are to be counted
	done   int     // images that are counted
	saved  int     // images that are in the file
	broken bool    // a batch was added in part
	warned bool
	pace   *pace.Pace
}

// imagesNote is the note of a checkpoint that has the fingerprint of the images. The
// rest of what it depends on is in the statistics' own identity.
const imagesNote = "images"

// begin returns the statistics of the first of total images: those in the checkpoint,
// or, if there is none, of no image.
func (e *Encoder) begin(fingerprint string, total int, o options) (*kept, error) {
	k := &kept{o: o, images: fingerprint, total: total, pace: pace.Begin()}
	if o.checkpoint != "" {
		err := e.resume(k)
		if err == nil || !errors.Is(err, fs.ErrNotExist) {
			return k, err
		}
	}
	var err error
	k.statistics, err = e.empty()
	return k, err
}

// resume reads the checkpoint.
func (e *Encoder) resume(k *kept) error {
	path := k.o.checkpoint
	s, images, notes, err := e.load(path)
	if err != nil {
		return fmt.Errorf("smt: checkpoint: %w; it cannot be gone on from: remove it to begin anew", err)
	}
	refuse := func(format string, args ...any) error {
		return fmt.Errorf("smt: checkpoint %s %s: run what it was made by, or remove it to begin anew", path, fmt.Sprintf(format, args...))
	}
	found, ok := notes[imagesNote]
	switch {
	case !ok:
		return refuse("has no fingerprint of its images, as those of earlier versions of smt")
	case found != k.images:
		return refuse("is of other images, of fingerprint %.12s, not %.12s", found, k.images)
	}
	if err := e.check(s); err != nil {
		return refuse("is of another configuration (%v)", err)
	}
	if images > int64(k.total) {
		return refuse("is of %d images, more than the %d there are", images, k.total)
	}
	k.statistics, k.done, k.saved = s, int(images), int(images)
	return nil
}

// load reads statistics of the kind that e counts, and how many images they are of.
func (e *Encoder) load(path string) (statistics, int64, map[string]string, error) {
	if e.cfg.packs() {
		s, notes, err := cooccur.LoadPacked(path, e.dict.Mirror)
		if err != nil {
			return nil, 0, nil, err
		}
		return s, s.Images, notes, nil
	}
	s, notes, err := cooccur.Load(path)
	if err != nil {
		return nil, 0, nil, err
	}
	return s, s.Images, notes, nil
}

// Accumulate adds a batch and writes the checkpoint if it is time to.
func (k *kept) Accumulate(batch []*sparse.Codes) error {
	if err := k.statistics.Accumulate(batch); err != nil {
		k.broken = true
		return err
	}
	k.done += len(batch)
	if k.pace.Due() {
		k.keep()
	}
	return nil
}

// rest writes the checkpoint, before work of another kind, if that is worth it.
func (k *kept) rest() {
	if k.pace.Worth() {
		k.keep()
	}
}

// keep writes the checkpoint. A fit goes on where that fails, and says so once.
func (k *kept) keep() {
	if err := k.save(); err != nil && !k.warned {
		k.warned = true
		k.o.warn(fmt.Errorf("%w; the fit goes on", err))
	}
}

// save writes the checkpoint unless it has all that is counted.
func (k *kept) save() error {
	if k.o.checkpoint == "" || k.broken || k.saved == k.done {
		return nil
	}
	err := k.pace.Write(func() error {
		return k.statistics.Save(k.o.checkpoint, map[string]string{imagesNote: k.images})
	})
	if err != nil {
		return fmt.Errorf("smt: the checkpoint cannot be written: %w", err)
	}
	k.saved = k.done
	return nil
}

// stopped is err, which ended the fit, with what is kept of it.
func (k *kept) stopped(ctx context.Context, err error) error {
	var saving error
	if ctx.Err() != nil || k.pace.Worth() { // whoever cancels wants to go on
		saving = k.save()
	}
	if k.saved > 0 {
		err = fmt.Errorf("smt: stopped after %d of %d images, the statistics of %d are kept in %s: %w", k.done, k.total, k.saved, k.o.checkpoint, err)
	}
	return errors.Join(err, saving)
}
