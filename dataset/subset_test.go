package dataset

import (
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// count is n images of one pixel, that of image i being i, which is its label too.
func count(t testing.TB, n int) Source {
	t.Helper()
	values := make([]byte, n)
	for i := range values {
		values[i] = byte(i)
	}
	src, err := IDX(idxFile(values, uint32(n), 1, 1), idxFile(values, uint32(n)), "count")
	if err != nil {
		t.Fatal(err)
	}
	return src
}

// which lists the images of a view of count, checking that labels go along.
func which(t testing.TB, src Source) []int {
	t.Helper()
	got := []int{}
	for i := range src.Len() {
		pix := pixels(t, src, i)
		if int(pix[0]) != src.Label(i) {
			t.Fatalf("image %d has the label %d", pix[0], src.Label(i))
		}
		got = append(got, int(pix[0]))
	}
	return got
}

func TestSliceAndPick(t *testing.T) {
	src := count(t, 10)
	indices := []int{7, 0, 7}
	pick := Pick(src, indices)
	indices[0] = 1 // the view keeps its own
	for _, c := range []struct {
		got  Source
		want []int
	}{
		{Slice(src, 3, 6), []int{3, 4, 5}},
		{Slice(src, 0, 10), []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}},
		{Slice(src, 10, 10), []int{}},
		{pick, []int{7, 0, 7}},
		{Pick(Slice(src, 3, 6), []int{2, 0}), []int{5, 3}},
	} {
		if got := which(t, c.got); !reflect.DeepEqual(got, c.want) {
			t.Errorf("images %v, want %v", got, c.want)
		}
		if c.got.Shape() != src.Shape() || len(c.got.Classes()) != 10 {
			t.Errorf("shape %v, classes %q", c.got.Shape(), c.got.Classes())
		}
	}
	checkContract(t, pick)
	for what, f := range map[string]func(){
		"lo < 0":      func() { Slice(src, -1, 2) },
		"hi < lo":     func() { Slice(src, 3, 2) },
		"hi > len":    func() { Slice(src, 0, 11) },
		"index < 0":   func() { Pick(src, []int{0, -1}) },
		"index = len": func() { Pick(src, []int{10}) },
		"n < 0":       func() { Holdout(src, -1, 0) },
		"n > len":     func() { Holdout(src, 11, 0) },
	} {
		wantPanic(t, what, f)
	}
}

func TestHoldout(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		size := rapid.IntRange(1, 200).Draw(r, "size")
		n := rapid.IntRange(0, size).Draw(r, "n")
		seed := rapid.Uint64().Draw(r, "seed")
		src := count(t, size)
		restSrc, heldSrc := Holdout(src, n, seed)
		rest, held := which(t, restSrc), which(t, heldSrc)
		if len(held) != n || !slices.IsSorted(held) || !slices.IsSorted(rest) {
			r.Fatalf("%d held, want %d in order: %v and %v", len(held), n, rest, held)
		}
		all := slices.Sorted(slices.Values(slices.Concat(rest, held)))
		if !reflect.DeepEqual(all, which(t, src)) {
			r.Fatalf("rest %v and held %v are not a partition of %d images", rest, held, size)
		}
		if n < size {
			_, more := Holdout(src, n+1, seed)
			if m := which(t, more); slices.ContainsFunc(held, func(i int) bool { return !slices.Contains(m, i) }) {
				r.Fatalf("held %v for %d, but %v for one more", held, n, m)
			}
		}
	})
}

// Models are compared by their validation split, so it must stay what it is.
func TestHoldoutGolden(t *testing.T) {
	_, held := Holdout(count(t, 20), 6, 42)
	if got, want := which(t, held), []int{4, 8, 14, 15, 17, 19}; !reflect.DeepEqual(got, want) {
		t.Errorf("held %v, want %v", got, want)
	}
	_, other := Holdout(count(t, 20), 6, 43)
	if reflect.DeepEqual(which(t, held), which(t, other)) {
		t.Error("the seed makes no difference")
	}
}

// Over many seeds each image is held about as often as any other.
func TestHoldoutEven(t *testing.T) {
	const images, n, seeds = 10, 3, 3000
	src := count(t, images)
	var held [images]int
	for seed := range uint64(seeds) {
		_, h := Holdout(src, n, seed)
		for _, i := range which(t, h) {
			held[i]++
		}
	}
	// Binomial: mean 900, standard deviation 25; 5 deviations.
	for i, k := range held {
		if k < 775 || k > 1025 {
			t.Errorf("image %d held %d times of %d, want about 900", i, k, seeds)
		}
	}
}

func TestSingleWantsAWholeImage(t *testing.T) {
	wantPanic(t, "5 bytes of a 2×3 image", func() { Single(Shape{2, 3, 1}, make([]byte, 5)) })
	wantPanic(t, "7 bytes of a 2×3 image", func() { Single(Shape{2, 3, 1}, make([]byte, 7)) })
	if src := Single(Shape{2, 3, 1}, make([]byte, 6)); src.Len() != 1 {
		t.Errorf("%d images, want 1", src.Len())
	}
}
