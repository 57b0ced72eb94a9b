package involution

import "testing"

func TestFault(t *testing.T) {
	for want, p := range map[int][]int{-1: {1, 0, 2}, 0: {1, 2, 0}, 1: {0, 3, 2}, 2: {0, 1, -1}} {
		if got := Fault(p); got != want {
			t.Errorf("%v: %d, want %d", p, got, want)
		}
	}
	if Fault([]uint16(nil)) != -1 {
		t.Error("nothing has a fault")
	}
}
