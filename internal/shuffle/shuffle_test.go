package shuffle

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, seed := rapid.IntRange(0, 300).Draw(t, "n"), rapid.Uint64().Draw(t, "seed")
		order := Order(n, seed)
		if !slices.Equal(order, Order(n, seed)) {
			t.Fatal("the same seed gives another order")
		}
		// A sample is sorted, and part of every larger one.
		k := rapid.IntRange(0, n+2).Draw(t, "k")
		sample, larger := Sample(n, k, seed), Sample(n, k+1, seed)
		if len(sample) != min(k, n) || !slices.IsSorted(sample) {
			t.Fatalf("%d of %d: %v", k, n, sample)
		}
		for _, i := range sample {
			if !slices.Contains(larger, i) {
				t.Fatalf("%d is among %d and not among %d", i, k, k+1)
			}
		}
		slices.Sort(order)
		for i, v := range order {
			if v != i {
				t.Fatalf("%v is not the numbers below %d", order, n)
			}
		}
	})
}

// Results that are kept depend on this order: it is the same for ever.
func TestOrderStays(t *testing.T) {
	if got, want := Order(8, 5), []int{1, 2, 4, 3, 5, 0, 6, 7}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
