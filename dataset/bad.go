package dataset

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/sparse-manifold/smt/internal/parallel"
	"github.com/sparse-manifold/smt/internal/plural"
)

// A BadFile is an image file of a folder that cannot be read.
type BadFile struct {
	File  string `json:"file"` // what its id would be
	Cause string `json:"cause"`
}

// A BadFilesError is of a folder or a list with more files that cannot be read than may be left out.
type BadFilesError struct {
	Path  string    // the folder that was opened, or that a list is in
	Files []BadFile // all of them, in the order of their names
	Of    int       // image files that there are, these among them
	Most  int       // files that may be left out
}

// badShown is how many bad files an error names.
const badShown = 10

// Error names the first of the files, each with its cause.
func (e BadFilesError) Error() string {
	if len(e.Files) == 1 && e.Most == 0 {
		name := filepath.FromSlash(e.Files[0].File)
		if !filepath.IsAbs(name) {
			name = filepath.Join(e.Path, name)
		}
		if strings.ContainsAny(name, "\r\n") { // which would be read as the end of an error
			name = strconv.Quote(name)
		}
		return fmt.Sprintf("dataset: %s: %s", name, e.Files[0].Cause)
	}
	text := fmt.Sprintf("dataset: %s: %d of %s cannot be read", e.Path, len(e.Files), plural.Of(e.Of, "image file"))
	if e.Most > 0 {
		text += fmt.Sprintf(", and at most %d may be left out", e.Most)
	}
	before := ": "
	for _, f := range e.Files[:min(badShown, len(e.Files))] {
		text += fmt.Sprintf("%s%s (%s)", before, quoted(f.File), f.Cause)
		before = ", "
	}
	if more := len(e.Files) - badShown; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}

// badFile is the file at path within root, which cannot be read for err.
func badFile(root, path string, err error) BadFile {
	return BadFile{pathWithin(root, path), strings.TrimPrefix(err.Error(), "dataset: "+path+": ")}
}

func sortBad(files []BadFile) {
	slices.SortFunc(files, func(a, b BadFile) int { return strings.Compare(a.File, b.File) })
}

// Check decodes all images of a folder, and leaves out those that cannot be read. Bad then has them, and those that were
// found when it was opened (Options.BadLater). Where they are more than most, or all of a split, it
// changes nothing and returns a BadFilesError with all of them. A most of -1 is one in a hundred files, rounded up.
// Images are kept as Keep says, so that they need not be decoded again. Sources of s that were taken before are not to be
// used after. report, if not nil, is told how many images are read. Sets of other formats have nothing to check.
func (s *Set) Check(ctx context.Context, most int, report func(done, total int)) error {
	all := len(s.Bad) + s.images()
	if most < 0 {
		most = (all + 99) / 100
	}
	errs, err := s.decodeAll(ctx, func(done int) {
		if report != nil {
			report(done, all-len(s.Bad))
		}
	})
	if err != nil {
		return err
	}
	found, good, empty := slices.Clone(s.Bad), [][]int{}, false
	for k, f := range s.folders() {
		var readable []int
		for i, err := range errs[k] {
			if err != nil {
				found = append(found, badFile(f.root, f.files[i], err))
			} else {
				readable = append(readable, i)
			}
		}
		good, empty = append(good, readable), empty || len(readable) == 0
	}
	sortBad(found)
	if len(found) > most || empty && len(found) > 0 {
		return BadFilesError{s.opened(), found, all, most}
	}
	s.Bad = found
	for k, f := range s.folders() {
		if len(good[k]) == f.Len() {
			continue
		}
		f.setAside(errs[k])
		g := f.only(good[k])
		if s.Train == Source(f) {
			s.Train = g
		} else {
			s.Test = g
		}
	}
	return nil
}

// folders are the splits of a set of format folder.
func (s *Set) folders() (all []*folder) {
	for _, src := range []Source{s.Train, s.Test} {
		if f, ok := src.(*folder); ok {
			all = append(all, f)
		}
	}
	return all
}

// images is how many the splits of a folder have.
func (s *Set) images() (n int) {
	for _, f := range s.folders() {
		n += f.Len()
	}
	return n
}

// opened is the folder that was opened for a set.
func (s *Set) opened() string {
	for _, f := range s.folders() {
		return f.root
	}
	return s.Path
}

// decodeAll reads all images, and returns the error of each, by splits.
func (s *Set) decodeAll(ctx context.Context, report func(done int)) ([][]error, error) {
	for _, f := range s.folders() {
		return f.room.decodeAll(ctx, report)
	}
	return nil, nil
}

// decodeAll reads all images, writes them with s, and returns the error of each.
func (f *folder) decodeAll(ctx context.Context, s *spill, report func(done int)) ([]error, error) {
	size, errs := f.shape.Len(), make([]error, f.Len())
	ahead, places := aheadImages, parallel.Workers(aheadImages)
	if s != nil { // all of them are there until they are written
		ahead = max(parallel.Workers(f.Len()), min(spillBytes/max(1, size), aheadImages))
		places = ahead
	}
	pix := make([]uint8, size*min(f.Len(), places))
	for first := 0; first < f.Len(); first += ahead {
		report(first)
		n := min(ahead, f.Len()-first)
		err := parallel.ForErr(ctx, n, func(w, k int) error {
			at := k
			if s == nil {
				at = w
			}
			errs[first+k] = f.imageOrCause(first+k, pix[at*size:(at+1)*size])
			return nil
		})
		if err != nil {
			return nil, err
		}
		s.add(f, first, errs[first:first+n], pix)
	}
	report(f.Len())
	return errs, nil
}

// imageOrCause is Image, but of a file that is known to be bad.
func (f *folder) imageOrCause(i int, pix []uint8) error {
	if cause, bad := f.broken[i]; bad {
		return fileError(f.files[i], errors.New(cause))
	}
	return f.Image(i, pix)
}

// only is the folder with these images alone, in its place in the room for what is kept.
func (f *folder) only(images []int) *folder {
	g := &folder{root: f.root, members: f.members, classes: f.classes, shape: f.shape, depth: f.depth, largest: f.largest, room: f.room, broken: map[int]string{}}
	g.decoded = make([]decodedImage, len(images))
	for k, i := range images {
		g.files, g.resized = append(g.files, f.files[i]), append(g.resized, f.resized[i])
		if f.labels != nil {
			g.labels = append(g.labels, f.labels[i])
		}
		if f.states != nil {
			g.states = append(g.states, f.states[i])
		}
		d := &f.decoded[i]
		g.decoded[k].pix, g.decoded[k].from, g.decoded[k].at = d.pix, d.from, d.at
	}
	f.room.folders[slices.Index(f.room.folders, f)] = g
	return g
}

// withBad is err or, where it is that there are no images, that there are none which can be read.
func (s *survey) withBad(err error) error {
	if _, none := errors.AsType[noImagesError](err); none && len(s.bad) > 0 {
		return BadFilesError{Path: s.root, Files: s.badFiles(), Of: len(s.bad)}
	}
	return err
}

// badFiles are those whose headers cannot be read.
func (s *survey) badFiles() []BadFile {
	var files []BadFile
	for path, err := range s.bad {
		files = append(files, badFile(s.root, path, err))
	}
	sortBad(files)
	return files
}
