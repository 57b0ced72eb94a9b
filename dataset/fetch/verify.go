package fetch

import (
	"context"
	"crypto/md5"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"os"
)

// mismatch is a file that is not the published one.
type mismatch struct {
	path      string
	what      string // "size", "md5" or "sha256"
	got, want string
}

func (m *mismatch) Error() string {
	return fmt.Sprintf("%s: %s is %s, expected %s", m.path, m.what, m.got, m.want)
}

// verify reads the file at path and returns nil if it is the one wanted,
// a *mismatch if it is another, or the error of reading it.
func verify(ctx context.Context, path string, want file) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	fi, err := f.Stat()
	if err != nil {
		return err
	}
	if fi.Size() != want.size {
		return &mismatch{path, "size", fmt.Sprint(fi.Size()), fmt.Sprint(want.size)}
	}
	var h hash.Hash
	switch want.sum.algorithm {
	case "md5":
		h = md5.New()
	case "sha256":
		h = sha256.New()
	default:
		return fmt.Errorf("%s: no checksum algorithm %q", path, want.sum.algorithm)
	}
	if _, err := io.Copy(h, contextReader{ctx, f}); err != nil {
		return err
	}
	if got := hex.EncodeToString(h.Sum(nil)); got != want.sum.hex {
		return &mismatch{path, want.sum.algorithm, got, want.sum.hex}
	}
	return nil
}

// contextReader reads from r until ctx ends.
type contextReader struct {
	ctx context.Context
	r   io.Reader
}

func (c contextReader) Read(b []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(b)
}
