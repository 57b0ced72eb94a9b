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
	// "" is none. Codes says what lies beside it.
	Checkpoint string
	// Groups is a digest of all groups of the source: a checkpoint of others is refused.
	Groups string
}

// Learn is Count and Solve. What is counted is kept while it solves.
func (e *Encoder) Learn(ctx context.Context, src Source, run Run) (*Solution, error) {
	k, err := e.count(ctx, src, run)
	if err != nil {
		return nil, err
	}
	defer k.close()
	k.rest()
	s, err := e.Solve(ctx, k.s, run.Progress)
	if err != nil {
		return nil, k.stopped(ctx, err)
	}
	return s, nil
}

// Count is Collect with a checkpoint: the statistics of the first groups of src, which Run.Groups tells from others.
func (e *Encoder) Count(ctx context.Context, src Source, run Run) (cooccur.Statistics, error) {
	k, err := e.count(ctx, src, run)
	if err != nil {
		return nil, err
	}
	k.close()
	return k.s, nil
}

// count returns the statistics of all groups, and what keeps them, which is then to be closed.
func (e *Encoder) count(ctx context.Context, src Source, run Run) (*kept, error) {
	k, err := e.begin(src.Len(), run)
	if err != nil {
		return nil, err
	}
	if err = k.catchUp(ctx, e, src); err == nil {
		k.done, err = e.collect(ctx, src, k.done, k.s, run.Progress, stages{k.coded, k.counted})
	}
	if err != nil {
		err = k.stopped(ctx, err)
		k.close()
		return nil, err
	}
	return k, nil
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
	log    *codeLog // nil where there is none
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
	found, ok := notes[groupsNote]
	if !ok {
		return refuse(k.Checkpoint, "has no fingerprint of its %s, as those of earlier versions of smt", k.names)
	}
	if err := k.check(k.Checkpoint, found, notes[configNote], e.Check(s)); err != nil {
		return err
	}
	n := s.Of().Groups
	if n > int64(k.total) {
		return refuse(k.Checkpoint, "is of more %s than there are, %d, not %d", k.names, n, k.total)
	}
	k.s, k.done, k.saved = s, int(n), int(n)
	return nil
}

func refuse(path, format string, args ...any) error {
	return fmt.Errorf("smt: checkpoint %s %w: run what it was made by, or remove it to begin anew", path, fmt.Errorf(format, args...))
}

// check reports a file that has another digest of all groups or, as err says, is of other codes.
func (k *kept) check(path, groups, config string, err error) error {
	switch different := differences(config, k.about); {
	case groups != k.Groups:
		return refuse(path, "is of other %s, of fingerprint %.12s, not %.12s", k.names, groups, k.Groups)
	case err == nil:
		return nil
	case different == "":
		return refuse(path, "is of another configuration, or of an earlier version of smt: %v", err)
	default:
		return refuse(path, "is of another configuration: %s", different)
	}
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
	if k.inLog() && k.log.large(k.s.Bytes()) || !k.inLog() && k.pace.Due() {
		k.keep()
	}
}

// rest writes the checkpoint, before work of another kind, if that is worth it.
func (k *kept) rest() {
	if !k.inLog() && k.pace.Worth(k.s.Bytes()) {
		k.keep()
	}
}

// keep writes the checkpoint. A fit goes on where that fails, and says so once.
func (k *kept) keep() {
	if err := k.save(); err != nil {
		k.warn(err)
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
	return k.emptyLog()
}

// stopped is err, which ended the fit, with what is kept of it.
func (k *kept) stopped(ctx context.Context, err error) error {
	var also error
	if !k.inLog() && (ctx.Err() != nil || k.pace.Worth(k.s.Bytes())) { // whoever cancels wants to go on
		also = k.last()
	}
	switch coded := k.inLogOnly(); {
	case coded > 0 && k.saved == 0:
		err = fmt.Errorf("smt: stopped after %d of %d %s, the codes of %d are kept in %s: %w", k.done, k.total, k.names, coded, k.Checkpoint+Codes, err)
	case coded > 0:
		err = fmt.Errorf("smt: stopped after %d of %d %s, the statistics of %d and the codes of the next %d are kept in %s and beside it: %w", k.done, k.total, k.names, k.saved, coded, k.Checkpoint, err)
	case k.saved > 0:
		err = fmt.Errorf("smt: stopped after %d of %d %s, the statistics of %d are kept in %s: %w", k.done, k.total, k.names, k.saved, k.Checkpoint, err)
	}
	return errors.Join(err, also)
}

// last writes the checkpoint for whoever waits for the end, or says why not.
func (k *kept) last() error {
	if lost, takes, pays := k.pace.Pays(); !pays && k.saved > 0 && k.saved < k.done {
		return fmt.Errorf("smt: %.0f s of counting since were not worth the %.0f s that the statistics take to be written", lost.Seconds(), takes.Seconds())
	}
	return k.save()
}
