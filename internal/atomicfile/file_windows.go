package atomicfile

import (
	"errors"
	"os"
	"path/filepath"
)

// File is a file that is not at its path yet. We have one of our own here because renameio
// leaves Windows out: a rename is not promised to be atomic there, though on NTFS it is.
type File struct {
	*os.File
	path string
	done bool
}

// Create begins the file of a path, in the same folder.
func Create(path string) (*File, error) {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"*")
	if err != nil {
		return nil, err
	}
	return &File{File: f, path: path}, nil
}

// CloseAtomicallyReplace puts the file at its path.
func (f *File) CloseAtomicallyReplace() error {
	if err := f.Sync(); err != nil {
		return err
	}
	if err := f.Close(); err != nil { // a file that is open cannot be renamed
		return err
	}
	if err := os.Rename(f.Name(), f.path); err != nil {
		return err
	}
	f.done = true
	return nil
}

// Cleanup removes the file, unless it was put at its path.
func (f *File) Cleanup() error {
	if f.done {
		return nil
	}
	f.done = true
	err := f.Close()
	if errors.Is(err, os.ErrClosed) {
		err = nil
	}
	return errors.Join(err, os.Remove(f.Name()))
}
