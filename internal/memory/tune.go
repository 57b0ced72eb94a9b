package memory

import (
	"math"
	"os"
	"runtime"
	"runtime/debug"
	"sync/atomic"
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
		tuned.Store(true)
	}
	if have := Available().Bytes; os.Getenv("GOMEMLIMIT") == "" && have > 0 && have < math.MaxInt64/2 {
		debug.SetMemoryLimit(have - have/16)
	}
}

// tuned says that Tune has made collections frequent.
var tuned atomic.Bool

// large is how many bytes that are let go are worth a collection of their own.
const large = 4 << 20

// LetGo says that so many bytes were just let go. In a program that calls Tune, those of a large
// image are collected at once: Go begins a collection by how much is in use, and while it lasts another
// image or two may be decoded, of which each can be larger than all else.
func LetGo(bytes int64) {
	if bytes >= large && tuned.Load() {
		runtime.GC()
	}
}
