package output

import (
	"errors"
	"os"

	"golang.org/x/sys/windows"
)

// lock is errBusy if f is locked already. It locks a byte far behind the end, as what
// is locked cannot be read by others.
func lock(f *os.File) error {
	const behind = 1 << 30 // times 2³²
	at := windows.Overlapped{OffsetHigh: behind}
	err := windows.LockFileEx(windows.Handle(f.Fd()), windows.LOCKFILE_EXCLUSIVE_LOCK|windows.LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, &at)
	if errors.Is(err, windows.ERROR_LOCK_VIOLATION) {
		return errBusy
	}
	return nil
}
