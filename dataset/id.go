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

// FileOf is the path of the file that image i of src is decoded from, "" where it is not an image file of a folder.
func FileOf(src Source, i int) string {
	switch s := src.(type) {
	case *folder:
		return s.files[i]
	case *subset:
		return FileOf(s.Source, s.index[i])
	case gray:
		return FileOf(s.Source, i)
	}
	return ""
}
