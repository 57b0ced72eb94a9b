//go:build unix

package dataset

import (
	"golang.org/x/sys/unix"

	"github.com/sparse-manifold/smt/internal/pixelfile"
)

// statOf is the state of the file at path, that of no file where it cannot be told.
func statOf(path string) pixelfile.Stat {
	var s unix.Stat_t
	if unix.Stat(path, &s) != nil {
		return pixelfile.Stat{}
	}
	return pixelfile.Stat{Size: s.Size, Modified: s.Mtim.Nano(), Changed: s.Ctim.Nano(), Number: s.Ino}
}
