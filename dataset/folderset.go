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

	"github.com/sparse-manifold/smt/internal/plural"
)

func openFolder(ctx context.Context, path string, info fs.FileInfo, opt Options) (*Set, error) {
	if !info.IsDir() {
		return nil, fmt.Errorf("dataset: %s: want a folder of images, found a file", path)
	}
	return openSurveyed(ctx, path, opt, func(s *survey) (*Set, error) { return s.open(path, opt) })
}

// openSurveyed opens image files in or from the folder root. Bad ones are an error, unless they are left for later.
func openSurveyed(ctx context.Context, root string, opt Options, open func(*survey) (*Set, error)) (*Set, error) {
	s := newSurvey(ctx, root)
	s.asked, s.pixels = opt.Pixels, opt.Pixels.open()
	set, err := open(s)
	if err != nil {
		return nil, errors.Join(s.withBad(err), (&keepingRoom{files: s.pixels}).close())
	}
	if set.Bad = s.badFiles(); len(set.Bad) > 0 && !opt.BadLater {
		return nil, BadFilesError{Path: root, Files: set.Bad, Of: len(set.Bad) + set.images()}
	}
	return set, nil
}

// open opens a folder as the splits in it, as its only sub-folder, or as images.
func (s *survey) open(path string, opt Options) (*Set, error) {
	l, err := s.List(path)
	if err != nil {
		return nil, err
	}
	names := splitsAmong(l.Folders)
	if err := names.oneTrain(path); err != nil {
		return nil, err
	}
	if len(names.train) == 1 {
		return s.openSplits(path, l.Files, names, opt)
	}
	// What is held out never becomes a class, nor images to learn from.
	if err := s.leaveHeld(path, names.held); err != nil {
		return nil, err
	}
	if len(names.held) > 0 && len(names.others)+len(names.unlabelled) > 0 {
		s.say("taken as held out: %s: rename what is a class", s.within(path, names.held...))
	}
	l.Folders = names.others
	if len(names.others) == 0 {
		l.Folders = names.unlabelled
	} else if len(names.unlabelled) > 0 {
		if err := s.leaveUnlabelled(path, names.unlabelled); err != nil {
			return nil, err
		}
		s.say("taken as without labels: %s: rename what is a class", s.within(path, names.unlabelled...))
	}
	before := slices.Clone(s.left)
	loose, err := s.images(path, l.Files)
	if err != nil {
		return nil, err
	}
	switch {
	case len(l.Folders) == 1 && len(loose) == 0:
		// A single class tells nothing apart: it is a folder around the images.
		inner := filepath.Join(path, l.Folders[0])
		if l.Linked[l.Folders[0]] && !s.reach(inner) {
			return nil, fmt.Errorf("dataset: %s: is a link to a folder that holds it: want one with images", inner)
		}
		return s.open(inner, opt)
	case len(l.Folders) == 0 && len(loose) == 0 && len(names.held) > 0:
		return nil, fmt.Errorf("dataset: %s: holds images held out alone (%s): want a folder train beside them, "+
			"or the path of one of them, or other names if they are classes", path, strings.Join(names.held, ", "))
	}
	f, images, err := s.read(path, l, loose)
	if err != nil {
		return nil, err
	}
	if len(f.classes) == 1 && len(l.Folders) > 1 && len(loose) == 0 && readSplitName(f.classes[0]).plain() {
		// No other folder has images: the classes are in this one.
		s.left = before
		single := splits{train: f.classes}
		single.others = slices.DeleteFunc(l.Folders, func(name string) bool { return name == f.classes[0] })
		return s.openSplits(path, l.Files, single, opt)
	}
	if err := s.sayClasses(path, f); err != nil {
		return nil, err
	}
	set := &Set{Format: "folder", Path: path, Train: f}
	return set, s.finish(set, opt, []*folder{f}, [][]imageFile{images})
}

// read reads the headers of the images in dir: those of its sub-folders, as classes, or
// if there are none those of dir itself, which are loose. Where more are loose than in
// sub-folders, or there is one sub-folder, these are no classes: all are images without.
// The images are in the order of their paths.
func (s *survey) read(dir string, l Listing, loose []imageFile) (*folder, []imageFile, error) {
	f := &folder{root: s.root}
	var images []imageFile
	class := map[string]int{} // of the path of an image
	for _, name := range l.Folders {
		if path := filepath.Join(dir, name); !l.Linked[name] {
			s.reach(path)
		}
	}
	for _, name := range l.Folders {
		path := filepath.Join(dir, name)
		if l.Linked[name] && !s.reach(path) {
			s.Add(leftLinked, path)
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
		s.notes = append(s.notes, fmt.Sprintf("%s in %s and %d beside it are taken without classes", plural.Of(len(images), "image"), someOf(f.classes), len(loose)))
		images, f.classes = append(images, loose...), nil
	default:
		for _, img := range loose {
			s.Add(leftLoose, img.path)
		}
	}
	if len(images) == 0 {
		return nil, nil, fileError(dir, noImagesError{LeftFiles(s.All())})
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
	want, asked := opt.Shape, "as asked for"
	if want.Height == 0 {
		want.Height, want.Width = opt.Fitted.Height, opt.Fitted.Width
		asked = "the size of the images that the model was fitted on"
	}
	if want.Channels == 0 {
		want.Channels = opt.Fitted.Channels
	}
	shape, notes := decideShape(s, images[0], want, asked, opt.Working)
	depth, note, err := decideDepth(s.ctx, s.members, slices.Concat(images...), opt.Depth)
	if err != nil {
		return err
	}
	set.Left, set.Splits, set.Notes = s.All(), s.splits, append(s.notes, notes...)
	if note != "" {
		set.Notes = append(set.Notes, note)
	}
	if note := s.noteSeveral(slices.Concat(images...)); note != "" {
		set.Notes = append(set.Notes, note)
	}
	room := &keepingRoom{folders: folders, asked: s.asked, files: s.pixels, unread: s.unread()}
	for i, f := range folders {
		f.shape, f.depth = shape, depth
		f.room, f.decoded = room, make([]decodedImage, len(f.files))
		for _, img := range images[i] {
			f.resized = append(f.resized, img.size() != image.Pt(shape.Width, shape.Height))
			if readingMemory(img.header, shape) > readingMemory(f.largest, shape) {
				f.largest = img.header
			}
			if !s.asked.none() {
				f.states = append(f.states, imageState{s.stats[img.path], img.known()})
			}
		}
		f.broken = map[int]string{}
	}
	room.takeUp()
	return nil
}
