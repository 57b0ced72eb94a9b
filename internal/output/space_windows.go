package output

import (
	"hash/fnv"
	"path/filepath"

	"golang.org/x/sys/windows"
)

func room(folder string) (Room, bool) {
	folder, err := filepath.Abs(folder)
	if err != nil {
		return Room{}, false
	}
	name, err := windows.UTF16PtrFromString(folder)
	if err != nil {
		return Room{}, false
	}
	var free uint64
	if err := windows.GetDiskFreeSpaceEx(name, &free, nil, nil); err != nil {
		return Room{}, false
	}
	h := fnv.New64a()
	h.Write([]byte(filepath.VolumeName(folder)))
	return Room{h.Sum64(), int64(free)}, true
}
