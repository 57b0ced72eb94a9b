package choice

import (
	"strings"
	"testing"

	"github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/dataset"
)

// whys are the reasons in the table of a choice that flags change, by setting.
func whys(t *testing.T, src dataset.Source, given Given, change func(*smt.Config)) map[string]string {
	t.Helper()
	ch, err := Make(t.Context(), src, given, func(c smt.Config) (smt.Config, error) {
		change(&c)
		return c, c.Validate()
	}, quiet)
	if err != nil {
		t.Fatal(err)
	}
	why := map[string]string{}
	for _, r := range ch.Table() {
		why[r.Setting] = r.Why
	}
	return why
}

// What a flag gave is not said to follow a rule, and nothing else is said to be given.
func TestTableSaysWhatWasGiven(t *testing.T) {
	src := painted{30, dataset.Shape{Height: 16, Width: 16, Channels: 3}}
	none := whys(t, src, Given{}, func(*smt.Config) {})
	for setting, why := range none {
		if strings.Contains(why, "given") {
			t.Errorf("%s: %q, and no flag gave anything", setting, why)
		}
	}
	for _, flag := range []struct {
		setting, why string
		given        Given
		change       func(*smt.Config)
	}{
		{"patch", "given", Given{Patch: 5}, func(c *smt.Config) { c.Patch = 5 }},
		{"epsilon", "given", Given{}, func(c *smt.Config) { c.Epsilon = 0.02 }},
		{"atoms", "given", Given{Atoms: 150}, func(c *smt.Config) { c.Atoms = 150 }},
		{"max-cosine", "given", Given{MaxCosine: 0.9}, func(c *smt.Config) { c.MaxCosine = 0.9 }},
		{"threshold", "given", Given{}, func(c *smt.Config) { c.Threshold = 0.35 }},
		{"context", "given", Given{}, func(c *smt.Config) { c.Context.Difference = 1 }},
		{"dims, skip", "dims given; skip grows with the root of the number of atoms", Given{Dims: 20}, func(c *smt.Config) { c.Dims = 20 }},
		{"dims, skip", "skip given; dims grows with the root of the number of atoms", Given{}, func(c *smt.Config) { c.Skip = 0 }},
		{"dims, skip", "given", Given{Dims: 20, Skip: 1}, func(c *smt.Config) { c.Dims, c.Skip = 20, 1 }},
		{"pool, stride", "stride given; pool grows with the size", Given{}, func(c *smt.Config) { c.Stride++ }},
		{"thin", "given", Given{}, func(c *smt.Config) { c.Thin = 4 }},
		{"spectrum", "given", Given{}, func(c *smt.Config) { c.Spectrum = 0 }},
		{"components", "given", Given{}, func(c *smt.Config) { c.Components, c.Power = 9, 0.5 }},
		{"counted", "given", Given{}, func(c *smt.Config) { c.Images = 20 }},
	} {
		for setting, why := range whys(t, src, flag.given, flag.change) {
			want := none[setting]
			if setting == flag.setting {
				want = flag.why
			}
			if why != want && (setting == flag.setting || strings.Contains(why, "given")) {
				t.Errorf("of %s: %s is said to be %q, want %q", flag.setting, setting, why, want)
			}
		}
	}
}

// Where the images do not hold what the rules ask for, the table says so.
func TestTableSaysWhatImagesHold(t *testing.T) {
	src := painted{30, dataset.Shape{Height: 10, Width: 10, Channels: 1}}
	nothing := func(*smt.Config) {}
	if why := whys(t, src, Given{MaxCosine: 0.3}, func(c *smt.Config) { c.MaxCosine = 0.3 })["atoms"]; why != "the images hold no more with cosines below 0.3" {
		t.Errorf("fewer atoms: %q", why)
	}
	if why := whys(t, painted{3, dataset.Shape{Height: 32, Width: 32, Channels: 1}}, Given{}, nothing)["max-cosine"]; !strings.Contains(why, "of the style shapes") && !strings.Contains(why, "hold too few atoms") {
		t.Errorf("atoms more alike: %q", why)
	}
}
