package dataset

import (
	"math"
	"testing"
)

func TestGray(t *testing.T) {
	set := mustOpen(t, writeCIFAR10(t), Options{})
	gray, repeated := Gray(set.Train), Repeat(Gray(set.Train))
	if s := gray.Shape(); s != (Shape{32, 32, 1}) {
		t.Fatalf("gray images are %v", s)
	}
	if s := repeated.Shape(); s != (Shape{32, 32, 3}) {
		t.Fatalf("repeated, they are %v", s)
	}
	for i := range set.Train.Len() {
		colours, y, yyy := pixels(t, set.Train, i), pixels(t, gray, i), pixels(t, repeated, i)
		for k, v := range y {
			r, g, b := float64(colours[3*k]), float64(colours[3*k+1]), float64(colours[3*k+2])
			want := uint8(math.Round((19595*r + 38470*g + 7471*b) / (1 << 16)))
			if v != want || yyy[3*k] != want || yyy[3*k+1] != want || yyy[3*k+2] != want {
				t.Fatalf("image %d, pixel %d: %d and %v, want %d", i, k, v, yyy[3*k:3*k+3], want)
			}
		}
	}
	if gray.Label(1) != set.Train.Label(1) || len(gray.Classes()) != 10 {
		t.Error("the gray view has other labels")
	}
	checkContract(t, gray)
	checkContract(t, repeated)
	if Gray(gray) != gray || Repeat(set.Train) != set.Train {
		t.Error("what is gray was made gray again, or colour repeated")
	}
}
