package output

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/sparse-manifold/smt/internal/regular"
)

// errBusy is that another process, or this one, has the file.
var errBusy = errors.New("another process is writing it")

// claim opens the file at path, which is there or made, for this process alone.
func claim(path string) (*os.File, error) {
	for {
		f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|noFollow, 0o644)
		if err != nil {
			return nil, inTheWay(path, err)
		}
		same, err := hold(f)
		switch {
		case err != nil:
			return nil, errors.Join(inTheWay(path, err), f.Close())
		case same:
			return f, nil
		}
		f.Close() // renamed or removed by the process that had it: once more
	}
}

// hold locks f, and reports whether it still has its name: whoever had it before may
// have renamed it in between.
func hold(f *os.File) (bool, error) {
	info, err := f.Stat()
	if err != nil {
		return false, err
	}
	if !info.Mode().IsRegular() {
		return false, fmt.Errorf("%s: want a regular file or none", regular.Kind(info.Mode()))
	}
	if err := lock(f); err != nil {
		return false, err
	}
	now, err := os.Lstat(f.Name())
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil && os.SameFile(info, now), err
}

// anew opens a new file at path for this process alone. One that a killed process left
// there is removed, not overwritten: should it have another name too, that keeps it.
func anew(path string) (*os.File, error) {
	for {
		f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o644)
		if err == nil {
			same, err := hold(f)
			if same {
				return f, nil
			}
			f.Close() // another process took it for one that was left there
			if err != nil {
				return nil, err
			}
			continue
		}
		if !errors.Is(err, fs.ErrExist) {
			return nil, err
		}
		stale, err := claim(path)
		if err != nil {
			return nil, err
		}
		if err := discard(stale); err != nil {
			return nil, err
		}
	}
}

// inTheWay names the file that cannot be claimed, where that is not the output itself.
func inTheWay(path string, err error) error {
	if errors.Is(err, errBusy) || errors.Is(err, fs.ErrPermission) {
		return err
	}
	info, e := os.Lstat(path)
	if e != nil || info.Mode().IsRegular() {
		return err
	}
	return fmt.Errorf("%s is in the way, %s: remove it", path, regular.Kind(info.Mode()))
}

// Lock keeps other processes off the file at path, which is made if it is not there,
// until it is closed or the process ends in whatever way.
func Lock(path string) (unlock func() error, err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, err
	}
	if err := lock(f); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f.Close, nil
}
