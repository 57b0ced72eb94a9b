//go:build !unix

package memory

func maxRSS() int64 { return 0 }
