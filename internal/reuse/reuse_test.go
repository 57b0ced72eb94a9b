package reuse

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestSlice(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := make([]int, rapid.IntRange(0, 40).Draw(t, "length"), 40)
		for i := range s[:cap(s)] {
			s[:cap(s)][i] = 1 + i
		}
		n := rapid.IntRange(0, 80).Draw(t, "n")
		got := Slice(s, n)
		if len(got) != n {
			t.Fatalf("%d values, want %d", len(got), n)
		}
		if n > 0 && n <= cap(s) && &got[0] != &s[:1][0] {
			t.Fatal("there was room, and the memory is new")
		}
		if zeros := Zeros(s, n); len(zeros) != n || slices.ContainsFunc(zeros, func(v int) bool { return v != 0 }) {
			t.Fatalf("%v is not %d zeros", zeros, n)
		}
	})
}
