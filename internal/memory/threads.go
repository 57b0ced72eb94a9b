package memory

import (
	"runtime"
	"strconv"
	"strings"
)

// reserve is what is to be left of a limit of addresses or of data, beside what the program
// holds: an arena of Go's heap that is begun, which is 64 MiB of addresses and as much data
// as is used, the runtime's tables, and what its threads still take.
func (s system) reserve() (space, data int64) {
	space, data = 128<<20, 32<<20
	if n := s.threadsToCome(); threadArena > 0 && n > 0 {
		stack, ok := s.ulimit("Max stack size")
		if !ok {
			stack = 8 << 20
		}
		// One arena more, as each is cut from twice its size.
		space += n*(stack+threadArena) + threadArena
		data += n * stack
	}
	return space, data
}

// threadsToCome is how many threads the program may start beside those it has: as many
// as there are workers, and a few of Go's own and for system calls (up to 7 were seen).
func (s system) threadsToCome() int64 {
	most := int64(runtime.GOMAXPROCS(0)) + 8
	for _, line := range s.lines("proc/self/status") {
		if text, ok := strings.CutPrefix(line, "Threads:"); ok {
			if n, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64); err == nil {
				most -= n
			}
		}
	}
	return max(0, most)
}
