package dataset

import (
	"cmp"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
)

// splits are the folders beside each other, told by their names.
type splits struct {
	train      []string // none without a split beside it; more than one is an error where one is wanted
	held       []string // the test split first
	unlabelled []string
	others     []string
}

// splitsAmong tells folders beside each other apart.
//
// A class may have a word of a split in its name: train beside bus and car, test tube.
// So names are splits together. Those are that have no words but of splits and common
// ones, if some are of training images and some are not; else those that have the same
// other words, as seg_train and seg_test; else all, if each has a word of a split. What
// is left is held out if its name is plain, and train is a class.
func splitsAmong(folders []string) splits {
	read := readSplitName
	if onlySplits(folders) {
		read = readFaintly
	}
	names := map[string]splitName{}
	groups := map[string][]string{} // by the other words of the names
	var all []string
	for _, f := range folders {
		if n := read(f); n.kind != ordinary {
			names[f] = n
			groups[n.rest] = append(groups[n.rest], f)
			all = append(all, f)
		}
	}
	has := func(group []string, k kind) bool {
		return slices.ContainsFunc(group, func(f string) bool { return names[f].kind == k })
	}
	var taken []string
	plain := groups[""]
	allPlain := len(plain) == len(folders)
	if has(plain, training) && (has(plain, heldOut) || allPlain && len(plain) > 1) {
		taken = plain
	} else {
		for _, group := range groups {
			if has(group, training) && has(group, heldOut) {
				taken = append(taken, group...)
			}
		}
		if taken == nil && len(all) == len(folders) && has(all, training) && has(all, heldOut) {
			taken = all
		}
	}
	if taken == nil {
		taken = slices.DeleteFunc(slices.Clone(plain), func(f string) bool { return names[f].kind == training })
	}
	var s splits
	for _, f := range folders {
		if !slices.Contains(taken, f) {
			s.others = append(s.others, f)
			continue
		}
		switch names[f].kind {
		case training:
			s.train = append(s.train, f)
		case unlabelled:
			s.unlabelled = append(s.unlabelled, f)
		case heldOut:
			s.held = append(s.held, f)
		}
	}
	slices.SortStableFunc(s.held, func(a, b string) int { return cmp.Compare(names[a].rank, names[b].rank) })
	return s
}

// onlySplits reports that all names are of splits, some of them of training images and some
// held out, if faint words count.
func onlySplits(folders []string) bool {
	kinds := map[kind]bool{}
	for _, f := range folders {
		n := readFaintly(f)
		if !n.plain() {
			return false
		}
		kinds[n.kind] = true
	}
	return kinds[training] && kinds[heldOut]
}

// oneTrain is an error if several folders in dir are of training images.
func (s splits) oneTrain(dir string) error {
	if len(s.train) < 2 {
		return nil
	}
	all := "all"
	if len(s.train) == 2 {
		all = "both"
	}
	return fmt.Errorf("dataset: %s: folders %s are %s of training images: want one, or other names if they are classes",
		dir, strings.Join(s.train, " and "), all)
}

// sayPair says which folders in dir are the splits, unless they have the very names of these.
func (s *survey) sayPair(dir string, names splits) {
	switch train := names.train[0]; {
	case len(names.held) == 0:
		s.say("%s is taken as the training split, without a test split", s.within(dir, train))
	case !readSplitName(train).bare || !readSplitName(names.held[0]).bare:
		s.say("%s is taken as the training split, %s as the test split: rename them if they are classes",
			s.within(dir, train), s.within(dir, names.held[0]))
	}
}

// sayBeside says what to do about folders in dir that were left out beside the splits, and
// have images.
func (s *survey) sayBeside(dir string, folders, splits []string) {
	holds := func(folder string) bool {
		return slices.ContainsFunc(s.left, func(l Left) bool {
			return l.Reason == leftBeside && slices.ContainsFunc(l.Files, func(file string) bool {
				return HasImageExt(file) && strings.HasPrefix(file, s.name(filepath.Join(dir, folder))+"/")
			})
		})
	}
	if folders = slices.DeleteFunc(slices.Clone(folders), func(f string) bool { return !holds(f) }); len(folders) == 0 {
		return
	}
	s.say("not used beside %s: %s: give the path of one to use it alone, move it into a split, or rename the splits if they are classes",
		s.within(dir, splits...), s.within(dir, folders...))
}

// sayClasses says which classes in dir have names of splits, or are made up as splits are.
// It is an error if the latter is so of two, and one has such a name.
func (s *survey) sayClasses(dir string, f *folder) error {
	var plain, train, held []string
	for _, c := range f.classes {
		n := readSplitName(c)
		if n.plain() {
			plain = append(plain, c)
		}
		switch n.kind {
		case training:
			train = append(train, c)
		case heldOut:
			held = append(held, c)
		}
	}
	classes, below := alike(dir, f)
	named := func(names []string) bool {
		return slices.ContainsFunc(names, func(c string) bool { return slices.Contains(classes, c) })
	}
	if named(train) && named(held) || len(classes) == 2 && (named(train) || named(held) || named(plain)) {
		return fmt.Errorf("dataset: %s: folders %s hold folders of the same names (%s), as splits do: "+
			"want them named train and test, or, if they are classes, without these and the like in their names",
			dir, someOf(classes), someOf(below))
	}
	for _, c := range f.classes { // these are in doubt, and no error
		switch n := readFaintly(c); {
		case readSplitName(c).kind != ordinary || !n.plain():
		case n.kind == training:
			train = append(train, c)
		case n.kind == heldOut:
			held = append(held, c)
		}
	}
	if train != nil && held != nil {
		plain = slices.Concat(train, held)
		slices.Sort(plain)
	}
	if len(plain) > 0 {
		s.say("%s: %s: want splits named train and test", takenAs(plain), s.within(dir, plain...))
	}
	if len(classes) > 0 {
		s.say("%s: %s, which hold folders of the same names (%s): want splits named train and test",
			takenAs(classes), s.within(dir, classes...), someOf(below))
	}
	return nil
}

func takenAs(classes []string) string {
	if len(classes) == 1 {
		return "taken as a class"
	}
	return "taken as classes"
}

// alike are the classes that have two or more folders in them of names which are in
// others too, as splits have, and these names.
func alike(dir string, f *folder) (classes, below []string) {
	inside := make([]map[string]bool, len(f.classes))
	times := map[string]int{}
	for i, path := range f.files {
		rel, err := filepath.Rel(dir, path)
		if err != nil || f.labels == nil {
			return nil, nil
		}
		parts := strings.Split(filepath.ToSlash(rel), "/")
		if c := f.labels[i]; len(parts) > 2 && !inside[c][parts[1]] {
			if inside[c] == nil {
				inside[c] = map[string]bool{}
			}
			inside[c][parts[1]] = true
			times[parts[1]]++
		}
	}
	shared := map[string]bool{}
	for c, names := range inside {
		n := 0
		for name := range names {
			if times[name] > 1 {
				n++
			}
		}
		if n > 1 && 2*n >= len(names) {
			classes = append(classes, f.classes[c])
			for name := range names {
				shared[name] = shared[name] || times[name] > 1
			}
		}
	}
	for name, yes := range shared {
		if yes {
			below = append(below, name)
		}
	}
	slices.Sort(below)
	if len(classes) < 2 {
		return nil, nil
	}
	return classes, below
}

// within are names of folders in dir, as paths within the folder that was opened.
func (s *survey) within(dir string, names ...string) string {
	var paths []string
	for _, name := range names {
		paths = append(paths, s.name(filepath.Join(dir, name)))
	}
	return someOf(paths)
}

// say adds to what LeftOut says of the splits.
func (s *survey) say(format string, args ...any) {
	s.splits = append(s.splits, fmt.Sprintf(format, args...))
}
