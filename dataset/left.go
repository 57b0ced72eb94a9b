package dataset

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Left is files, or links, of a folder that are not among its images, for one reason.
type Left struct {
	Reason string   `json:"reason"` // said after their number, as "HEIC" or "hidden"
	Count  int      `json:"count"`  // how many they are
	Files  []string `json:"files"`  // within the folder that was opened, with slashes; a hidden folder stands for its files
}

// String is their number, the reason, and the first of them.
func (l Left) String() string {
	return fmt.Sprintf("%d %s (%s)", l.Count, l.Reason, someOf(l.Files))
}

// someOf names the first few files, on one line whatever their names are.
func someOf(files []string) string {
	const most = 3
	var names []string
	for _, f := range files[:min(most, len(files))] {
		if quoted := strconv.Quote(f); quoted != `"`+f+`"` {
			f = quoted
		}
		names = append(names, f)
	}
	if len(files) > most {
		names = append(names, "…")
	}
	return strings.Join(names, ", ")
}

// LeftOut says in one line how folders were taken whose names leave in doubt whether they
// are splits or classes, and which files of the folder are not used, and why. It is empty
// if there is no doubt and all are used.
func (s *Set) LeftOut() string {
	said := slices.Clone(s.Splits)
	if left := LeftFiles(s.Left); left != "" {
		said = append(said, left)
	}
	return strings.Join(said, "; ")
}

// LeftFiles says in one line which files are left out, and why. It is empty if there are none.
func LeftFiles(left []Left) string {
	var words []string
	n := 0
	for _, l := range left {
		n += l.Count
		words = append(words, l.String())
	}
	switch n {
	case 0:
		return ""
	case 1:
		return "1 file left out: " + words[0]
	}
	return fmt.Sprintf("%d files left out: %s", n, strings.Join(words, ", "))
}

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

// tally collects what is left out of a folder.
type tally struct {
	root string
	left []Left
}

func (t *tally) add(reason, path string) { t.addFolder(reason, path, 1) }

// addFolder adds a folder that stands for n files.
func (t *tally) addFolder(reason, path string, n int) {
	i := slices.IndexFunc(t.left, func(l Left) bool { return l.Reason == reason })
	if i < 0 {
		i = len(t.left)
		t.left = append(t.left, Left{Reason: reason})
	}
	t.left[i].Count += n
	t.left[i].Files = append(t.left[i].Files, t.name(path))
}

// name is a path within the folder that was opened, with slashes.
func (t *tally) name(path string) string { return pathWithin(t.root, path) }

// all are the files left out, those of a reason in the order of their paths, the
// reasons in an order that does not depend on that of the search.
func (t *tally) all() []Left {
	for _, l := range t.left {
		slices.Sort(l.Files)
	}
	slices.SortFunc(t.left, func(a, b Left) int { return strings.Compare(a.Reason, b.Reason) })
	return t.left
}
