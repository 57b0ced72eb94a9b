//go:build !windows

package atomicfile

import (
	"path/filepath"

	"github.com/google/renameio/v2"
)

// File is a file that is not at its path yet. CloseAtomicallyReplace puts it there;
// Cleanup removes it, unless it was put there.
type File = renameio.PendingFile

// Create begins the file of a path, with the permissions of the one it will replace. It lies in
// the same folder, as a rename is atomic only within one file system.
func Create(path string) (*File, error) {
	return renameio.NewPendingFile(path, renameio.WithTempDir(filepath.Dir(path)),
		renameio.WithPermissions(0o644), renameio.WithExistingPermissions())
}
