//go:build linux || darwin

package output

import "golang.org/x/sys/unix"

func room(folder string) (Room, bool) {
	var at unix.Stat_t
	var fs unix.Statfs_t
	if unix.Stat(folder, &at) != nil || unix.Statfs(folder, &fs) != nil || fs.Blocks == 0 {
		return Room{}, false
	}
	return Room{uint64(at.Dev), int64(fs.Bavail) * blockSize(&fs)}, true
}
