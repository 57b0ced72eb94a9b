package video

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/sparse-manifold/smt/dataset"
)

// films are the endings of names by which a file is taken for film; others are ffmpeg's to
// read if they are named themselves.
var films = []string{".y4m", ".gif", ".avi", ".mp4", ".m4v", ".mov", ".mkv", ".webm", ".mpg", ".mpeg", ".ogv", ".wmv", ".flv", ".ts"}

// Films are the endings of names by which a file is taken for film.
func Films() []string { return slices.Clone(films) }

// IsFilm reports whether the name of a file is that of film.
func IsFilm(path string) bool {
	return slices.Contains(films, strings.ToLower(filepath.Ext(path)))
}

// Find lists the clips of a path, in the order of their names: the file there or, of a folder,
// its images, which are one clip, its films, and the clips of its sub-folders. Links to folders are not
// followed. Names are in order as people count: frame9 is before frame10. left are the files that are not
// read, and the folders without a clip. It ends with ctx's error when that is done.
func Find(ctx context.Context, path string) (clips []Clip, left []dataset.Left, err error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, nil, fmt.Errorf("video: %w", err)
	}
	if !info.IsDir() {
		return []Clip{{Name: filepath.Base(path), Path: path}}, nil, nil
	}
	f := &finding{Tally: dataset.NewTally(ctx, path), path: path}
	if err := f.folder(path); err != nil {
		return nil, nil, fmt.Errorf("video: %w", err)
	}
	clips = f.clips
	if len(clips) == 0 {
		return nil, nil, fmt.Errorf("video: %s: holds neither images nor films (%s): want frames, or clips", path, strings.Join(films, " "))
	}
	tellApart(clips, path)
	slices.SortFunc(clips, func(a, b Clip) int { return byNumber(a.Name, b.Name) })
	for _, folder := range f.bare {
		f.Add(dataset.BareFolders, folder)
	}
	return clips, f.All(), nil
}

// finding is the clips of a folder, and what is left out of it.
type finding struct {
	*dataset.Tally
	path  string
	clips []Clip
	bare  []string // folders without a clip, but for those inside of them
}

// folder finds the clips of a folder in the one that is searched.
func (f *finding) folder(dir string) error {
	l, err := f.List(dir)
	if err != nil {
		return err
	}
	var images []string
	for _, name := range l.Files {
		switch file := filepath.Join(dir, name); {
		case IsFilm(file):
			f.clips = append(f.clips, Clip{Name: within(f.path, file), Path: file})
		case dataset.HasImageExt(file):
			images = append(images, file)
		default:
			f.AddOther(file)
		}
	}
	if len(images) > 0 {
		slices.SortFunc(images, byNumber)
		f.clips = append(f.clips, Clip{Name: within(f.path, dir), Path: dir, frames: images})
	}
	for _, name := range l.Folders {
		sub, clips, bare := filepath.Join(dir, name), len(f.clips), len(f.bare)
		if l.Linked[name] {
			f.Add("linked to folders", sub)
			continue
		}
		if err := f.folder(sub); err != nil {
			return err
		}
		if len(f.clips) == clips {
			f.bare = append(f.bare[:bare], sub)
		}
	}
	return nil
}

// tellApart calls the clip of the images in the folder itself "." where another one has the folder's name.
func tellApart(clips []Clip, folder string) {
	for i, c := range clips {
		if c.frames != nil && c.Path == folder && slices.ContainsFunc(clips, func(o Clip) bool { return o.Path != folder && o.Name == c.Name }) {
			clips[i].Name = "."
		}
	}
}

// within is the path of a file inside a folder, or the folder's own name.
func within(folder, file string) string {
	if rel, err := filepath.Rel(folder, file); err == nil && rel != "." {
		return filepath.ToSlash(rel)
	}
	return filepath.Base(folder)
}

// byNumber compares names in which runs of digits count as numbers.
func byNumber(a, b string) int {
	x, y := a, b
	for x != "" && y != "" {
		m, n := digits(x), digits(y)
		if m == 0 || n == 0 {
			if x[0] != y[0] {
				return cmp.Compare(x[0], y[0])
			}
			x, y = x[1:], y[1:]
			continue
		}
		p, q := strings.TrimLeft(x[:m], "0"), strings.TrimLeft(y[:n], "0")
		if c := cmp.Or(cmp.Compare(len(p), len(q)), strings.Compare(p, q)); c != 0 {
			return c
		}
		x, y = x[m:], y[n:]
	}
	return cmp.Or(cmp.Compare(len(x), len(y)), strings.Compare(a, b))
}

// digits is how many digits s begins with.
func digits(s string) int {
	n := 0
	for n < len(s) && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	return n
}
