package output

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// apart reports two outputs that are one.
func apart(a, b *target) error {
	if a.Path == Stdout && b.Path == Stdout {
		return fmt.Errorf("%s and %s are both %s, standard output: want a file for one of them", a.Flag, b.Flag, Stdout)
	}
	for _, x := range a.files {
		for _, y := range b.files {
			if same(x, y) {
				return sameFile(a, b)
			}
		}
	}
	return nil
}

// sameFile is the error of two outputs that are one.
func sameFile(a, b *target) error {
	return fmt.Errorf("%s %s and %s %s are one file, or files that are written for both: want two", a.Flag, a.Path, b.Flag, b.Path)
}

func same(x, y spot) bool {
	if x.info != nil && y.info != nil {
		return os.SameFile(x.info, y.info)
	}
	a, errA := filepath.Abs(x.path)
	b, errB := filepath.Abs(y.path)
	return a == b && errA == nil && errB == nil
}

// spare reports an output that would replace a file of an input.
func spare(all []*target, in Input) error {
	var threatened []*target
	for _, t := range all {
		if t.Kind == AFolder && t.info != nil && within(in.Path, t.path) {
			return fmt.Errorf("%s %s is replaced as a whole, and %s is in it (%s): want another folder", t.Flag, t.Path, in.Name, in.Path)
		}
		for _, f := range t.files {
			if f.info != nil {
				threatened = append(threatened, t)
				break
			}
		}
	}
	if len(threatened) == 0 {
		return nil
	}
	return files(in.Path, func(path string, info fs.FileInfo) error {
		for _, t := range threatened {
			for _, f := range t.files {
				if f.info == nil || !os.SameFile(f.info, info) {
					continue
				}
				what := in.Name
				if path != in.Path {
					what = fmt.Sprintf("%s of %s", path, in.Name)
				}
				if f.path == t.path {
					return fmt.Errorf("%s %s would replace %s: want another file", t.Flag, t.Path, what)
				}
				return fmt.Errorf("%s %s is written by way of %s, which is %s: want another file", t.Flag, t.Path, f.path, what)
			}
		}
		return nil
	})
}

// within reports whether path is dir, which has no links in it, or in dir.
func within(path, dir string) bool {
	path, err := filepath.EvalSymlinks(path)
	if err != nil {
		return false
	}
	path, errPath := filepath.Abs(path)
	dir, errDir := filepath.Abs(dir)
	rel, err := filepath.Rel(dir, path)
	return errPath == nil && errDir == nil && err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
}

// files calls f with the file at path or, if that is a folder, with all files in it,
// links followed. What cannot be read is left to whoever wants to read it.
func files(path string, f func(path string, info fs.FileInfo) error) error {
	seen := map[string]bool{} // links may lead in a circle
	var visit func(path string) error
	visit = func(path string) error {
		info, err := os.Stat(path)
		if err != nil {
			return nil
		}
		if !info.IsDir() {
			return f(path, info)
		}
		real, err := filepath.EvalSymlinks(path)
		if err != nil || seen[real] {
			return nil
		}
		seen[real] = true
		entries, err := os.ReadDir(path)
		if err != nil {
			return nil
		}
		for _, e := range entries {
			if err := visit(filepath.Join(path, e.Name())); err != nil {
				return err
			}
		}
		return nil
	}
	return visit(path)
}
