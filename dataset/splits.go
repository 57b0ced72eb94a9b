package dataset

import (
	"fmt"
	"slices"
	"strings"
)

// Names of folders that are splits, in any case of letters. Where several are held out,
// the first in this order is the test split.
var (
	trainNames = []string{"train", "training"}
	heldNames  = []string{"test", "testing", "eval", "evaluation", "val", "valid", "validation", "dev"}
)

// splits are the folders beside each other, told by their names.
type splits struct {
	train  string
	held   []string // the test split first
	others []string
}

// splitsAmong tells the folders in dir apart.
func splitsAmong(dir string, folders []string) (splits, error) {
	var s splits
	trains := among(folders, trainNames)
	s.held = among(folders, heldNames)
	switch {
	case len(trains) > 1:
		return s, fmt.Errorf("dataset: %s: folders %s are both of training images: want one", dir, strings.Join(trains, " and "))
	case len(trains) == 1:
		s.train = trains[0]
	}
	for _, f := range folders {
		if f != s.train && !slices.Contains(s.held, f) {
			s.others = append(s.others, f)
		}
	}
	return s, nil
}

// among are the folders that have one of the names, in the order of the names.
func among(folders, names []string) []string {
	var found []string
	for _, name := range names {
		for _, f := range folders {
			if strings.EqualFold(f, name) {
				found = append(found, f)
			}
		}
	}
	return found
}
