package memorytest

import (
	"math"
	"runtime"
)

// Allocated is the memory that is taken while f runs, in bytes, given back or not.
func Allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// rounds are enough that in one of them a few pools have what they were given: under the race
// detector they forget a quarter of it.
const rounds = 20

// Least is the least memory that f takes in some rounds. What is made once is in the first of
// them only, and what other goroutines take is not in all.
func Least(f func()) uint64 {
	least := uint64(math.MaxUint64)
	for range rounds {
		least = min(least, Allocated(f))
	}
	return least
}
