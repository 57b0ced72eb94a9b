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
	_ = alongLinks(path, func(dir, name string) (end bool, err error) { // what has no end is no such name
		if dir != "/dev/fd" && !(strings.HasPrefix(dir, "/proc/") && filepath.Base(dir) == "fd") {
			return false, nil
		}
		number, err := strconv.ParseUint(name, 10, 31)
		n, ok = uintptr(number), err == nil
		return true, nil
	})
	return n, ok
}

// alongLinks calls visit with path, which is folder and name, and then with what the link
// there leads to, until visit says that it is the end. There are no links in a folder.
func alongLinks(path string, visit func(dir, name string) (end bool, err error)) error {
	for range 40 {
		dir, name := filepath.Split(path)
		if name == "" {
			return errors.New("it is the name of a folder: want the name of a file")
		}
		// Not by its text: a name and ".." leave the folder that a link leads to.
		dir, err := filepath.EvalSymlinks(dir + ".")
		if err != nil {
			return err
		}
		if end, err := visit(dir, name); end || err != nil {
			return err
		}
		to, err := os.Readlink(filepath.Join(dir, name))
		if err != nil {
			return err
		}
		if path = to; !filepath.IsAbs(to) {
			path = dir + string(filepath.Separator) + to
		}
	}
	return errors.New("too many links")
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

func follow(path string) (s spot, err error) {
	err = alongLinks(path, func(dir, name string) (end bool, err error) {
		path := filepath.Join(dir, name)
		info, err := os.Lstat(path)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			s = spot{path: path}
			return true, nil
		case err != nil:
			return true, err
		case info.Mode()&fs.ModeSymlink == 0:
			s = spot{path, info}
			return true, named(info)
		}
		return false, nil
	})
	return s, err
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
