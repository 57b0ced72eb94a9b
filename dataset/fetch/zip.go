package fetch

import (
	"archive/zip"
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
)

// extractZip is extract for a .zip, which lists its files with their sizes.
func extractZip(ctx context.Context, archive, to string, limit int64) error {
	r, err := zip.OpenReader(archive)
	if err != nil {
		return err
	}
	defer r.Close()
	root, err := os.OpenRoot(to) // which refuses paths that leave it
	if err != nil {
		return err
	}
	defer root.Close()
	if len(r.File) > maxEntries {
		return fmt.Errorf("more than %d entries", maxEntries)
	}
	for _, entry := range r.File {
		name := path.Clean(entry.Name)
		switch {
		case !filepath.IsLocal(filepath.FromSlash(entry.Name)):
			return fmt.Errorf("entry %q leaves the folder", entry.Name)
		case entry.Mode().IsDir():
			continue
		case !entry.Mode().IsRegular():
			return fmt.Errorf("entry %q is of type %v, neither a file nor a folder", entry.Name, entry.Mode()&fs.ModeType)
		}
		// The reader gives no more than it says, and checks its sum.
		if limit -= int64(min(entry.UncompressedSize64, 1<<62)); limit < 0 {
			return fmt.Errorf("entry %q: the archive unpacks to more than expected", entry.Name)
		}
		if err := writeZipped(ctx, root, name, entry); err != nil {
			return fmt.Errorf("entry %q: %w", entry.Name, err)
		}
	}
	return nil
}

func writeZipped(ctx context.Context, root *os.Root, name string, entry *zip.File) error {
	r, err := entry.Open()
	if err != nil {
		return err
	}
	defer r.Close()
	return writeEntry(root, name, io.Reader(contextReader{ctx, r}))
}
