//go:build !(linux || darwin || dragonfly || freebsd || netbsd || openbsd)

package reproduce

func lock(string) (unlock func() error, err error) { return func() error { return nil }, nil }
