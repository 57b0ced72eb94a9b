package memory

import "testing"

// Work is refused from the first byte on that there is no room for, and never by a system that does not tell.
func TestEnough(t *testing.T) {
	room := Room{3 << 20, "this machine"}
	for _, ok := range []error{room.Enough("work", 3<<20), Room{}.Enough("work", 1<<60)} {
		if ok != nil {
			t.Error(ok)
		}
	}
	const want = "work takes about 3.0 MiB of memory, and this machine allows 3.0 MiB"
	if err := room.Enough("work", 3<<20+1); err == nil || err.Error() != want {
		t.Errorf("a byte too much: %v, want %s", err, want)
	}
}
