package readout

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestLearnRefuses(t *testing.T) {
	b, _, labels, _, _ := bank(t, 120)
	few := slices.Repeat([]int{-1}, len(labels))
	few[0], few[1] = 0, 1
	one := slices.Repeat([]int{-1}, len(labels))
	one[4] = 2
	wrong := slices.Clone(labels)
	wrong[7] = 3
	for _, c := range []struct {
		labels []int
		method Method
		want   string
	}{
		{labels[1:], Chosen, "600 items, and 599 labels"},
		{wrong, Chosen, "item 7: label 3: want one of 3 classes"},
		{one, Chosen, "labels of 1 class"},
		{few, Ridge, "2 labelled items: want at least 20 of 3 classes"},
		{labels, "nearest", `method is "nearest"`},
	} {
		if _, err := b.Learn(t.Context(), c.labels, names, c.method); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v, want %q in it", err, c.want)
		}
	}
}

func TestDraw(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		labels := rapid.SliceOfN(rapid.IntRange(-1, 3), 0, 60).Draw(rt, "labels")
		each, seed := rapid.IntRange(0, 9).Draw(rt, "each"), rapid.Uint64().Draw(rt, "seed")
		kept := Draw(labels, 4, each, seed)
		for c := range 4 {
			have, want := 0, 0
			for i, l := range labels {
				if kept[i] != l && kept[i] != -1 {
					rt.Fatalf("item %d: label %d of %d", i, kept[i], l)
				}
				if kept[i] == c {
					have++
				}
				if l == c {
					want++
				}
			}
			if each > 0 {
				want = min(want, each)
			}
			if have != want {
				rt.Fatalf("class %d: %d labels, want %d", c, have, want)
			}
		}
	})
}

func TestChoose(t *testing.T) {
	for _, c := range []struct {
		labelled, items, classes int
		want                     Method
	}{
		{20, 1000, 10, Spreading}, {4999, 50000, 10, Spreading}, {5000, 50000, 10, RidgeVote}, {1000, 1000, 10, RidgeVote}, {49, 49, 10, Spreading}, {50, 50, 10, RidgeVote},
		{200_000, 200_000, 10, RidgeVote},
	} {
		if got := Choose(c.labelled, c.items, c.classes); got != c.want {
			t.Errorf("%d labels of %d items of %d classes: %s, want %s", c.labelled, c.items, c.classes, got, c.want)
		}
	}
	// A kernel of 50,000 items, a hundred classes and a row of tiles fits 6 GiB; without one there is little.
	if m := Memory(Chosen, 50000, 50000, 2000, 100); m < 2.5e9 || m > 6<<30 {
		t.Errorf("50,000 labels take %g bytes", m)
	}
	if m := Memory(Chosen, 100, 50000, 2000, 10); m > 1e8 {
		t.Errorf("100 labels of 50,000 items take %g bytes", m)
	}
}

// A kernel is whole if that fits and its items are not too many, and otherwise keeps as much as fits.
func TestShareWithin(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		items := rapid.IntRange(1, 1_000_000).Draw(rt, "items")
		limit := math.Pow(10, rapid.Float64Range(5, 12).Draw(rt, "limit"))
		got, err := shareWithin(items, 2000, 10, limit)
		taken := ridgeMemory(items, 2000, 10, got)
		switch {
		case err != nil:
			if least := ridgeMemory(items, 2000, 10, leastShare); least <= limit {
				rt.Fatalf("%v: %g bytes would do", err, least)
			}
		case taken > limit:
			rt.Fatalf("a share of %g takes %g bytes", got, taken)
		case got == 1 && items > mostWhole:
			rt.Fatal("the kernel is whole")
		case got < 1 && (got < leastShare || got > mostShare || items <= mostWhole && ridgeMemory(items, 2000, 10, 1) <= limit):
			rt.Fatalf("a share of %g", got)
		case got < 0.999*mostShare && taken < 0.99*limit:
			rt.Fatalf("a share of %g takes %g bytes", got, taken)
		}
	})
	if got, err := shareWithin(mostWhole+1, 2000, 10, 0); err != nil || got != mostShare {
		t.Errorf("no limit: a share of %g, error %v", got, err)
	}
}

// Where there is no room for a kernel, Chosen votes, and a method that needs one says how much it takes.
func TestLimit(t *testing.T) {
	b, _, labels, _, _ := bank(t, 120)
	b.Limit(1e5)
	c, err := b.Learn(t.Context(), labels, names, Chosen)
	if err != nil || c.Method() != Vote {
		t.Errorf("method %s, error %v", c.Method(), err)
	}
	if _, err := b.Learn(t.Context(), labels, names, RidgeVote); err == nil || !strings.Contains(err.Error(), "a kernel of 600 items takes 0.00") || !strings.Contains(err.Error(), "there is room for 0.0001 GB") {
		t.Errorf("error %v", err)
	}
}

// The cut leaves the share that was asked for, and the estimate of memory holds.
func TestCutLeavesItsShare(t *testing.T) {
	for _, even := range []int{-1, 120} {
		h, _ := clusters(rand.New(rand.NewPCG(7, 8)), 3000, 200, even, 10, 2) // more than are sampled
		for _, share := range []float64{0.03, 0.18} {
			cut, err := cutAt(t.Context(), h, share)
			if err != nil {
				t.Fatal(err)
			}
			k, err := newKernel(t.Context(), h, slices.Repeat([]float32{1}, 3000), cut, quiet)
			if err != nil {
				t.Fatal(err)
			}
			got, taken := k.kept()
			if math.Abs(got-share) > 0.15*share {
				t.Errorf("%d even: a cut of %g leaves %.3f, want %g", even, cut, got, share)
			}
			tiles := float64(whole(3000)*(whole(3000)+1)) / 2
			if most := tiles * (countsSize + sliceSize + 1.1*side*side*entrySize*share); float64(taken) > most || float64(taken) < most/2 {
				t.Errorf("%d even: a share of %g takes %d bytes, estimated %.0f", even, share, taken, most)
			}
		}
	}
}
