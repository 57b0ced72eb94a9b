package dataset

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/sparse-manifold/smt/internal/plural"
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
		names = append(names, quoted(f))
	}
	if len(files) > most {
		names = append(names, "…")
	}
	return strings.Join(names, ", ")
}

// quoted is a name as it is or, where that would not be all to be seen, quoted.
func quoted(name string) string {
	if q := strconv.Quote(name); q != `"`+name+`"` {
		return q
	}
	return name
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

// BareFolders is the Reason of folders of film without a clip. They are said apart, and are none of the files left out.
const BareFolders = "folders without a clip"

// LeftFiles says in one line which files are left out, and why, and which folders are bare. It is empty if there are none.
func LeftFiles(left []Left) string {
	var words, said []string
	n, bare := 0, ""
	for _, l := range left {
		if l.Reason == BareFolders {
			bare = fmt.Sprintf("%s without a clip (%s)", plural.Of(l.Count, "folder"), someOf(l.Files))
			continue
		}
		n += l.Count
		words = append(words, l.String())
	}
	if n > 0 {
		said = append(said, fmt.Sprintf("%s left out: %s", plural.Of(n, "file"), strings.Join(words, ", ")))
	}
	if bare != "" {
		said = append(said, bare)
	}
	return strings.Join(said, "; ")
}
