package output

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/sparse-manifold/smt/internal/regular"
)

// An Output is what a command is going to write.
type Output struct {
	Flag   string // that names it, as "--labels"
	Path   string // "" is none
	Kind   Kind
	Beside []string // what is added to the names of files that are kept beside a file
}

// Kind is what an output is.
type Kind int

const (
	AFile   Kind = iota
	AFolder      // which is replaced as a whole
	Within       // files in a folder, which is made with those above it
)

// An Input is what a command reads: a file, or a folder and all that is in it.
type Input struct {
	Name string // on the command line, as "MODEL"
	Path string // "" is none
}

// Check reports outputs that cannot be written, that are one, or that would replace an
// input, by whatever name. A command calls it before any work.
func Check(outs []Output, ins []Input) error {
	var all []*target
	for _, o := range outs {
		if o.Path == "" {
			continue
		}
		t, err := o.target()
		if err != nil {
			return err
		}
		for _, other := range all {
			if err := apart(other, t); err != nil {
				return err
			}
		}
		all = append(all, t)
	}
	// What a command found out goes to standard output, unless an output does.
	report := &target{Output: Output{Flag: "standard output"}, files: stdout()}
	for _, t := range all {
		if err := apart(t, report); t.Path != Stdout && err != nil {
			return fmt.Errorf("%s %s is the file that standard output goes to: want another, or %s", t.Flag, t.Path, Stdout)
		}
	}
	for _, in := range ins {
		if in.Path == "" {
			continue
		}
		if err := spare(all, in); err != nil {
			return err
		}
	}
	return try(all)
}

// target is an output and the files that are written for it.
type target struct {
	Output
	spot
	files []spot // none for standard output and for folders
}

func (o Output) target() (*target, error) {
	t := &target{Output: o}
	switch {
	case o.Path == Stdout && o.Kind != AFile:
		return nil, fmt.Errorf("%s is %s, standard output: want a folder", o.Flag, Stdout)
	case o.Path == Stdout:
		t.files = stdout()
		return t, nil
	case o.Kind != AFile:
		return t, t.folder()
	}
	var err error
	if t.spot, err = find(o.Path); err != nil {
		return nil, unwritable(o.Path, err)
	}
	t.files = []spot{t.spot}
	if t.special() {
		return t, nil
	}
	if t.info != nil {
		// A rename asks for no permission to write the file it replaces.
		f, err := os.OpenFile(t.path, os.O_WRONLY, 0)
		if err != nil {
			return nil, unwritable(o.Path, err)
		}
		f.Close()
	}
	for _, b := range append([]string{""}, o.Beside...) {
		for _, end := range []string{b, b + fresh} {
			if end != "" {
				path := t.path + end
				info, _ := os.Stat(path)
				t.files = append(t.files, spot{path, info})
			}
		}
	}
	return t, nil
}

// folder finds out what is at the path of a folder. Of one that is to be made with those
// above it the path becomes that of the uppermost.
func (t *target) folder() error {
	var err error
	if t.path, err = filepath.Abs(t.Path); err != nil {
		return unwritable(t.Path, err)
	}
	info, err := os.Stat(t.path)
	switch {
	case err == nil && !info.IsDir():
		return fmt.Errorf("%s is %s: want a folder", t.Path, regular.Kind(info.Mode()))
	case err == nil:
		t.info = info
		t.path, err = filepath.EvalSymlinks(t.path)
		return err
	case !errors.Is(err, fs.ErrNotExist):
		return unwritable(t.Path, err)
	}
	if err := dangling(t.path); err != nil {
		return unwritable(t.Path, err)
	}
	for parent := filepath.Dir(t.path); ; t.path, parent = parent, filepath.Dir(parent) {
		info, err := os.Stat(parent)
		switch {
		case err == nil && info.IsDir():
			return nil
		case err == nil:
			return fmt.Errorf("%s cannot be written: %s is %s", t.Path, parent, regular.Kind(info.Mode()))
		case t.Kind == AFolder:
			return fmt.Errorf("%s cannot be written: there is no folder %s", t.Path, parent)
		case !errors.Is(err, fs.ErrNotExist) || parent == t.path:
			return unwritable(t.Path, err)
		}
	}
}

// stdout is what standard output goes to, unless that is a device.
func stdout() []spot {
	info, err := os.Stdout.Stat()
	if err != nil || info.Mode()&fs.ModeDevice != 0 {
		return nil
	}
	return []spot{{info: info}}
}

// dangling reports a link to nothing in the place of a folder.
func dangling(path string) error {
	if info, err := os.Lstat(path); err == nil && info.Mode()&fs.ModeSymlink != 0 {
		return errors.New("it is a link to what is not there: want a folder, or a link to one")
	}
	return nil
}

// try makes the temporary files, all at once, and removes them: nothing else tells
// whether they can be made, or that two names are one to a file system that does not
// tell capital letters.
func try(all []*target) (err error) {
	var opened []*os.File
	defer func() {
		for _, f := range opened {
			err = errors.Join(err, discard(f))
		}
	}()
	owner := map[*os.File]*target{}
	for _, t := range all {
		switch {
		case t.Path == Stdout || t.Kind == AFile && t.special() || t.Kind == Within && t.info != nil:
		case t.Kind != AFile:
			err := os.Mkdir(t.path+fresh, 0o755)
			if err == nil {
				err = os.Remove(t.path + fresh)
			}
			if err != nil && !errors.Is(err, fs.ErrExist) { // what a killed process left
				return unwritable(t.Path, err)
			}
		default:
			f, err := anew(t.path + fresh)
			if errors.Is(err, errBusy) {
				for _, other := range opened {
					if sameNow(other, t.path+fresh) {
						return sameFile(owner[other], t)
					}
				}
			}
			if err != nil {
				return unwritable(t.Path, err)
			}
			opened = append(opened, f)
			owner[f] = t
		}
	}
	return nil
}

func sameNow(f *os.File, path string) bool {
	a, errA := f.Stat()
	b, errB := os.Stat(path)
	return errA == nil && errB == nil && os.SameFile(a, b)
}
