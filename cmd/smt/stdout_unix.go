//go:build unix

package main

import (
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// unheard reports that f may have been closed when the program began: the runtime has
// then opened the null device in its place, for reading too. Some programs do the same
// for those they start, and mean it: it is no reason to fail.
func unheard(f *os.File) bool {
	info, err := f.Stat()
	null, errNull := os.Stat(os.DevNull)
	if err != nil || errNull != nil || !os.SameFile(info, null) {
		return false
	}
	mode, err := unix.FcntlInt(f.Fd(), syscall.F_GETFL, 0)
	return err == nil && mode&syscall.O_ACCMODE == syscall.O_RDWR
}
