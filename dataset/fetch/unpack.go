package fetch

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// maxEntries bounds the files of an archive; the published ones have under ten.
const maxEntries = 100

// unpack unpacks the archive, a .tar.gz that holds one folder of dir's name or a .zip of
// files, to dir. It works in a folder beside it, DIR.part, and renames at the end, so
// that dir holds the members or does not exist. At most limit bytes are written.
func unpack(ctx context.Context, archive, dir string, members []member, limit int64) error {
	// One fixed name, so that the remains of a process that was killed do not pile up.
	tmp := dir + ".part"
	if err := os.RemoveAll(tmp); err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	if err := os.Mkdir(tmp, 0o755); err != nil {
		return err
	}
	top := filepath.Join(tmp, filepath.Base(dir))
	if strings.HasSuffix(archive, ".zip") { // of files alone
		if err := os.Mkdir(top, 0o755); err != nil {
			return err
		}
		if err := extractZip(ctx, archive, top, limit); err != nil {
			return err
		}
	} else if err := extract(ctx, archive, tmp, limit); err != nil {
		return err
	}
	if err := checkMembers(top, members); err != nil {
		return fmt.Errorf("unpacked: %w", err)
	}
	// Not by internal/output: the folder is whole, and its archive is there still.
	return os.Rename(top, dir)
}

// extract writes the archive's regular files below the folder to. An entry that
// is anything but a file or a folder, or lies elsewhere, ends it: none of the
// published archives has one, so it is not a published archive.
func extract(ctx context.Context, archive, to string, limit int64) error {
	f, err := os.Open(archive)
	if err != nil {
		return err
	}
	defer f.Close()
	// The root refuses paths that leave it, should one get past our own check.
	root, err := os.OpenRoot(to)
	if err != nil {
		return err
	}
	defer root.Close()
	gz, err := gzip.NewReader(contextReader{ctx, f})
	if err != nil {
		return err
	}
	tr := tar.NewReader(gz)
	for entries := 0; ; entries++ {
		h, err := tr.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		if entries == maxEntries {
			return fmt.Errorf("more than %d entries", maxEntries)
		}
		if !filepath.IsLocal(filepath.FromSlash(h.Name)) {
			return fmt.Errorf("entry %q leaves the folder", h.Name)
		}
		name := path.Clean(h.Name)
		switch h.Typeflag {
		case tar.TypeDir:
			if err := root.MkdirAll(name, 0o755); err != nil {
				return err
			}
		case tar.TypeReg:
			// Before a byte is written; the reader gives no more than it says.
			if limit -= h.Size; limit < 0 {
				return fmt.Errorf("entry %q: the archive unpacks to more than expected", h.Name)
			}
			if err := writeEntry(root, name, tr); err != nil {
				return fmt.Errorf("entry %q: %w", h.Name, err)
			}
		default:
			return fmt.Errorf("entry %q is of type %q, neither a file nor a folder", h.Name, h.Typeflag)
		}
	}
	// To the end, where gzip's own checksum is.
	_, err = io.Copy(io.Discard, io.LimitReader(gz, 1<<20))
	return err
}

func writeEntry(root *os.Root, name string, r io.Reader) error {
	if err := root.MkdirAll(path.Dir(name), 0o755); err != nil {
		return err
	}
	// O_EXCL: an archive with two entries of one name is not one of ours.
	out, err := root.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, r)
	return errors.Join(err, out.Sync(), out.Close())
}
