package output

import "golang.org/x/sys/unix"

// blockSize is what statfs counts in: fragments, which most file systems have none of.
func blockSize(fs *unix.Statfs_t) int64 {
	if fs.Frsize != 0 {
		return int64(fs.Frsize)
	}
	return int64(fs.Bsize)
}
