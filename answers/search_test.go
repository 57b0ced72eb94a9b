package answers

import "testing"

func TestBoundedCosine(t *testing.T) {
	for x, want := range map[float32]float64{1.00002: 1, -1.00002: -1, 0.25: 0.25} {
		if got := boundedCosine(x); got != want {
			t.Errorf("the cosine %g is %g, want %g", x, got, want)
		}
	}
}
