package atlas

import "testing"

// More items take more, and more groups.
func TestMemory(t *testing.T) {
	few := Memory(50_000, 2)
	for what, more := range map[string]float64{"items": Memory(200_000, 2), "groups": Memory(50_000, 3000)} {
		if more <= few {
			t.Errorf("more %s: %g bytes, not more than %g", what, more, few)
		}
	}
	if sheet := Memory(1, 0); sheet < 48<<20 {
		t.Errorf("a map of one item takes %g bytes, less than a sheet of thumbnails", sheet)
	}
}
