package report

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// marker is in every page written here, near its beginning: a folder that holds
// it may be written anew.
const marker = `<meta name="generator" content="smt explain`

// file is one file of a report, by its path in the folder.
type file struct {
	name string
	data []byte
}

// Free reports whether a report may be written to dir: it must not exist, be
// empty, or hold a report and nothing else.
func Free(dir string) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		if parent, err := os.Stat(filepath.Dir(filepath.Clean(dir))); err != nil || !parent.IsDir() {
			return fmt.Errorf("report: %s cannot be written: there is no folder %s", dir, filepath.Dir(filepath.Clean(dir)))
		}
		return nil
	}
	if err != nil {
		return fmt.Errorf("report: %s is no folder that can be read: want one to write to", dir)
	}
	for _, e := range entries {
		if e.Name() != "pictures" && !isPage(filepath.Join(dir, e.Name())) {
			return fmt.Errorf("report: %s holds %s, which is not of a report: want another folder, or remove it", dir, e.Name())
		}
	}
	if len(entries) == 1 && entries[0].Name() == "pictures" {
		return fmt.Errorf("report: %s holds pictures and no report: want another folder, or remove it", dir)
	}
	return nil
}

func isPage(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	head := make([]byte, 1024)
	n, _ := f.Read(head)
	return bytes.Contains(head[:n], []byte(marker))
}

// writeFolder makes dir hold these files and no others, all or none of them: they
// are written beside it and take its place at the end. It returns their size.
func writeFolder(dir string, files []file) (size int64, err error) {
	dir = filepath.Clean(dir)
	if err := Free(dir); err != nil {
		return 0, err
	}
	fresh, err := os.MkdirTemp(filepath.Dir(dir), ".report-*")
	if err != nil {
		return 0, fmt.Errorf("report: %s cannot be written: %w", dir, err)
	}
	defer os.RemoveAll(fresh) // of no effect once renamed
	if err := os.Chmod(fresh, 0o755); err != nil {
		return 0, fmt.Errorf("report: %w", err)
	}
	for _, f := range files {
		path := filepath.Join(fresh, filepath.FromSlash(f.name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return 0, fmt.Errorf("report: %w", err)
		}
		if err := os.WriteFile(path, f.data, 0o644); err != nil {
			return 0, fmt.Errorf("report: %w", err)
		}
		size += int64(len(f.data))
	}
	return size, replaceFolder(dir, fresh)
}

// replaceFolder puts fresh in the place of dir, which may exist. Folders cannot
// be exchanged in one step everywhere: the old one steps aside, and back again if
// the new one cannot take its place.
func replaceFolder(dir, fresh string) error {
	aside := fresh + ".old"
	err := os.Rename(dir, aside)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("report: %s cannot be replaced: %w", dir, err)
	}
	existed := err == nil
	if err := os.Rename(fresh, dir); err != nil {
		if existed {
			err = errors.Join(err, os.Rename(aside, dir))
		}
		return fmt.Errorf("report: %s cannot be written: %w", dir, err)
	}
	if existed {
		return os.RemoveAll(aside)
	}
	return nil
}
