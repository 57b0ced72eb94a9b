//go:build unix

package main

import (
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// unheard reports that f may have been closed when the program began: the runtime has
// then opened the null device in its place, for reading too. So do Python and Node.js for
// programs whose output is not wanted, and nothing tells the two apart.
func unheard(f *os.File) bool {
	info, err := f.Stat()
	null, errNull := os.Stat(os.DevNull)
	if err != nil || errNull != nil || !os.SameFile(info, null) {
		return false
	}
	mode, err := flags(f)
	return err == nil && mode&syscall.O_ACCMODE == syscall.O_RDWR
}

// openedOnce reports that f and g, both of the null device, came of one opening, which two
// that the runtime opened did not: they share their flags.
func openedOnce(f, g *os.File) bool {
	before, err := flags(f)
	if err != nil {
		return false
	}
	// To append means nothing to the null device.
	if _, err := unix.FcntlInt(f.Fd(), syscall.F_SETFL, before^syscall.O_APPEND); err != nil {
		return false
	}
	after, err := flags(g)
	_, _ = unix.FcntlInt(f.Fd(), syscall.F_SETFL, before)
	again, errAgain := flags(g)
	return err == nil && errAgain == nil && (after^again)&syscall.O_APPEND != 0
}

func flags(f *os.File) (int, error) { return unix.FcntlInt(f.Fd(), syscall.F_GETFL, 0) }
