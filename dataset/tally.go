package dataset

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/sparse-manifold/smt/internal/regular"
)

// Reasons that many folders have.
const (
	leftHidden  = "hidden"
	leftOther   = "of other formats"
	leftSpecial = "not regular"
	leftNowhere = "linked to nothing"
	leftLinked  = "linked to folders that are read already"
	leftLoose   = "beside the folders of classes"
	leftBeside  = "beside the splits"
)

// A Tally collects what is left out of a folder, and lists it and the folders in it.
type Tally struct {
	ctx  context.Context
	root string
	left []Left
}

// NewTally is empty. Listing of what is below root ends with ctx's error when that is done.
func NewTally(ctx context.Context, root string) *Tally { return &Tally{ctx: ctx, root: root} }

// Add leaves out a file, or a link, for a reason.
func (t *Tally) Add(reason, path string) { t.addFolder(reason, path, 1) }

// addFolder adds a folder that stands for n files.
func (t *Tally) addFolder(reason, path string, n int) {
	i := slices.IndexFunc(t.left, func(l Left) bool { return l.Reason == reason })
	if i < 0 {
		i = len(t.left)
		t.left = append(t.left, Left{Reason: reason})
	}
	t.left[i].Count += n
	t.left[i].Files = append(t.left[i].Files, t.name(path))
}

// AddOther leaves out a file for its format, which is named if it is one of images.
func (t *Tally) AddOther(path string) {
	reason := leftOther
	if f, _, err := regular.Open(path); err == nil {
		if name := foreignFormat(f); name != "" {
			reason = name
		}
		_ = f.Close() // nothing is written
	}
	t.Add(reason, path)
}

// name is a path within the folder that was opened, with slashes.
func (t *Tally) name(path string) string { return pathWithin(t.root, path) }

// All are the files left out, those of a reason in the order of their paths, the
// reasons in an order that does not depend on that of the search.
func (t *Tally) All() []Left {
	for _, l := range t.left {
		slices.Sort(l.Files)
	}
	slices.SortFunc(t.left, func(a, b Left) int { return strings.Compare(a.Reason, b.Reason) })
	return t.left
}

// A Listing is what a folder holds, each in order of the names.
type Listing struct {
	Folders []string
	Linked  map[string]bool // folders that are links to some
	Files   []string
}

// List lists a folder. What is hidden, links to nothing, or is neither a folder nor a regular file is left out.
func (t *Tally) List(dir string) (Listing, error) {
	l := Listing{Linked: map[string]bool{}}
	if err := t.ctx.Err(); err != nil {
		return l, err
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return l, fileError(dir, err)
	}
	for _, e := range entries {
		path, mode := filepath.Join(dir, e.Name()), e.Type()
		if strings.HasPrefix(e.Name(), ".") {
			n, err := t.filesIn(path)
			if err != nil {
				return l, err
			}
			if n > 0 {
				t.addFolder(leftHidden, path, n)
			}
			continue
		}
		if mode&fs.ModeSymlink != 0 {
			info, err := os.Stat(path)
			if err != nil {
				t.Add(leftNowhere, path)
				continue
			}
			mode = info.Mode().Type()
			l.Linked[e.Name()] = mode.IsDir()
		}
		switch {
		case mode.IsDir():
			l.Folders = append(l.Folders, e.Name())
		case mode.IsRegular():
			l.Files = append(l.Files, e.Name())
		default:
			t.Add(leftSpecial, path)
		}
	}
	return l, nil
}

// filesIn is how many files there are at path and below it, of any kind, as far as they may
// be listed.
func (t *Tally) filesIn(path string) (n int, err error) {
	err = filepath.WalkDir(path, func(_ string, e fs.DirEntry, err error) error {
		if err != nil || !e.IsDir() {
			n++ // a folder that cannot be listed counts as one
		}
		return t.ctx.Err()
	})
	return n, err
}
