package dataset

import (
	"context"
	"errors"
	"fmt"
	"image"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"github.com/sparse-manifold/smt/internal/regular"
)

// folder is a list of image files; each access opens, decodes and forgets one.
type folder struct {
	root    string // the folder that was opened, of the ids
	files   []string
	labels  []int // nil when unlabelled
	classes []string
	shape   Shape
	depth   int    // bits of samples of 16 bits, where a file does not state them; 0 if all do
	resized int    // images of an other size than shape
	largest header // of the files
}

func (s *folder) Len() int          { return len(s.files) }
func (s *folder) Shape() Shape      { return s.shape }
func (s *folder) Classes() []string { return s.classes }

func (s *folder) Label(i int) int {
	if s.labels == nil {
		return -1
	}
	return s.labels[i]
}

func (s *folder) ID(i int) string { return pathWithin(s.root, s.files[i]) }

func (s *folder) Image(i int, pix []uint8) error {
	pix = target(pix, s.shape, i, s.Len())
	p, err := decodeFile(context.Background(), s.files[i], s.depth)
	if err != nil {
		return err
	}
	convert(p.img, p.head.orientation, s.shape, pix)
	return nil
}

func decodeFile(ctx context.Context, path string, depth int) (*Picture, error) {
	f, _, err := regular.Open(path)
	if err != nil {
		return nil, fileError(path, err)
	}
	defer f.Close()
	p, err := decode(within{ctx, f}, Limits{}, depth)
	if err != nil {
		return nil, fileError(path, err)
	}
	return p, nil
}

// noImagesError is of a folder without any, and says what it has.
type noImagesError struct{ left string }

func (e noImagesError) Error() string {
	if e.left == "" {
		return "no image files"
	}
	return "no image files; " + e.left
}

func openFolder(ctx context.Context, path string, info fs.FileInfo, opt Options) (*Set, error) {
	if !info.IsDir() {
		return nil, fmt.Errorf("dataset: %s: want a folder of images, found a file", path)
	}
	return newSurvey(ctx, path).open(path, opt)
}

// open opens a folder as the splits in it, as its only sub-folder, or as images.
func (s *survey) open(path string, opt Options) (*Set, error) {
	l, err := s.list(path)
	if err != nil {
		return nil, err
	}
	names := splitsAmong(l.folders)
	if err := names.oneTrain(path); err != nil {
		return nil, err
	}
	if len(names.train) == 1 {
		return s.openSplits(path, l.files, names, opt)
	}
	// What is held out never becomes a class, nor images to learn from.
	if err := s.leaveHeld(path, names.held); err != nil {
		return nil, err
	}
	if len(names.held) > 0 && len(names.others)+len(names.unlabelled) > 0 {
		s.say("taken as held out: %s: rename what is a class", s.within(path, names.held...))
	}
	l.folders = names.others
	if len(names.others) == 0 {
		l.folders = names.unlabelled
	} else if len(names.unlabelled) > 0 {
		if err := s.leaveUnlabelled(path, names.unlabelled); err != nil {
			return nil, err
		}
		s.say("taken as without labels: %s: rename what is a class", s.within(path, names.unlabelled...))
	}
	before := slices.Clone(s.left)
	loose, err := s.images(path, l.files)
	if err != nil {
		return nil, err
	}
	switch {
	case len(l.folders) == 1 && len(loose) == 0:
		// A single class tells nothing apart: it is a folder around the images.
		inner := filepath.Join(path, l.folders[0])
		if l.linked[l.folders[0]] && !s.reach(inner) {
			return nil, fmt.Errorf("dataset: %s: is a link to a folder that holds it: want one with images", inner)
		}
		return s.open(inner, opt)
	case len(l.folders) == 0 && len(loose) == 0 && len(names.held) > 0:
		return nil, fmt.Errorf("dataset: %s: holds images held out alone (%s): want a folder train beside them, "+
			"or the path of one of them, or other names if they are classes", path, strings.Join(names.held, ", "))
	}
	f, images, err := s.read(path, l, loose)
	if err != nil {
		return nil, err
	}
	if len(f.classes) == 1 && len(l.folders) > 1 && len(loose) == 0 && readSplitName(f.classes[0]).plain() {
		// No other folder has images: the classes are in this one.
		s.left = before
		single := splits{train: f.classes}
		single.others = slices.DeleteFunc(l.folders, func(name string) bool { return name == f.classes[0] })
		return s.openSplits(path, l.files, single, opt)
	}
	if err := s.sayClasses(path, f); err != nil {
		return nil, err
	}
	set := &Set{Format: "folder", Path: path, Train: f}
	return set, s.finish(set, opt, []*folder{f}, [][]imageFile{images})
}

// openSplits opens two folders as the splits of a set. The training images
// decide the shape and the classes of both. Without one held out there is no test split.
func (s *survey) openSplits(path string, files []string, names splits, opt Options) (*Set, error) {
	s.sayPair(path, names)
	for _, name := range files {
		file := filepath.Join(path, name)
		if _, err := fileHeader(file); err == nil || HasImageExt(file) {
			s.add(leftBeside, file)
		} else {
			s.add(leftOther, file)
		}
	}
	tests := names.held[:min(1, len(names.held))]
	if err := errors.Join(
		s.leaveHeld(path, names.held[len(tests):]),
		s.leaveUnlabelled(path, names.unlabelled),
		s.leaveBeside(path, names.others),
	); err != nil {
		return nil, err
	}
	s.sayBeside(path, names.others, slices.Concat(names.train, tests))
	var folders []*folder
	var images [][]imageFile
	s.reached = nil
	for _, name := range slices.Concat(names.train, tests) {
		dir := filepath.Join(path, name)
		if !s.reach(dir) {
			return nil, fmt.Errorf("dataset: %s: is a link to images that are read already: want splits apart", dir)
		}
		dir, below, loose, err := s.splitFolder(dir)
		if err != nil {
			return nil, err
		}
		f, all, err := s.read(dir, below, loose)
		if err != nil {
			return nil, err
		}
		folders, images = append(folders, f), append(images, all)
	}
	set := &Set{Format: "folder", Path: path, Train: folders[0]}
	if len(tests) == 0 {
		return set, s.finish(set, opt, folders, images)
	}
	train, test := folders[0], folders[1]
	if test.labels != nil {
		for i, label := range test.labels {
			name := test.classes[label]
			if test.labels[i] = slices.Index(train.classes, name); test.labels[i] < 0 {
				return nil, fmt.Errorf("dataset: %s: class %q is not among the %d of %s",
					filepath.Join(path, tests[0]), name, len(train.classes), names.train[0])
			}
		}
		test.classes = train.classes
	}
	set.Test = test
	return set, s.finish(set, opt, folders, images)
}

// splitFolder lists the folder of a split: dir, or the one in it where dir is only a folder around
// it, as archives have them (seg_train/seg_train, train/train beside train/val).
func (s *survey) splitFolder(dir string) (string, listing, []imageFile, error) {
	of := readSplitName(filepath.Base(dir)).kind
	for {
		l, err := s.list(dir)
		if err != nil {
			return dir, l, nil, err
		}
		loose, err := s.images(dir, l.files)
		if err != nil {
			return dir, l, nil, err
		}
		if names := splitsAmong(l.folders); of == training && len(names.train) > 0 {
			if err := errors.Join(
				names.oneTrain(dir),
				s.leaveHeld(dir, names.held),
				s.leaveUnlabelled(dir, names.unlabelled),
				s.leaveBeside(dir, names.others),
			); err != nil {
				return dir, l, nil, err
			}
			l.folders = names.train
		}
		if len(l.folders) != 1 || len(loose) > 0 || l.linked[l.folders[0]] || readSplitName(l.folders[0]).kind != of {
			return dir, l, loose, nil
		}
		dir = filepath.Join(dir, l.folders[0])
	}
}

// leaveHeld leaves out folders in dir that are held out, and are not the test split.
func (s *survey) leaveHeld(dir string, names []string) error {
	return s.leaveEach(dir, names, func(name string) string { return "held out in " + name })
}

func (s *survey) leaveUnlabelled(dir string, names []string) error {
	return s.leaveEach(dir, names, func(name string) string { return "without labels in " + name })
}

func (s *survey) leaveBeside(dir string, names []string) error {
	return s.leaveEach(dir, names, func(string) string { return leftBeside })
}

func (s *survey) leaveEach(dir string, names []string, reason func(name string) string) error {
	for _, name := range names {
		if err := s.leave(filepath.Join(dir, name), reason(name)); err != nil {
			return err
		}
	}
	return nil
}

// read reads the headers of the images in dir: those of its sub-folders, as classes, or
// if there are none those of dir itself, which are loose. Where more are loose than in
// sub-folders, or there is one sub-folder, these are no classes: all are images without.
// The images are in the order of their paths.
func (s *survey) read(dir string, l listing, loose []imageFile) (*folder, []imageFile, error) {
	f := &folder{root: s.root}
	var images []imageFile
	class := map[string]int{} // of the path of an image
	for _, name := range l.folders {
		if path := filepath.Join(dir, name); !l.linked[name] {
			s.reach(path)
		}
	}
	for _, name := range l.folders {
		path := filepath.Join(dir, name)
		if l.linked[name] && !s.reach(path) {
			s.add(leftLinked, path)
			continue
		}
		below, err := s.deep(path)
		if err != nil {
			return nil, nil, err
		}
		if len(below) == 0 {
			continue
		}
		for _, img := range below {
			class[img.path] = len(f.classes)
		}
		f.classes = append(f.classes, name)
		images = append(images, below...)
	}
	switch {
	case len(images) == 0:
		images = loose
	case len(loose) > len(images) || len(loose) > 0 && len(f.classes) == 1:
		s.notes = append(s.notes, fmt.Sprintf("%d images in %s and %d beside it are taken without classes", len(images), someOf(f.classes), len(loose)))
		images, f.classes = append(images, loose...), nil
	default:
		for _, img := range loose {
			s.add(leftLoose, img.path)
		}
	}
	if len(images) == 0 {
		return nil, nil, fileError(dir, noImagesError{leftFiles(s.all())})
	}
	slices.SortFunc(images, func(a, b imageFile) int {
		return strings.Compare(filepath.ToSlash(a.path), filepath.ToSlash(b.path))
	})
	for _, img := range images {
		f.files = append(f.files, img.path)
		if f.classes != nil {
			f.labels = append(f.labels, class[img.path])
		}
	}
	return f, images, nil
}

// finish decides the shape and the depth of all splits of a set, and notes what was
// chosen and what was left out.
func (s *survey) finish(set *Set, opt Options, folders []*folder, images [][]imageFile) error {
	want := opt.Shape
	if want.Height == 0 {
		want.Height, want.Width = opt.Fitted.Height, opt.Fitted.Width
	}
	if want.Channels == 0 {
		want.Channels = opt.Fitted.Channels
	}
	shape, notes := decideShape(s, images[0], want)
	depth, note, err := decideDepth(s.ctx, slices.Concat(images...), opt.Depth)
	if err != nil {
		return err
	}
	set.Left, set.Splits, set.Notes = s.all(), s.splits, append(s.notes, notes...)
	if note != "" {
		set.Notes = append(set.Notes, note)
	}
	for i, f := range folders {
		f.shape, f.depth = shape, depth
		for _, img := range images[i] {
			if img.size() != image.Pt(shape.Width, shape.Height) {
				f.resized++
			}
			if readingMemory(img.header, shape) > readingMemory(f.largest, shape) {
				f.largest = img.header
			}
		}
	}
	return nil
}
