package output

import "golang.org/x/sys/unix"

func blockSize(fs *unix.Statfs_t) int64 { return int64(fs.Bsize) }
