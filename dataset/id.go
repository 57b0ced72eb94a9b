package dataset

import (
	"context"
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

// FileOf is the path of the file that image i of src is decoded from, "" where it is not an image file of a folder, a list or
// a tar. One that is in a tar has its path as if the tar were a folder.
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

// PictureOf decodes the file that FileOf names, whole and in its own size. It is nil where there is none.
func PictureOf(ctx context.Context, src Source, i int) (*Picture, error) {
	switch s := src.(type) {
	case *folder:
		return s.members.decode(ctx, s.files[i], s.depth)
	case *subset:
		return PictureOf(ctx, s.Source, s.index[i])
	case gray:
		return PictureOf(ctx, s.Source, i)
	}
	return nil, nil
}
