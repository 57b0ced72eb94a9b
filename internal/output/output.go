package output

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// Stdout is the name that stands for standard output on a command line. Check knows it;
// Create does not, as only the command knows where its standard output is.
const Stdout = "-"

const (
	fresh = ".smt-new" // a name that nobody gives: what is there is removed
	// Partial is added to the name of a file that Continue writes.
	Partial = ".partial"
)

// A File is an output in the making.
type File interface {
	io.Writer
	// Commit says that the output is complete: a file takes its place.
	Commit() error
	// Abort gives it up. What was at the path is untouched, unless it was written
	// through. After Commit it does nothing.
	Abort() error
}

// Create begins the output at path. ctx ends the wait for the reader of a FIFO, and where
// it cannot be done there is no wait; a file is written whether it is done or not.
func Create(ctx context.Context, path string) (File, error) {
	p, err := find(path)
	if err != nil {
		return nil, unwritable(path, err)
	}
	if p.special() {
		return writeThrough(ctx, path, p.info)
	}
	f, err := anew(p.path + fresh)
	if err != nil {
		return nil, unwritable(path, err)
	}
	r := &replacement{f: f, path: path, target: p.path}
	if p.info != nil {
		if err := f.Chmod(p.info.Mode().Perm()); err != nil {
			return nil, errors.Join(unwritable(path, err), r.Abort())
		}
	}
	return r, nil
}

// WriteFile writes b to the output at path. It waits for no reader of a FIFO.
func WriteFile(path string, b []byte) error {
	f, err := Create(context.Background(), path)
	if err != nil {
		return err
	}
	if _, err := f.Write(b); err != nil {
		return errors.Join(err, f.Abort())
	}
	return f.Commit()
}

// Remove removes the file at path, which may not be there, and what a killed process
// left of one to replace it.
func Remove(path string) error {
	err := os.Remove(path)
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	if _, missing := os.Lstat(path + fresh); missing != nil {
		return err
	}
	stale, busy := claim(path + fresh)
	if busy != nil {
		return errors.Join(err, unwritable(path, busy))
	}
	return errors.Join(err, discard(stale))
}

// Replaces reports whether an output at path is a file that takes its place when it is
// complete. Nothing can be kept beside another one.
func Replaces(path string) bool {
	p, err := find(path)
	return path != Stdout && err == nil && !p.special()
}

// Stream is w as an output, standard output for instance.
func Stream(w io.Writer) File { return stream{w} }

type stream struct{ io.Writer }

func (stream) Commit() error { return nil }
func (stream) Abort() error  { return nil }

// replacement is a file that takes the place of another one, or of none.
type replacement struct {
	f            *os.File
	path, target string // as it was asked for, and with links followed
	done         bool
}

func (r *replacement) Write(b []byte) (int, error) {
	n, err := r.f.Write(b)
	if err != nil {
		err = unwritable(r.path, err)
	}
	return n, err
}

func (r *replacement) Commit() error {
	if r.done {
		return unwritable(r.path, fs.ErrClosed)
	}
	if err := r.f.Sync(); err != nil {
		return errors.Join(unwritable(r.path, err), r.Abort())
	}
	r.done = true
	if err := place(r.f, r.target); err != nil {
		return unwritable(r.path, err)
	}
	return nil
}

func (r *replacement) Abort() error {
	if r.done {
		return nil
	}
	r.done = true
	return discard(r.f)
}

// unwritable is err, without what package os puts before its cause.
func unwritable(path string, err error) error {
	folder := filepath.Dir(path)
	if _, missing := os.Stat(folder); errors.Is(err, fs.ErrNotExist) && errors.Is(missing, fs.ErrNotExist) {
		return fmt.Errorf("%s cannot be written: there is no folder %s: %w", path, folder, cause(err))
	}
	return fmt.Errorf("%s cannot be written: %w", path, cause(err))
}

func cause(err error) error {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return e.Err
	}
	if e, ok := errors.AsType[*os.LinkError](err); ok {
		return e.Err
	}
	return err
}
