//go:build !unix

package index

import "os"

func regionOf(f *os.File, _ int64) region { return read{f} }
