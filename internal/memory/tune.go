package memory

import (
	"math"
	"os"
	"runtime/debug"
)

// garbage is how much memory, in percent of what is in use, may be waiting to be
// collected. What is in use are a few large arrays without pointers, which a
// collection does not look at: collecting often costs next to nothing, and Go's own
// 100 would have the program take twice what it needs.
const garbage = 25

// Tune makes garbage collection frequent, and more so when memory gets short, unless
// the environment says how often it is to be. Estimates of memory are of programs that
// do so.
func Tune() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(garbage)
	}
	if have := Available().Bytes; os.Getenv("GOMEMLIMIT") == "" && have > 0 && have < math.MaxInt64/2 {
		debug.SetMemoryLimit(have - have/16)
	}
}
