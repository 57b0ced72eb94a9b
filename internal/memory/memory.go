package memory

import (
	"os"
	"runtime/debug"
)

// Peak is the most resident memory the program has had, in bytes, since it was
// started or since ResetPeak returned true; 0 where the system does not tell.
func Peak() int64 {
	if n := here.field("proc/self/status", "VmHWM:"); n > 0 {
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

// Total is the number of bytes of memory of the machine, 0 where the system does
// not tell.
func Total() int64 { return here.field("proc/meminfo", "MemTotal:") }
