package dataset

import (
	"cmp"
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"

	"github.com/sparse-manifold/smt/internal/pixelfile"
)

// A survey finds the images of a folder, and notes everything else in it.
type survey struct {
	*Tally
	notes   []string
	splits  []string         // what is said of them
	around  []string         // folders that hold what is read, without links in their paths
	reached []string         // folders that are read, the same
	bad     map[string]error // paths of image files whose headers cannot be read
	members members          // files that are in tars

	asked  Pixels
	pixels []*pixelFile
	stats  map[string]pixelfile.Stat // of files by their paths, where files of pixels are asked for
}

func newSurvey(ctx context.Context, root string) *survey {
	s := &survey{Tally: NewTally(ctx, root), bad: map[string]error{}, stats: map[string]pixelfile.Stat{}}
	if real, err := realPath(root); err == nil {
		s.around = append(s.around, real)
	}
	return s
}

// reach notes that a folder is read. It reports whether none of it was before, and it
// does not hold the folder that was opened.
func (s *survey) reach(path string) bool {
	real, err := realPath(path)
	if err != nil {
		return false
	}
	for _, a := range s.around {
		if inside(a, real) {
			return false
		}
	}
	for _, r := range s.reached {
		if inside(real, r) || inside(r, real) {
			return false
		}
	}
	s.reached = append(s.reached, real)
	return true
}

// realPath is the absolute path of what is at path, without links.
func realPath(path string) (string, error) {
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		return "", err
	}
	return filepath.Abs(real)
}

// inside reports that path is dir, or in it.
func inside(path, dir string) bool {
	rel, err := filepath.Rel(dir, path)
	return err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
}

type imageFile struct {
	path string
	header
}

// images reads the headers of these files of dir, and leaves out what is no image. One
// that says by its name that it is an image, and is none, is bad.
func (s *survey) images(dir string, files []string) ([]imageFile, error) {
	var images []imageFile
	for _, name := range files {
		if err := s.ctx.Err(); err != nil {
			return nil, err
		}
		path := filepath.Join(dir, name)
		head, err := s.header(path)
		_, isForeign := errors.AsType[foreignError](err)
		switch {
		case err == nil:
			images = append(images, imageFile{path, head})
		case HasImageExt(path) && !isForeign:
			s.bad[path] = err
		default:
			s.addOther(path)
		}
	}
	return images, nil
}

// addOther leaves out a file for its format, which is named if it is one of images.
func (s *survey) addOther(path string) {
	s.Add(cmp.Or(s.members.foreign(path), leftOther), path)
}

// deep reads the headers of the images in dir and below it. A folder that is a link is
// followed if it leads out of all that is read, and so once.
func (s *survey) deep(dir string) ([]imageFile, error) {
	l, err := s.List(dir)
	if err != nil {
		return nil, err
	}
	images, err := s.images(dir, l.Files)
	if err != nil {
		return nil, err
	}
	// A class may have the splits below it.
	splits := splitsAmong(l.Folders)
	for _, name := range l.Folders {
		path := filepath.Join(dir, name)
		switch {
		case len(splits.train) > 0 && slices.Contains(splits.held, name):
			if err := s.leave(path, "held out"); err != nil {
				return nil, err
			}
		case l.Linked[name] && !s.reach(path):
			s.Add(leftLinked, path)
		default:
			below, err := s.deep(path)
			if err != nil {
				return nil, err
			}
			images = append(images, below...)
		}
	}
	return images, nil
}

// leave leaves out the files in a folder and below it, which are not read.
func (s *survey) leave(dir, reason string) error {
	l, err := s.List(dir)
	if err != nil {
		return err
	}
	for _, name := range l.Files {
		s.Add(reason, filepath.Join(dir, name))
	}
	for _, name := range l.Folders {
		path := filepath.Join(dir, name)
		if l.Linked[name] {
			s.Add(leftLinked, path)
		} else if err := s.leave(path, reason); err != nil {
			return err
		}
	}
	return nil
}

// HasImageExt reports whether the name of a file ends as those of image files do that Open reads.
func HasImageExt(path string) bool {
	switch strings.ToLower(filepath.Ext(path)) {
	case ".png", ".jpg", ".jpeg", ".gif", ".webp", ".bmp", ".tif", ".tiff", ".pbm", ".pgm", ".ppm", ".pnm":
		return true
	}
	return false
}
