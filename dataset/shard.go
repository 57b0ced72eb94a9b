package dataset

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"github.com/sparse-manifold/smt/internal/plural"
)

// tarBlock is the unit that a tar is made of.
const tarBlock = 512

// A tarred is a member of a tar that has a name: a file, whose bytes are where it says, or something odd.
type tarred struct {
	name     string // cleaned, with slashes
	at, size int64  // of a file
	odd      string // what it is if it has no bytes to read, "" for a file
	bad      string // why a file cannot be read, "" if it can
}

// isShardName reports that a file is a tar by its name. Compressed ones are among them, for an error that says so.
func isShardName(path string) bool {
	path = strings.ToLower(path)
	for _, end := range []string{".tar", ".tar.gz", ".tgz", ".tar.zst", ".tar.xz", ".tar.bz2"} {
		if strings.HasSuffix(path, end) {
			return true
		}
	}
	return false
}

// readShard lists the members of a tar of size bytes. It reads their headers and goes past what they hold. A tar that is cut, or has
// a name twice, is an error that names the member.
func readShard(ctx context.Context, r File, size int64) ([]tarred, error) {
	if err := startsAsShard(r, size); err != nil {
		return nil, err
	}
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	var all []tarred
	seen := map[string]bool{}
	after := "at its start"
	for in := tar.NewReader(r); ; {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		h, err := in.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w: want a whole tar", after, tarCause(err))
		}
		after = "after member " + quoted(h.Name)
		at, err := r.Seek(0, io.SeekCurrent)
		if err != nil {
			return nil, err
		}
		s := tarred{name: path.Clean(strings.TrimLeft(h.Name, "/")), at: at, size: h.Size}
		switch h.Typeflag {
		case tar.TypeDir, tar.TypeXGlobalHeader:
			continue
		case tar.TypeReg, tar.TypeCont, tar.TypeGNUSparse:
			switch {
			case isSparse(h):
				s.at, s.size, s.bad = 0, 0, "is stored as a sparse file: want a tar without --sparse"
			case h.Size > size-at:
				return nil, fmt.Errorf("member %s: has %s, of which %d are there: want a whole tar", quoted(h.Name), plural.Of(h.Size, "byte"), size-at)
			}
		case tar.TypeLink, tar.TypeSymlink:
			s.odd = leftTarLink
		default:
			s.odd = leftSpecial
		}
		switch {
		case s.name == "." || s.name == ".." || strings.HasPrefix(s.name, "../"):
			return nil, fmt.Errorf("member %s: leads out of the tar: want a path within it", quoted(h.Name))
		case seen[s.name]:
			return nil, fmt.Errorf("member %s: is there twice: want each name once", quoted(h.Name))
		}
		seen[s.name] = true
		all = append(all, s)
	}
	return all, endsAsShard(ctx, r, after)
}

// startsAsShard says what a file is that cannot be a tar.
func startsAsShard(r File, size int64) error {
	if size == 0 {
		return errors.New("is empty: want a tar")
	}
	head := make([]byte, 6)
	n, _ := r.ReadAt(head, 0)
	for magic, name := range map[string]string{"\x1f\x8b": "gzip", "\x28\xb5\x2f\xfd": "zstd", "\xfd7zXZ\x00": "xz", "BZh": "bzip2"} {
		if bytes.HasPrefix(head[:n], []byte(magic)) {
			return fmt.Errorf("is compressed (%s): want a plain tar, whose images are read one by one", name)
		}
	}
	return nil
}

// endsAsShard checks that what has been read ends with zeros, as a tar does, and has nothing but zeros after. Without it one that is
// cut between two members would be taken for whole, and of two that were put together only the first would be read.
func endsAsShard(ctx context.Context, r File, after string) error {
	at, err := r.Seek(0, io.SeekCurrent)
	if err != nil {
		return err
	}
	block := make([]byte, tarBlock)
	if n, _ := r.ReadAt(block, at-tarBlock); at < tarBlock || n < tarBlock || !zeros(block) {
		return fmt.Errorf("%s: is cut: want the zeros that a tar ends with", after)
	}
	rest := make([]byte, 64<<10)
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		n, err := r.Read(rest)
		if !zeros(rest[:n]) {
			return fmt.Errorf("%s: has something else behind the end of its tar: want one tar in a file", after)
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func zeros(b []byte) bool { return len(bytes.Trim(b, "\x00")) == 0 }

// isSparse reports a file of which only pieces are in the tar.
func isSparse(h *tar.Header) bool {
	for key := range h.PAXRecords {
		if strings.HasPrefix(key, "GNU.sparse.") {
			return true
		}
	}
	return h.Typeflag == tar.TypeGNUSparse
}

// tarCause is an error of package tar in our words.
func tarCause(err error) error {
	switch {
	case errors.Is(err, tar.ErrHeader):
		return errors.New("no header of a tar")
	case errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("is cut")
	}
	return err
}
