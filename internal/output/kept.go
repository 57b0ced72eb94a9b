package output

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/sparse-manifold/smt/internal/regular"
)

// A Kept file is an output in the making that outlives the process, under the name of
// its path and ".partial", until it is complete.
type Kept struct {
	*os.File
	path, target string
}

// Continue opens what is there of the output at path, which is to be a file: nothing,
// at first. Another process cannot as long as it is open.
func Continue(path string) (*Kept, error) {
	f, target, err := held(path, Partial)
	if err != nil {
		return nil, err
	}
	return &Kept{f, path, target}, nil
}

// Log opens the file at path, which is there or made, to be read and added to by this process
// alone until it is closed.
func Log(path string) (*os.File, error) {
	f, _, err := held(path, "")
	return f, err
}

// held opens the file whose name is that of the output at path, with links followed, and a suffix.
func held(path, suffix string) (f *os.File, target string, err error) {
	p, err := find(path)
	if err == nil && p.special() {
		err = fmt.Errorf("it is %s: nothing can be kept beside it", regular.Kind(p.info.Mode()))
	}
	if err == nil {
		f, err = claim(p.path + suffix)
	}
	if err != nil {
		return nil, "", unwritable(path, err)
	}
	return f, p.path, nil
}

// Commit puts the complete file at its path, and closes it.
func (k *Kept) Commit() error {
	err := k.Sync()
	if info, e := os.Stat(k.target); err == nil && e == nil {
		err = k.Chmod(info.Mode().Perm())
	}
	if err == nil {
		err = rename(k.File, k.target)
	}
	if err != nil {
		return errors.Join(unwritable(k.path, err), k.Close())
	}
	return nil
}

// Discard closes the file and removes it.
func (k *Kept) Discard() error { return discard(k.File) }

// Begins reports whether a file that is kept is of its kind: what it has from byte skip on begins as text does, as far as
// it goes, since it may be cut. An empty file is of every kind, and one that ends before is of none.
func Begins(r io.ReaderAt, skip int, text string) (bool, error) {
	head := make([]byte, skip+len(text))
	n, err := r.ReadAt(head, 0)
	if err != nil && err != io.EOF {
		return false, err
	}
	return n == 0 || n > skip && strings.HasPrefix(text, string(head[skip:n])), nil
}
