package manifold

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/sparse-manifold/smt/cooccur"
	"github.com/sparse-manifold/smt/internal/output"
	"github.com/sparse-manifold/smt/internal/regular"
	"github.com/sparse-manifold/smt/sparse"
)

// CheckpointFiles are the files there are to go on from, of a run with this checkpoint.
func CheckpointFiles(path string) (files []string) {
	for _, file := range []string{path, path + Codes} {
		if _, err := os.Stat(file); path != "" && err == nil {
			files = append(files, file)
		}
	}
	return files
}

// RemoveCheckpoint removes a checkpoint and what lies beside it, once what was learned is saved.
func RemoveCheckpoint(path string) error {
	return errors.Join(output.Remove(path), output.Remove(path+Codes))
}

// NoCodes reports codes beside the checkpoint of a run that keeps none: another run's, which would be removed with
// this one's checkpoint. A log without a record is nobody's loss.
func NoCodes(checkpoint string) error {
	path := checkpoint + Codes
	f, info, err := regular.Open(path)
	if errors.Is(err, fs.ErrNotExist) || checkpoint == "" {
		return nil
	}
	if err != nil {
		return fmt.Errorf("smt: checkpoint %s: %w", path, err)
	}
	defer f.Close()
	switch _, end, err := readHead(f); {
	case errors.Is(err, errNoLog):
		return refuse(path, "%w", err)
	case err == nil && info.Size() > end:
		return refuse(path, "has the codes of another fit")
	}
	return nil
}

// catchUp opens the log beside the checkpoint, if there is to be one, and counts the groups whose codes
// it has.
func (k *kept) catchUp(ctx context.Context, e *Encoder, src Source) error {
	if k.Checkpoint == "" || !e.cfg.Packed {
		return NoCodes(k.Checkpoint)
	}
	path := k.Checkpoint + Codes
	log, err := openLog(path, logHead{Groups: k.Groups, Encoder: e.origin.Encoder, Config: k.about, First: k.done}, src)
	if foreign, is := errors.AsType[*foreignError](err); is {
		return k.check(path, foreign.found.Groups, foreign.found.Config, err)
	}
	if errors.Is(err, errNoLog) {
		return refuse(path, "%w", err)
	}
	if err != nil {
		k.warn(fmt.Errorf("smt: codes cannot be kept: %w", err))
		return nil
	}
	k.log = log
	size, _ := k.s.Batch()
	var groups []cooccur.Group
	for at := log.begin; k.done < log.end; {
		k.Progress.report("kept codes", k.done-log.head.First, log.end-log.head.First)
		n := 0
		for ; n < size && k.done+n < log.end; n++ {
			if n == len(groups) {
				groups = append(groups, cooccur.Group{Codes: new(sparse.Codes)})
			}
			next, err := log.read(src, k.done+n, e.atoms, at, &groups[n])
			if err != nil {
				k.warn(fmt.Errorf("smt: %s, of group %d on: %w; they are made again", path, k.done+n, err))
				if err := log.cut(k.done+n, at); err != nil {
					return err
				}
				break
			}
			at = next
		}
		added, err := k.s.Accumulate(ctx, groups[:n])
		k.done += added
		if err != nil {
			return err
		}
	}
	return nil
}

// inLog reports whether whatever is not in the checkpoint is in the log.
func (k *kept) inLog() bool { return k.log != nil && k.log.end >= k.done }

// inLogOnly is how many groups are in the log and not in the checkpoint.
func (k *kept) inLogOnly() int {
	if k.log == nil {
		return 0
	}
	return k.log.end - k.saved
}

// coded keeps the codes of groups from number first on, unless some before them could not be kept.
func (k *kept) coded(first int, groups []cooccur.Group) {
	if k.log == nil || k.log.end != first {
		return
	}
	if err := k.log.append(groups); err != nil {
		k.warn(fmt.Errorf("smt: codes cannot be kept: %w", err))
	}
}

// emptyLog empties the log, as the checkpoint has all that is counted.
func (k *kept) emptyLog() error {
	if k.log == nil {
		return nil
	}
	err := k.log.restart(k.done)
	if err != nil {
		k.close()
		k.log = nil
	}
	return err
}

// warn says once that something cannot be kept, and that the fit goes on.
func (k *kept) warn(err error) {
	if !k.warned && k.Warn != nil {
		k.warned = true
		k.Warn(fmt.Errorf("%w; the fit goes on", err))
	}
}

func (k *kept) close() {
	if k.log != nil {
		if err := k.log.close(); err != nil {
			k.warn(err)
		}
	}
}
