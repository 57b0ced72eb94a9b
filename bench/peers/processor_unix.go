//go:build unix

package main

import "golang.org/x/sys/unix"

// processorTime is the time that processors have spent on this program, in seconds: what else the machine does hardly
// changes it.
func processorTime() float64 {
	var u unix.Rusage
	if unix.Getrusage(unix.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return float64(u.Utime.Nano()+u.Stime.Nano()) / 1e9
}
