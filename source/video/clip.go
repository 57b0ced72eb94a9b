package video

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/sparse-manifold/smt/dataset"
)

// A Frame is one image of a clip. It does not change when later ones are read.
type Frame interface {
	// Shape is its size, and one channel if it is gray.
	Shape() dataset.Shape
	// Pixels is the frame brought to a shape, as dataset.FromImage does.
	Pixels(dataset.Shape) []uint8
}

// A Reader reads a clip from its beginning.
type Reader interface {
	// Next is the next frame. After the last one the error is io.EOF; of a clip that breaks
	// off it is another one.
	Next() (Frame, error)
	io.Closer
}

// A Clip is frames in the order of time, in a file or in a folder of images.
type Clip struct {
	Name   string // within the path that was searched
	Path   string
	frames []string // the images of a folder
}

// Open begins to read the clip. Reading ends with ctx's error when that is done.
func (c Clip) Open(ctx context.Context) (Reader, error) {
	var r Reader
	var err error
	switch ext := strings.ToLower(filepath.Ext(c.Path)); {
	case c.frames != nil:
		return &folder{ctx: ctx, files: c.frames}, nil
	case ext == ".y4m":
		r, err = openFile(ctx, c.Path, newY4M)
	case ext == ".gif":
		r, err = openFile(ctx, c.Path, newGIF)
	default:
		r, err = openFFmpeg(ctx, c.Path)
	}
	if err != nil {
		return nil, fmt.Errorf("video: %s: %w", c.Path, err)
	}
	return named{r, ctx, c.Path}, nil
}

// named has errors name the file.
type named struct {
	Reader
	ctx  context.Context
	path string
}

func (n named) Next() (Frame, error) {
	f, err := n.Reader.Next()
	if ended := n.ctx.Err(); ended != nil && err != nil && err != io.EOF {
		return nil, ended
	}
	if err != nil && err != io.EOF {
		return nil, fmt.Errorf("video: %s: %w", n.path, err)
	}
	return f, err
}

// Files are what the clip is read from.
func (c Clip) Files() []string {
	if c.frames != nil {
		return c.frames
	}
	return []string{c.Path}
}

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
// read.
func Find(path string) (clips []Clip, left []dataset.Left, err error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, nil, fmt.Errorf("video: %w", err)
	}
	if !info.IsDir() {
		return []Clip{{Name: filepath.Base(path), Path: path}}, nil, nil
	}
	images, unread := map[string][]string{}, map[string][]string{}
	leave := func(reason, file string) { unread[reason] = append(unread[reason], within(path, file)) }
	err = filepath.WalkDir(path, func(file string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case file != path && strings.HasPrefix(d.Name(), "."):
			leave("hidden", file)
			if d.IsDir() {
				return fs.SkipDir
			}
		case d.IsDir():
		case linksFolder(file, d):
			leave("linked to folders", file)
		case IsFilm(file):
			clips = append(clips, Clip{Name: within(path, file), Path: file})
		case dataset.HasImageExt(file):
			dir := filepath.Dir(file)
			images[dir] = append(images[dir], file)
		default:
			leave("of other formats", file)
		}
		return nil
	})
	if err != nil {
		return nil, nil, fmt.Errorf("video: %w", err)
	}
	for dir, files := range images {
		slices.SortFunc(files, byNumber)
		clips = append(clips, Clip{Name: within(path, dir), Path: dir, frames: files})
	}
	if len(clips) == 0 {
		return nil, nil, fmt.Errorf("video: %s: holds neither images nor films (%s): want frames, or clips", path, strings.Join(films, " "))
	}
	tellApart(clips, path)
	slices.SortFunc(clips, func(a, b Clip) int { return byNumber(a.Name, b.Name) })
	for _, reason := range slices.Sorted(maps.Keys(unread)) {
		left = append(left, dataset.Left{Reason: reason, Count: len(unread[reason]), Files: unread[reason]})
	}
	return clips, left, nil
}

// linksFolder reports a link to a folder.
func linksFolder(file string, d fs.DirEntry) bool {
	if d.Type()&fs.ModeSymlink == 0 {
		return false
	}
	info, err := os.Stat(file)
	return err == nil && info.IsDir()
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
