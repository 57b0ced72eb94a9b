//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package reproduce

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// lock keeps other runs off as long as this one holds it, or until it ends in
// whatever way.
func lock(path string) (unlock func() error, err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, err
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		f.Close()
		if errors.Is(err, unix.EWOULDBLOCK) {
			return nil, errors.New("another run is at work in this folder")
		}
		return func() error { return nil }, nil // a file system without locks
	}
	return f.Close, nil
}
