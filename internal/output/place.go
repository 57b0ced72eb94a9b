package output

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// spot is where an output goes.
type spot struct {
	path string      // links followed
	info fs.FileInfo // nil where nothing is
}

// special reports something that is written through.
func (s spot) special() bool { return s.info != nil && !s.info.Mode().IsRegular() }

// Target is the path of the file that an output at path becomes: with links followed.
func Target(path string) string {
	if p, err := find(path); err == nil {
		return p.path
	}
	return path
}

// Named is path, or Stdout where path is a name of standard output, as /dev/stdout: a file
// that is opened by such a name would be written from its beginning, or replaced.
func Named(path string) string {
	if n, ok := descriptor(path); ok && n == os.Stdout.Fd() {
		return Stdout
	}
	return path
}

// descriptor is the number of the open file that path is a name of, by way of links.
func descriptor(path string) (n uintptr, ok bool) {
	for range 40 {
		dir, name := filepath.Split(path)
		dir, err := filepath.EvalSymlinks(dir + ".")
		if err != nil {
			return 0, false
		}
		if dir == "/dev/fd" || strings.HasPrefix(dir, "/proc/") && filepath.Base(dir) == "fd" {
			n, err := strconv.ParseUint(name, 10, 31)
			return uintptr(n), err == nil
		}
		to, err := os.Readlink(filepath.Join(dir, name))
		if err != nil {
			return 0, false
		}
		if path = to; !filepath.IsAbs(to) {
			path = dir + string(filepath.Separator) + to
		}
	}
	return 0, false
}

// find follows the links at path, the last of which may lead to nothing yet.
func find(path string) (spot, error) {
	seen, err := os.Stat(path)
	if err == nil && !seen.Mode().IsRegular() {
		return spot{path, seen}, named(seen)
	}
	if n, ok := descriptor(path); ok {
		return spot{}, fmt.Errorf("it is the open file number %d: want its name", n)
	}
	s, err := follow(path)
	if err == nil && seen != nil && s.info == nil {
		err = errors.New("it is a file that has no name any more") // but for a link in /proc
	}
	return s, err
}

func follow(path string) (spot, error) {
	for range 40 {
		dir, name := filepath.Split(path)
		if name == "" {
			return spot{}, errors.New("it is the name of a folder: want the name of a file")
		}
		// Not by its text: a name and ".." leave the folder that a link leads to.
		dir, err := filepath.EvalSymlinks(dir + ".")
		if err != nil {
			return spot{}, err
		}
		path = filepath.Join(dir, name)
		info, err := os.Lstat(path)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return spot{path: path}, nil
		case err != nil:
			return spot{}, err
		case info.Mode()&fs.ModeSymlink == 0:
			return spot{path, info}, named(info)
		}
		to, err := os.Readlink(path)
		if err != nil {
			return spot{}, err
		}
		if path = to; !filepath.IsAbs(to) {
			path = dir + string(filepath.Separator) + to
		}
	}
	return spot{}, errors.New("too many links")
}

// named reports what cannot be written by its name.
func named(info fs.FileInfo) error {
	switch {
	case info.IsDir():
		return errors.New("it is a folder: want the name of a file")
	case info.Mode()&fs.ModeSocket != 0:
		return errors.New("it is a socket: want a file, a FIFO or a device")
	}
	return nil
}

// place renames f to target and closes it, or removes it.
func place(f *os.File, target string) error {
	if err := rename(f, target); err != nil {
		return errors.Join(err, discard(f))
	}
	return nil
}

// rename renames f to target and closes it, in this order where the system allows it:
// until then others find f locked.
func rename(f *os.File, target string) error {
	if !renamesOpen {
		if err := f.Close(); err != nil {
			return err
		}
	}
	if err := os.Rename(f.Name(), target); err != nil {
		return err
	}
	return errors.Join(SyncFolder(filepath.Dir(target)), closed(f))
}

// discard removes f and closes it.
func discard(f *os.File) error {
	if !renamesOpen {
		return errors.Join(closed(f), os.Remove(f.Name()))
	}
	return errors.Join(os.Remove(f.Name()), closed(f))
}

// closed closes f, which may be closed already.
func closed(f *os.File) error {
	if err := f.Close(); !errors.Is(err, os.ErrClosed) {
		return err
	}
	return nil
}

// SyncFolder puts a renaming in a folder on the disk, where the system has that.
func SyncFolder(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	defer d.Close()
	_ = d.Sync() // some systems do not sync folders: the renaming is done all the same
	return nil
}
