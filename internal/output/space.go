package output

import "path/filepath"

// A Room is what a file system has left.
type Room struct {
	Device uint64 // tells file systems apart
	Free   int64  // bytes
}

// RoomFor is the room for an output at path: false where the system does not tell.
func RoomFor(path string) (Room, bool) {
	p, err := find(path)
	if err != nil || !Replaces(path) {
		return Room{}, false
	}
	return room(filepath.Dir(p.path))
}
