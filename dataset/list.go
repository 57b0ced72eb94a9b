package dataset

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"github.com/sparse-manifold/smt/internal/regular"
)

// listSuffix is how the name of a list ends that is recognised.
const listSuffix = ".txt"

// longestLine is the bytes that a line of a list may have. Paths of Linux have at most 4,096.
const longestLine = 16 << 10

// A listed is a line of a list.
type listed struct {
	path  string // as stated and cleaned
	label string // "" for none
	line  int    // from 1
}

// within is the path of the file of a list that is in the folder root. It begins with root, and the rest of it is the id, unless
// the list states an absolute one.
func (l listed) within(root string) string {
	if filepath.IsAbs(l.path) {
		return l.path
	}
	return root + string(filepath.Separator) + l.path
}

// IsList reports whether Open takes path for a list of image files: it ends in .txt, and its first line that is not empty names a
// file as image files are named, or tars.
func IsList(path string) bool {
	if !strings.EqualFold(filepath.Ext(path), listSuffix) {
		return false
	}
	f, _, err := regular.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	for l := range lines(f) {
		return HasImageExt(l.path) || isShardName(l.path)
	}
	return false
}

func isList(path string, info fs.FileInfo) bool { return info.Mode().IsRegular() && IsList(path) }

// openList opens the image files that a list names, as a folder with them alone.
func openList(ctx context.Context, path string, info fs.FileInfo, opt Options) (*Set, error) {
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("dataset: %s: want a list of image files, found %s", path, regular.Kind(info.Mode()))
	}
	f, _, err := regular.Open(path)
	if err != nil {
		return nil, fileError(path, err)
	}
	defer f.Close()
	all, err := readList(ctx, f)
	if err != nil {
		return nil, fileError(path, err)
	}
	return openSurveyed(ctx, filepath.Dir(path), opt, func(s *survey) (*Set, error) { return s.openListed(path, all, opt) })
}

// openListed reads the headers of listed files. One that is no image, or is not there, is bad.
func (s *survey) openListed(path string, all []listed, opt Options) (*Set, error) {
	named, err := inOrder(s.root, all)
	if err != nil {
		return nil, fileError(path, err)
	}
	set := &Set{Format: "list", Path: path}
	if shards, err := shardsOf(named); err != nil {
		return nil, fileError(path, err)
	} else if shards != nil {
		return s.openShards(set, shards, opt)
	}
	f := &folder{root: s.root, classes: classesOf(all)}
	var images []imageFile
	for _, l := range named {
		if err := s.ctx.Err(); err != nil {
			return nil, err
		}
		head, err := s.header(l.path)
		if err != nil {
			s.bad[l.path] = fmt.Errorf("%w (line %d of %s)", err, l.line, filepath.Base(path))
			continue
		}
		images = append(images, imageFile{l.path, head})
		f.files = append(f.files, l.path)
		if f.classes != nil {
			class, _ := slices.BinarySearch(f.classes, l.label)
			f.labels = append(f.labels, class)
		}
	}
	if len(images) == 0 {
		return nil, fileError(path, noImagesError{})
	}
	set.Train = f
	return set, s.finish(set, opt, []*folder{f}, [][]imageFile{images})
}

// inOrder are the lines of a list that is in the folder root, with the paths of their files, in the order of their ids. A file
// that is named twice is an error.
func inOrder(root string, all []listed) ([]listed, error) {
	// An absolute path of a file in the list's folder is the same as one from that folder, wherever the program is started.
	absolute, err := filepath.Abs(root)
	if err != nil {
		return nil, err
	}
	named, ids := make([]int, len(all)), make([]string, len(all))
	files := make([]listed, len(all))
	for i, l := range all {
		if filepath.IsAbs(l.path) && inside(l.path, absolute) {
			if l.path, err = filepath.Rel(absolute, l.path); err != nil {
				return nil, err
			}
		}
		l.path = l.within(root)
		named[i], files[i], ids[i] = i, l, pathWithin(root, l.path)
	}
	slices.SortFunc(named, func(a, b int) int { return cmp.Or(strings.Compare(ids[a], ids[b]), a-b) })
	sorted := make([]listed, len(all))
	for k, i := range named {
		if k > 0 && ids[i] == ids[named[k-1]] {
			return nil, fmt.Errorf("line %d: names %s, as line %d does: want each file once", files[i].line, quoted(ids[i]), files[named[k-1]].line)
		}
		sorted[k] = files[i]
	}
	return sorted, nil
}

// classesOf are the labels of a list in their order, nil if it has none.
func classesOf(all []listed) (classes []string) {
	seen := map[string]bool{}
	for _, l := range all {
		if l.label != "" && !seen[l.label] {
			seen[l.label] = true
			classes = append(classes, l.label)
		}
	}
	slices.Sort(classes)
	return classes
}

// readList reads a list: a path a line, and its label after a tab, on all lines or on none. Empty lines are skipped.
func readList(ctx context.Context, r io.Reader) (all []listed, err error) {
	for l, err := range lines(r) {
		switch {
		case err != nil:
			return nil, err
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case len(all) > 0 && (l.label == "") != (all[0].label == ""):
			has, not := l.line, all[0].line
			if l.label == "" {
				has, not = not, has
			}
			return nil, fmt.Errorf("line %d: line %d has a label, and line %d has none: want labels, after a tab, on all lines or on none", l.line, has, not)
		}
		all = append(all, l)
	}
	if len(all) == 0 {
		return nil, errors.New("is empty: want the path of an image file on each line")
	}
	return all, nil
}
