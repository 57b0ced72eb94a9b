// Package memory tells how much memory the program has used and how much there is.
package memory

import (
	"bufio"
	"bytes"
	"os"
	"runtime/debug"
	"strconv"
)

// Peak is the most resident memory the program has had, in bytes, since it was
// started or since ResetPeak returned true; 0 where the system does not tell.
func Peak() int64 {
	if n := field("/proc/self/status", "VmHWM:"); n > 0 {
		return n
	}
	return maxRSS()
}

// ResetPeak gives memory that is no longer used back to the system and has Peak
// begin anew. It reports whether the system does that: Linux does.
func ResetPeak() bool {
	debug.FreeOSMemory()
	// Not by internal/output: it is a switch of the system, not a file.
	f, err := os.OpenFile("/proc/self/clear_refs", os.O_WRONLY, 0)
	if err != nil {
		return false
	}
	defer f.Close()
	_, err = f.WriteString("5") // proc_pid_clear_refs(5): the peak resident set size
	return err == nil
}

// Available is the number of bytes that can be used without swapping, 0 where the
// system does not tell.
func Available() int64 { return limited(field("/proc/meminfo", "MemAvailable:")) }

// Total is the number of bytes of memory of the machine, 0 where the system does
// not tell.
func Total() int64 { return field("/proc/meminfo", "MemTotal:") }

// limited is n, or the limit of the program's control group if that is less.
func limited(n int64) int64 {
	text, err := os.ReadFile("/sys/fs/cgroup/memory.max")
	if err != nil {
		return n
	}
	most, err := strconv.ParseInt(string(bytes.TrimSpace(text)), 10, 64)
	if err != nil {
		return n // "max"
	}
	return min(n, most)
}

// field is the number of bytes that a file of /proc gives for a name in its lines,
// "name  123456 kB"; 0 if there is none.
func field(path, name string) int64 {
	text, err := os.ReadFile(path)
	if err != nil {
		return 0
	}
	for lines := bufio.NewScanner(bytes.NewReader(text)); lines.Scan(); {
		if f := bytes.Fields(lines.Bytes()); len(f) == 3 && string(f[0]) == name {
			if kb, err := strconv.ParseInt(string(f[1]), 10, 64); err == nil {
				return kb << 10
			}
		}
	}
	return 0
}
