package main

import (
	"bufio"
	"bytes"
	"os"
	"strconv"
)

// peakRSS is the most resident memory the program has had, in bytes; 0 where the
// system does not tell.
func peakRSS() int64 {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return maxRSS()
	}
	for lines := bufio.NewScanner(bytes.NewReader(status)); lines.Scan(); {
		// VmHWM:	  123456 kB
		if f := bytes.Fields(lines.Bytes()); len(f) == 3 && string(f[0]) == "VmHWM:" {
			if kb, err := strconv.ParseInt(string(f[1]), 10, 64); err == nil {
				return kb << 10
			}
		}
	}
	return maxRSS()
}
