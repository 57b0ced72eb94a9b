package groups

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

// best is the best matching by trying all: column by column of the row, or none.
func best(counts [][]float64, used []bool) float64 {
	if len(counts) == 0 {
		return 0
	}
	most := best(counts[1:], used)
	for j, c := range counts[0] {
		if !used[j] {
			used[j] = true
			most = max(most, c+best(counts[1:], used))
			used[j] = false
		}
	}
	return most
}

func TestMatchedIsTheBestOfAll(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r, c := rapid.IntRange(1, 6).Draw(t, "rows"), rapid.IntRange(1, 6).Draw(t, "columns")
		counts := make([][]float64, r)
		for i := range counts {
			counts[i] = make([]float64, c)
			for j := range counts[i] {
				counts[i][j] = float64(rapid.IntRange(0, 20).Draw(t, "count"))
			}
		}
		if got, want := matched(counts), best(counts, make([]bool, c)); got != want {
			t.Fatalf("%v: matched %g, want %g", counts, got, want)
		}
	})
}

// The definitions, pair by pair of items and in terms of probabilities.
func TestAgreeIsTheDefinition(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(2, 40).Draw(t, "items")
		of := rapid.SliceOfN(rapid.IntRange(0, 4), n, n).Draw(t, "groups")
		labels := rapid.SliceOfN(rapid.IntRange(0, 3), n, n).Draw(t, "labels")
		var both, group, label, all float64
		for i := range n {
			for j := range i {
				g, l := of[i] == of[j], labels[i] == labels[j]
				all++
				if g {
					group++
				}
				if l {
					label++
				}
				if g && l {
					both++
				}
			}
		}
		rand := 1.0
		if expected := group * label / all; (group+label)/2 != expected {
			rand = (both - expected) / ((group+label)/2 - expected)
		}
		share := func(is func(i int) bool) float64 {
			c := 0
			for i := range n {
				if is(i) {
					c++
				}
			}
			return float64(c) / float64(n)
		}
		var mutual, hg, hl float64
		for g := range 5 {
			p := share(func(i int) bool { return of[i] == g })
			if p > 0 {
				hg -= p * math.Log(p)
			}
			for l := range 4 {
				q := share(func(i int) bool { return labels[i] == l })
				if pq := share(func(i int) bool { return of[i] == g && labels[i] == l }); pq > 0 {
					mutual += pq * math.Log(pq/(p*q))
				}
			}
		}
		for l := range 4 {
			if q := share(func(i int) bool { return labels[i] == l }); q > 0 {
				hl -= q * math.Log(q)
			}
		}
		nmi := 1.0
		if hg+hl > 0 {
			nmi = 2 * mutual / (hg + hl)
		}
		got := Agree(of, labels)
		if math.Abs(got.Rand-rand) > 1e-9 || math.Abs(got.NMI-nmi) > 1e-9 {
			t.Fatalf("%+v, want a Rand index of %g and NMI %g", got, rand, nmi)
		}
	})
}

// Names of groups do not matter, and the same division agrees wholly.
func TestAgreeOfTheSame(t *testing.T) {
	want := Agreement{1, 1, 1}
	if got := Agree([]int{2, 2, 0, 1, 1}, []int{0, 0, 1, 2, 2}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	if got := Agree([]int{0, 0, 0}, []int{0, 0, 0}); got != want {
		t.Errorf("one group: %+v, want %+v", got, want)
	}
	if got := Agree(nil, nil); got != (Agreement{}) {
		t.Errorf("of nothing: %+v", got)
	}
}
