package choice

import (
	"testing"

	"github.com/sparse-manifold/smt/dataset"
)

// Images that are larger than those that are chosen for are made smaller for a trial, in gray and in colour; others
// are as they are.
func TestBounded(t *testing.T) {
	for _, s := range []struct{ from, to dataset.Shape }{
		{dataset.Shape{Height: 64, Width: 128, Channels: 3}, dataset.Shape{Height: 32, Width: 64, Channels: 3}},
		{dataset.Shape{Height: 100, Width: 50, Channels: 1}, dataset.Shape{Height: 64, Width: 32, Channels: 1}},
	} {
		src := painted{3, s.from}
		small := bounded(src)
		if small.Shape() != s.to {
			t.Errorf("images of %v are brought to %v, want %v", s.from, small.Shape(), s.to)
			continue
		}
		from, got := make([]uint8, s.from.Len()), make([]uint8, s.to.Len())
		if err := src.Image(1, from); err != nil {
			t.Fatal(err)
		}
		if err := small.Image(1, got); err != nil {
			t.Fatal(err)
		}
		for c := range s.from.Channels { // means over all pixels stay
			if a, b := mean(from[c:], s.from.Channels), mean(got[c:], s.to.Channels); max(a-b, b-a) > 2 {
				t.Errorf("%v: the mean of channel %d is %.1f, of the smaller image %.1f", s.from, c, a, b)
			}
		}
	}
	same := painted{3, dataset.Shape{Height: 40, Width: 20, Channels: 3}}
	if bounded(same) != dataset.Source(same) {
		t.Error("images of 40 × 20 are made smaller")
	}
}

func mean(values []uint8, apart int) float64 {
	sum, n := 0.0, 0
	for i := 0; i < len(values); i += apart {
		sum, n = sum+float64(values[i]), n+1
	}
	return sum / float64(n)
}
