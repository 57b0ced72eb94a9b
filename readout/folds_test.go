package readout

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// Folds are of labelled items, none in two of them and none of nearly all; where labels are few, each item is in one.
func TestFolds(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		n, classes, ridge := rapid.IntRange(2, 30_000).Draw(rt, "labelled"), rapid.IntRange(2, 100).Draw(rt, "classes"), rapid.Bool().Draw(rt, "ridge")
		items := n + rapid.IntRange(0, 20_000).Draw(rt, "unlabelled")
		labelled := all(n)
		for i := range labelled {
			labelled[i] *= 3
		}
		folds := foldsOf(labelled, classes, ridge, items)
		if few := n < 20 || n < 2*classes || ridge && n < 5*classes; few != (folds == nil) {
			rt.Fatalf("%d folds", len(folds))
		}
		seen := map[int]bool{}
		for _, fold := range folds {
			if len(fold) > 2000 || len(fold) > n/10 {
				rt.Fatalf("%d of %d are held out together", len(fold), n)
			}
			for _, i := range fold {
				if _, is := slices.BinarySearch(labelled, i); !is || seen[i] {
					rt.Fatalf("item %d is in two folds, or has no label", i)
				}
				seen[i] = true
			}
		}
		switch {
		case folds == nil:
		case ridge && items > 10_000:
			if len(folds) != 1 {
				rt.Fatalf("%d folds of a kernel of %d items", len(folds), items)
			}
		case len(seen) < min(1000, n-n%10):
			rt.Fatalf("%d of %d are held out in all", len(seen), n)
		}
	})
}
