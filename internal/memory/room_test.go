package memory

import "testing"

// What is held beside, with a quarter of garbage, fills the room, and never nothing stands for a room that is known.
func TestBeside(t *testing.T) {
	if got := (Room{Bytes: 1000}).Beside(300); got+300 != 800 || Held(800) != 1000 {
		t.Errorf("beside 300 bytes, 1000 hold %g more, with garbage of a quarter", got)
	}
	if got := (Room{Bytes: 1000}).Beside(900); got != 1 {
		t.Errorf("beside 900 bytes: %g, want 1", got)
	}
	if got := (Room{}).Beside(5); got != 0 {
		t.Errorf("of an unknown room: %g, want 0", got)
	}
}

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
