package output

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// A Folder is a folder in the making, written beside the one it replaces as a File is:
// under its name and ".smt-new".
type Folder struct {
	path        string // of the folder it replaces
	new, former string
	ours        func(dir string) error
	done        bool
	held        *os.File // the new folder, locked, where that can be
}

// CreateFolder begins the folder at path. ours says what is wrong with a folder that is
// to be replaced or removed: nil for one that may be.
func CreateFolder(path string, ours func(dir string) error) (*Folder, error) {
	path, err := filepath.Abs(path) // "." has no name to put another in its place
	if err != nil {
		return nil, err
	}
	if to, err := filepath.EvalSymlinks(path); err == nil {
		path = to // a link to a folder stays
	} else if err := dangling(path); err != nil {
		return nil, unwritable(path, err)
	}
	f := &Folder{path: path, new: path + fresh, former: path + fresh + ".old", ours: ours}
	if _, err := os.Lstat(f.new); err == nil {
		if err := f.hold(); err != nil {
			return nil, unwritable(path, err)
		}
		if err := errors.Join(f.remove(f.new), f.release()); err != nil {
			return nil, err
		}
	}
	if err := f.recover(); err != nil {
		return nil, err
	}
	if err := os.Mkdir(f.new, 0o755); err != nil {
		return nil, unwritable(path, err)
	}
	if err := f.hold(); err != nil {
		return nil, unwritable(path, err)
	}
	return f, nil
}

// hold locks the new folder, where open folders can be renamed.
func (f *Folder) hold() (err error) {
	if !renamesOpen {
		return nil
	}
	if f.held, err = os.Open(f.new); err != nil {
		return err
	}
	if err := lock(f.held); err != nil {
		return errors.Join(err, f.release())
	}
	return nil
}

func (f *Folder) release() error {
	if f.held == nil {
		return nil
	}
	defer func() { f.held = nil }()
	return f.held.Close()
}

// recover puts the former folder back, or away, if a killed process left it aside.
func (f *Folder) recover() error {
	if _, err := os.Lstat(f.former); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if _, err := os.Lstat(f.path); errors.Is(err, fs.ErrNotExist) {
		return os.Rename(f.former, f.path)
	}
	return f.remove(f.former)
}

// remove removes a folder that a killed process left.
func (f *Folder) remove(dir string) error {
	if err := f.ours(dir); err != nil {
		return fmt.Errorf("%w; its name is needed to write %s", err, f.path)
	}
	return os.RemoveAll(dir)
}

// WriteFile writes a file of the folder, by its path there with slashes.
func (f *Folder) WriteFile(name string, b []byte) error {
	path := filepath.Join(f.new, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return unwritable(f.path, err)
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return unwritable(f.path, err)
	}
	_, err = file.Write(b)
	if err == nil {
		err = file.Sync()
	}
	if err = errors.Join(err, file.Close()); err != nil {
		return unwritable(f.path, err)
	}
	return nil
}

// Commit puts the folder in its place. Folders cannot be exchanged in one step
// everywhere: the former one steps aside, and back again if the new one cannot take its
// place.
func (f *Folder) Commit() error {
	err := os.Rename(f.path, f.former)
	existed := err == nil
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return errors.Join(unwritable(f.path, err), f.Abort())
	}
	if err := os.Rename(f.new, f.path); err != nil {
		if existed {
			err = errors.Join(err, os.Rename(f.former, f.path))
		}
		return errors.Join(unwritable(f.path, err), f.Abort())
	}
	err = errors.Join(SyncFolder(filepath.Dir(f.path)), f.release())
	if existed {
		err = errors.Join(err, os.RemoveAll(f.former))
	}
	f.done = true
	return err
}

// Abort gives the folder up. After Commit it does nothing.
func (f *Folder) Abort() error {
	if f.done {
		return nil
	}
	f.done = true
	return errors.Join(os.RemoveAll(f.new), f.release())
}
