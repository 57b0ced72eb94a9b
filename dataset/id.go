package dataset

import (
	"path/filepath"
	"strconv"
	"strings"
)

// numberedID is the id of image i of a file that holds many, from 0.
func numberedID(file string, i int) string { return file + "#" + strconv.Itoa(i) }

// pathWithin is path as seen from the folder root, with slashes. An absolute path that is not in root is itself: it names the
// same file wherever root is.
func pathWithin(root, path string) string {
	if name, is := strings.CutPrefix(path, root+string(filepath.Separator)); is && name != "" {
		return filepath.ToSlash(name)
	}
	name, err := filepath.Rel(root, path)
	if err != nil || filepath.IsAbs(path) && !filepath.IsLocal(name) {
		name = path
	}
	return filepath.ToSlash(name)
}

// FileOf is the path of the file that image i of src is decoded from, "" where it is not an image file of a folder or a list.
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
