package memory

import (
	"runtime"
	"runtime/debug"
	"testing"
)

// Large garbage is collected at once, of a program that is tuned and of no other.
func TestLetGo(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(-1)) // no other collections
	defer tuned.Store(tuned.Load())
	for _, c := range []struct {
		tuned bool
		bytes int64
		want  uint32
	}{{false, large, 0}, {true, large - 1, 0}, {true, large, 1}} {
		tuned.Store(c.tuned)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		LetGo(c.bytes)
		runtime.ReadMemStats(&after)
		if n := after.NumGC - before.NumGC; n != c.want {
			t.Errorf("tuned %v, %d bytes: %d collections, want %d", c.tuned, c.bytes, n, c.want)
		}
	}
}
