package answers

import "testing"

// An answer that is kept whole is told with as many outliers and small sets as are asked for, and stays whole.
func TestFirstOutliers(t *testing.T) {
	all := &Outliers{Found: 3, Outliers: make([]Odd, 3), SetsFound: 2, Sets: make([]OddSet, 2)}
	for most, want := range map[int][2]int{1: {1, 1}, 2: {2, 2}, 9: {3, 2}} {
		first := all.First(most)
		if len(first.Outliers) != want[0] || len(first.Sets) != want[1] || first.Found != 3 || first.SetsFound != 2 {
			t.Errorf("the first %d: %d outliers of %d and %d sets of %d, want %v", most, len(first.Outliers), first.Found, len(first.Sets), first.SetsFound, want)
		}
	}
	if len(all.Outliers) != 3 || len(all.Sets) != 2 {
		t.Error("the answer that is kept has changed")
	}
}
