package embedding

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// What Mean and Parts give makes the same components, and a row of them is the same by itself.
func TestComponentsMadeOfTheirParts(t *testing.T) {
	for _, even := range []int{9, -1} {
		h := uneven(rand.New(rand.NewPCG(4, 2)), 60, 16, even)
		for _, power := range []float64{0, 0.4, 1} {
			first, err := NewComponents(t.Context(), h, 7, power, 1)
			if err != nil {
				t.Fatal(err)
			}
			again, err := MadeOf(first.Mean(), first.Parts(), power)
			if err != nil {
				t.Fatal(err)
			}
			if first.Digest() != again.Digest() || again.Even() != first.Even() || again.Dim() != 7 {
				t.Errorf("power %g: other components, %d of them, %d even", power, again.Dim(), again.Even())
			}
			all := values(t, first.Of(h), 60)
			if got := values(t, again.Of(h).Pick([]int{31}), 1); !slices.Equal(got, all[31*7:32*7]) {
				t.Errorf("power %g: row 31 by itself is %g, want %g", power, got, all[31*7:32*7])
			}
		}
	}
}

func TestMadeOfRefuses(t *testing.T) {
	h := uneven(rand.New(rand.NewPCG(4, 2)), 60, 16, 9)
	for says, change := range map[string]func(mean []float32, parts []Part){
		"the mean has length":                                   func(mean []float32, _ []Part) { mean[3] = float32(math.NaN()) },
		"part 0: the variance of component 1":                   func(_ []float32, p []Part) { p[0].Variances[1] = 2 },
		"part 1: the variance of component 0":                   func(_ []float32, p []Part) { p[1].Variances[0] = math.NaN() },
		"want the largest first":                                func(_ []float32, p []Part) { p[0].Variances[1] = p[0].Variances[0] * 1.01 },
		"part 1: component 1 has length +Inf":                   func(_ []float32, p []Part) { p[1].Rows[8] = float32(math.Inf(1)) },
		"part 0: component 2 has length":                        func(_ []float32, p []Part) { clear(p[0].Rows[18:27]) },
		"there are no components":                               func(_ []float32, p []Part) { p[0].Variances, p[1].Variances = nil, nil },
		"part 1: component 0 has length 1.0000000150474662e+30": func(_ []float32, p []Part) { p[1].Rows[3] = 1e30 },
	} {
		c, err := NewComponents(t.Context(), h, 7, Power, 1)
		if err != nil {
			t.Fatal(err)
		}
		parts := c.Parts()
		change(c.Mean(), parts)
		if _, err := MadeOf(c.Mean(), parts, Power); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("error %v, want %q in it", err, says)
		}
	}
}
