//go:build unix

package index

import (
	"math"
	"os"

	"golang.org/x/sys/unix"
)

// regionOf maps size bytes of a file or, where that cannot be, reads them.
func regionOf(f *os.File, size int64) region {
	if size == 0 || size > math.MaxInt {
		return read{f}
	}
	all, err := unix.Mmap(int(f.Fd()), 0, int(size), unix.PROT_READ, unix.MAP_SHARED)
	if err != nil {
		return read{f} // some file systems cannot
	}
	return &mapped{all, unix.Munmap, f}
}
