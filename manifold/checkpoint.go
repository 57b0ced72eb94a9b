package manifold

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

// Run is how Learn is watched and kept.
type Run struct {
	// Progress, if not nil, is told how far a stage has come.
	Progress Progress
	// Warn, if not nil, is told what goes wrong and does not stop the work: a checkpoint that
	// cannot be written.
	Warn func(error)
	// Checkpoint is the file that statistics are written to now and then, and gone on from;
	// "" is none.
	Checkpoint string
	// Groups is a digest of all groups of the source: a checkpoint of others is refused.
	Groups string
}

// Learn is Collect and Solve, with a checkpoint: the statistics of the first groups of src,
// which Run.Groups tells from others.
func (e *Encoder) Learn(ctx context.Context, src Source, run Run) (*Solution, error) {
	k, err := e.begin(src.Len(), run)
	if err != nil {
		return nil, err
	}
	if k.done, err = e.collect(ctx, src, k.done, k.s, run.Progress, k.counted); err != nil {
		return nil, k.stopped(ctx, err)
	}
	k.rest()
	s, err := e.Solve(ctx, k.s, run.Progress)
	if err != nil {
		return nil, k.stopped(ctx, err)
	}
	return s, nil
}

// kept are the statistics of a run, which are written to its checkpoint now and then:
// whole groups, so that what is in the file is always the first groups' statistics.
type kept struct {
	Run
	s      cooccur.Statistics
	about  string // Config.About of the encoder
	names  string // of groups
	total  int    // groups that are to be counted
	done   int    // groups that are counted
	saved  int    // groups that are in the file
	warned bool
	pace   *pace.Pace
}

// manyBytes are statistics that take a second or more to write. Tests make it small.
var manyBytes int64 = 1 << 30

// Notes of a checkpoint. The configuration is there for the reader of an error: what
// statistics depend on besides the groups is in their own identity.
const (
	groupsNote = "images" // digest of all groups
	configNote = "config"
)

// begin returns the statistics of the first of total groups: those in the checkpoint,
// or, if there is none, of no group.
func (e *Encoder) begin(total int, run Run) (*kept, error) {
	k := &kept{Run: run, about: e.cfg.About, names: e.cfg.Names.Groups, total: total, pace: pace.Begin()}
	if run.Checkpoint != "" {
		if run.Groups == "" {
			return nil, fmt.Errorf("smt: checkpoint %s: Run.Groups is empty: want a digest of the %s, or those of others would be gone on from", run.Checkpoint, e.cfg.Names.Groups)
		}
		if err := e.resume(k); err == nil || !errors.Is(err, fs.ErrNotExist) {
			return k, err
		}
	}
	var err error
	k.s, err = e.Statistics()
	return k, err
}

// resume reads the checkpoint.
func (e *Encoder) resume(k *kept) error {
	s, notes, err := cooccur.Load(k.Checkpoint)
	if err != nil {
		return fmt.Errorf("smt: checkpoint: %w; it cannot be gone on from: remove it to begin anew", err)
	}
	refuse := func(format string, args ...any) error {
		return fmt.Errorf("smt: checkpoint %s %s: run what it was made by, or remove it to begin anew", k.Checkpoint, fmt.Sprintf(format, args...))
	}
	found, ok := notes[groupsNote]
	switch {
	case !ok:
		return refuse("has no fingerprint of its %s, as those of earlier versions of smt", k.names)
	case found != k.Groups:
		return refuse("is of other %s, of fingerprint %.12s, not %.12s", k.names, found, k.Groups)
	}
	if err := e.Check(s); err != nil {
		other := "configuration"
		different := differences(notes[configNote], k.about)
		if different == "" {
			other = "configuration, or of an earlier version of smt"
		}
		return refuse("is of another %s: %s", other, cmp.Or(different, err.Error()))
	}
	n := s.Of().Groups
	if n > int64(k.total) {
		return refuse("is of %d %s, more than the %d there are", n, k.names, k.total)
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

// counted takes note that the statistics are of n groups, and writes the checkpoint if
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
	if err := k.save(); err != nil && !k.warned && k.Warn != nil {
		k.warned = true
		k.Warn(fmt.Errorf("%w; the fit goes on", err))
	}
}

// save writes the checkpoint unless it has all that is counted, or the statistics have
// a group in part.
func (k *kept) save() error {
	if k.Checkpoint == "" || k.saved == k.done || k.s.Of().Groups != int64(k.done) {
		return nil
	}
	// Who has asked for an end, and waits, sees what for.
	size := k.s.Bytes()
	stage := fmt.Sprintf("writing %.1f GB of statistics", float64(size)/1e9)
	if size >= manyBytes {
		k.Progress.report(stage, 0, 1)
	}
	err := k.pace.Write(func() error {
		return k.s.Save(k.Checkpoint, map[string]string{groupsNote: k.Groups, configNote: k.about})
	})
	if err != nil {
		return fmt.Errorf("smt: the checkpoint cannot be written: %w", err)
	}
	if size >= manyBytes {
		k.Progress.report(stage, 1, 1)
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
		err = fmt.Errorf("smt: stopped after %d of %d %s, the statistics of %d are kept in %s: %w", k.done, k.total, k.names, k.saved, k.Checkpoint, err)
	}
	return errors.Join(err, saving)
}
