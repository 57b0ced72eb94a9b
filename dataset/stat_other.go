//go:build !unix

package dataset

import (
	"os"

	"github.com/sparse-manifold/smt/internal/pixelfile"
)

// statOf is the state of the file at path, that of no file where it cannot be told.
func statOf(path string) pixelfile.Stat {
	info, err := os.Stat(path)
	if err != nil {
		return pixelfile.Stat{}
	}
	return pixelfile.Stat{Size: info.Size(), Modified: info.ModTime().UnixNano()}
}
