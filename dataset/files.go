package dataset

import (
	"path/filepath"

	"github.com/sparse-manifold/smt/internal/regular"
)

// Files are the paths that Open reads for the path of a folder, which stands for all
// that is in it, or of a file: itself, and the labels of an IDX file, found by name, or the files of a list.
func Files(path string) []string {
	if labels := labelsBeside(path); labels != "" {
		return []string{path, labels}
	}
	files := []string{path}
	if !IsList(path) {
		return files
	}
	f, _, err := regular.Open(path)
	if err != nil {
		return files // what is wrong is told when it is opened
	}
	defer f.Close()
	for l, err := range lines(f) {
		if err != nil {
			break
		}
		files = append(files, l.within(filepath.Dir(path)))
	}
	return files
}
