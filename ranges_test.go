package smt

import (
	"testing"

	"pgregory.net/rapid"
)

// Ranges are sets of numbers.
func TestRangesAreSets(t *testing.T) {
	const n = 30
	drawn := rapid.Custom(func(rt *rapid.T) [n]bool {
		return [n]bool(rapid.SliceOfN(rapid.Bool(), n, n).Draw(rt, "numbers"))
	})
	of := func(set [n]bool) (r ranges) {
		for i, in := range set {
			if in {
				r, _ = r.with(rangeOf(i, i+1))
			}
		}
		return r
	}
	in := func(r ranges) (set [n]bool, count int) {
		for _, next := range r {
			for i := next[0]; i < next[1]; i++ {
				set[i] = true
				count++
			}
		}
		return set, count
	}
	rapid.Check(t, func(rt *rapid.T) {
		a, b := drawn.Draw(rt, "a"), drawn.Draw(rt, "b")
		all, both := of(a).with(of(b))
		var wantAll, wantBoth, wantNot [n]bool
		for i := range n {
			wantAll[i], wantBoth[i], wantNot[i] = a[i] || b[i], a[i] && b[i], !a[i]
		}
		gotAll, count := in(all)
		gotBoth, _ := in(both)
		gotNot, _ := in(of(a).without(n))
		if gotAll != wantAll || gotBoth != wantBoth || gotNot != wantNot || count != all.images() {
			rt.Fatalf("of %v and %v: all %v, both %v, not the first %v", of(a), of(b), all, both, of(a).without(n))
		}
		if err := all.check(n); err != nil {
			rt.Fatal(err)
		}
		if len(all) > 0 && all.check(all[len(all)-1][1]-1) == nil {
			rt.Fatal("a number too large is taken")
		}
	})
	for _, wrong := range []ranges{{{3, 3}}, {{5, 9}, {9, 12}}, {{5, 9}, {2, 3}}, {{-1, 4}}} {
		if wrong.check(n) == nil {
			t.Errorf("%v is taken", wrong)
		}
	}
	if s := (ranges{{0, 1}, {3, 9}, {10, 11}, {20, 22}, {25, 26}, {28, 30}}).String(); s != "images 0, 3 to 8, 10, 20 to 21 and 2 more" {
		t.Error(s)
	}
}
