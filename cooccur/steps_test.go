package cooccur

import "testing"

// TestSteps goes beyond the guess: the goal moves on by a tenth, is never behind, and in the end is what was done.
func TestSteps(t *testing.T) {
	for _, last := range []int{0, 1, 50, 299, 300, 301, 1208, 5000} {
		var done, total int
		s := stepsFor(100, func(d, of int) {
			if of < d || d < done {
				t.Errorf("%d of %d after %d", d, of, done)
			}
			if most := max(300, d+d/10+1); of > most {
				t.Errorf("%d of %d, want at most %d", d, of, most)
			}
			done, total = d, of
		})
		for d := 8; d <= last; d += 8 {
			s.at(d)
		}
		s.at(last)
		s.end()
		if want := last; last > 0 && (done != want || total != want) || last == 0 && total != 300 {
			t.Errorf("in the end %d of %d, want %d", done, total, want)
		}
	}
	stepsFor(3, nil).end() // nobody wants to know
}
