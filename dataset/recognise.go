package dataset

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// recognised is the one of the known formats that path is of, nil for none. A folder with files of
// several is an error: one of them would be dropped.
func recognised(path string, info fs.FileInfo, known []format) (*format, error) {
	var first *format
	for i, f := range known {
		switch {
		case !f.recognises(path, info):
		case first == nil:
			first = &known[i]
		case info.IsDir():
			return nil, OptionError{path, "format", fmt.Sprintf("is open: files of %s and of %s are in one folder: want one of the two named", first.name, f.name)}
		}
	}
	return first, nil
}

// openInside opens the only sub-folder of dir that one of the formats
// recognises; without one it returns nil.
func openInside(ctx context.Context, dir string, known []format, opt Options) (*Set, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fileError(dir, err)
	}
	var open func() (*Set, error)
	var found []string
	for _, e := range entries {
		sub := e.Name()
		path := filepath.Join(dir, sub)
		info, err := os.Stat(path)
		if err != nil || !info.IsDir() || strings.HasPrefix(sub, ".") {
			continue
		}
		f, err := recognised(path, info, known)
		if err != nil {
			return nil, err
		}
		if f != nil {
			open = func() (*Set, error) { return f.open(ctx, path, info, opt) }
			found = append(found, sub)
		}
	}
	switch len(found) {
	case 0:
		return nil, nil
	case 1:
		return open()
	}
	return nil, fmt.Errorf("dataset: %s: holds several datasets, open one of them: %s", dir, strings.Join(found, ", "))
}

func formatNamed(name string) []format {
	for i, f := range formats {
		if f.name == name {
			return formats[i : i+1]
		}
	}
	return nil
}
