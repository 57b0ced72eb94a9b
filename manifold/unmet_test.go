package manifold

import (
	"math"
	"strings"
	"testing"
)

// TestUnmet moves each term just beyond its bound and just within.
func TestUnmet(t *testing.T) {
	good := VICReg{Invariance: 5, Variance: 1, EigenvalueSum: 5}
	for _, c := range []struct {
		term string // "" for none
		v    VICReg
	}{
		{"", good},
		{"", VICReg{5.0049, 1.0009, 0.9e-5, 5}},
		{"", VICReg{8.6e-16, 1, 0, 5.3e-8}}, // zeros, of film that repeats
		{"", VICReg{0, 1, 0, -0.9e-5}},
		{"invariance", VICReg{1.1e-5, 1, 0, 0}},
		{"invariance", VICReg{5.0051, 1, 0, 5}},
		{"invariance", VICReg{math.NaN(), 1, 0, 5}},
		{"variance", VICReg{5, 1.0011, 0, 5}},
		{"variance", VICReg{5, 0.9989, 0, 5}},
		{"covariance", VICReg{5, 1, 1.1e-5, 5}},
		{"covariance", VICReg{5, 1, math.NaN(), 5}},
	} {
		err := c.v.Unmet()
		if (err == nil) != (c.term == "") || err != nil && !strings.HasPrefix(err.Error(), c.term+" is") {
			t.Errorf("%+v: %v, want an error of %q", c.v, err, c.term)
		}
	}
}
