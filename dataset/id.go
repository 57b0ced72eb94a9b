package dataset

import (
	"path/filepath"
	"strconv"
)

// numberedID is the id of image i of a file that holds many, from 0.
func numberedID(file string, i int) string { return file + "#" + strconv.Itoa(i) }

// pathWithin is path as seen from the folder root, with slashes.
func pathWithin(root, path string) string {
	name, err := filepath.Rel(root, path)
	if err != nil {
		name = path
	}
	return filepath.ToSlash(name)
}
