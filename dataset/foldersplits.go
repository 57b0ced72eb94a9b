package dataset

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
)

// openSplits opens two folders as the splits of a set. The training images
// decide the shape and the classes of both. Without one held out there is no test split.
func (s *survey) openSplits(path string, files []string, names splits, opt Options) (*Set, error) {
	s.sayPair(path, names)
	for _, name := range files {
		file := filepath.Join(path, name)
		if _, err := s.members.header(file); err == nil || HasImageExt(file) {
			s.Add(leftBeside, file)
		} else {
			s.Add(leftOther, file)
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
func (s *survey) splitFolder(dir string) (string, Listing, []imageFile, error) {
	of := readSplitName(filepath.Base(dir)).kind
	for {
		l, err := s.List(dir)
		if err != nil {
			return dir, l, nil, err
		}
		loose, err := s.images(dir, l.Files)
		if err != nil {
			return dir, l, nil, err
		}
		if names := splitsAmong(l.Folders); of == training && len(names.train) > 0 {
			if err := errors.Join(
				names.oneTrain(dir),
				s.leaveHeld(dir, names.held),
				s.leaveUnlabelled(dir, names.unlabelled),
				s.leaveBeside(dir, names.others),
			); err != nil {
				return dir, l, nil, err
			}
			l.Folders = names.train
		}
		if len(l.Folders) != 1 || len(loose) > 0 || l.Linked[l.Folders[0]] || readSplitName(l.Folders[0]).kind != of {
			return dir, l, loose, nil
		}
		dir = filepath.Join(dir, l.Folders[0])
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
