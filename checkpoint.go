package smt

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"github.com/sparse-manifold/smt/cooccur"
	"github.com/sparse-manifold/smt/internal/pace"
)

// kept are the statistics of a fit, which are written to its checkpoint now and then:
// whole images, so that what is in the file is always the first images' statistics.
type kept struct {
	s      cooccur.Statistics
	o      options // its checkpoint is "" for none
	images string  // fingerprint of all images of the source
	config string  // JSON
	total  int     // images that are to be counted
	done   int     // images that are counted
	saved  int     // images that are in the file
	warned bool
	pace   *pace.Pace
}

// Notes of a checkpoint. The configuration is there for the reader of an error: what
// statistics depend on besides the images is in their own identity.
const (
	imagesNote = "images" // fingerprint of all images
	configNote = "config"
)

// begin returns the statistics of the first of total images: those in the checkpoint,
// or, if there is none, of no image.
func (e *Encoder) begin(fingerprint string, total int, o options) (*kept, error) {
	config, err := json.Marshal(e.cfg.counting())
	if err != nil {
		return nil, fmt.Errorf("smt: config: %w", err)
	}
	k := &kept{o: o, images: fingerprint, config: string(config), total: total, pace: pace.Begin()}
	if o.checkpoint != "" {
		if err := e.resume(k); err == nil || !errors.Is(err, fs.ErrNotExist) {
			return k, err
		}
	}
	k.s, err = e.Statistics()
	return k, err
}

// resume reads the checkpoint.
func (e *Encoder) resume(k *kept) error {
	path := k.o.checkpoint
	s, notes, err := cooccur.Load(path)
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
		return refuse("is of another configuration: %s", cmp.Or(differences(notes[configNote], k.config), err.Error()))
	}
	n := s.Of().Groups
	if n > int64(k.total) {
		return refuse("is of %d images, more than the %d there are", n, k.total)
	}
	k.s, k.done, k.saved = s, int(n), int(n)
	return nil
}

// differences tells in which fields two configurations differ, as JSON.
func differences(found, want string) string {
	var a, b map[string]json.RawMessage
	if json.Unmarshal([]byte(found), &a) != nil || json.Unmarshal([]byte(want), &b) != nil {
		return ""
	}
	var all []string
	for _, name := range slices.Sorted(maps.Keys(b)) {
		if !bytes.Equal(a[name], b[name]) {
			all = append(all, fmt.Sprintf("%s is %s, not %s", name, cmp.Or(string(a[name]), "none"), b[name]))
		}
	}
	return strings.Join(all, ", ")
}

// counted takes note that the statistics are of n images, and writes the checkpoint if
// it is time to.
func (k *kept) counted(n int) {
	k.done = n
	if k.pace.Due() {
		k.keep()
	}
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

// save writes the checkpoint unless it has all that is counted, or the statistics have
// an image in part.
func (k *kept) save() error {
	if k.o.checkpoint == "" || k.saved == k.done || k.s.Of().Groups != int64(k.done) {
		return nil
	}
	err := k.pace.Write(func() error {
		return k.s.Save(k.o.checkpoint, map[string]string{imagesNote: k.images, configNote: k.config})
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
