package images

import (
	"bytes"
	"math"
	"testing"

	"github.com/sparse-manifold/smt/dataset"
)

func TestWithoutData(t *testing.T) {
	i, err := Open(t.TempDir())
	if err != nil || i.Real || i.Train.Shape() != (dataset.Shape{Height: 32, Width: 32, Channels: 3}) {
		t.Fatalf("images %v: %v", i, err)
	}
	if err := i.Close(); err != nil {
		t.Error(err)
	}
}

// The spectrum of the made-up images falls: pixels far apart differ more than
// neighbours do.
func TestNoise(t *testing.T) {
	src := noise{3, 1}
	a, again, other := make([]uint8, src.Shape().Len()), make([]uint8, src.Shape().Len()), make([]uint8, src.Shape().Len())
	for i, pix := range map[int][]uint8{1: a, 2: other} {
		if err := src.Image(i, pix); err != nil {
			t.Fatal(err)
		}
	}
	if err := src.Image(1, again); err != nil || !bytes.Equal(a, again) || bytes.Equal(a, other) {
		t.Error("images do not depend on their number alone")
	}
	difference := func(distance int) (sum float64) {
		for y := range noiseSide {
			for x := range noiseSide - distance {
				at := 3 * (y*noiseSide + x)
				sum += math.Abs(float64(a[at])-float64(a[at+3*distance])) / float64(noiseSide-distance)
			}
		}
		return sum
	}
	if near, far := difference(1), difference(16); !(near > 0 && far > 1.2*near) {
		t.Errorf("neighbours differ by %.1f, pixels 16 apart by %.1f", near, far)
	}
}
