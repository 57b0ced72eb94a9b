package manifold

import (
	"math"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sparse-manifold/smt/cooccur"
	"github.com/sparse-manifold/smt/dictionary"
	"github.com/sparse-manifold/smt/sparse"
)

// What makes no sense is refused when the encoder is made, not by a wrong result or a panic later.
func TestNewRefuses(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 15))
	d, u := atoms(rng, 16), &units{digest: "units"}
	good := Config{Code: sparse.Nearest, Context: cooccur.Context{Kind: cooccur.Whole, Difference: 2}, Dims: 3}
	if _, err := New(good, u, d); err != nil {
		t.Fatal(err)
	}
	_, err := New(good, nil, d)
	_, ofCodes := NewOfCodes(good, nil, 16)
	for _, err := range []error{err, ofCodes} {
		if err == nil || !strings.Contains(err.Error(), "the space is nil") {
			t.Errorf("error %v of no space", err)
		}
	}
	for want, change := range map[string]func(*Config){
		"0 coordinates":       func(c *Config) { c.Dims = 0 },
		"-1 skipped":          func(c *Config) { c.Skip = -1 },
		"16 atoms":            func(c *Config) { c.Skip = 14 },
		"ridge is -1":         func(c *Config) { c.Ridge = -1 },
		"want a JSON object":  func(c *Config) { c.About = "x" },
		`context kind "else"`: func(c *Config) { c.Context.Kind = "else" },
		`code is "nonsense"`:  func(c *Config) { c.Code = "nonsense" },
	} {
		c := good
		change(&c)
		if _, err := New(c, u, d); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one of %q", err, want)
		}
		if _, err := NewOfCodes(c, codes{u, nil}, 16); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("of codes: error %v, want one of %q", err, want)
		}
	}
	for want, change := range map[string]func(*dictionary.Dictionary){
		"units of 6 values, atoms of 3": func(d *dictionary.Dictionary) { d.Dim = 3 },
		"a mirror of 15 atoms":          func(d *dictionary.Dictionary) { d.Mirror = d.Mirror[:15] },
		"the mirror of atom 0":          func(d *dictionary.Dictionary) { d.Mirror[0] = 5 },
		"atom 2 has length":             func(d *dictionary.Dictionary) { d.Atoms[2*dim] += 1 },
		"atom 1 has length NaN":         func(d *dictionary.Dictionary) { d.Atoms[dim] = float32(math.NaN()) },
		"not of whole atoms":            func(d *dictionary.Dictionary) { d.Atoms = d.Atoms[1:] },
		"no dictionary":                 func(d *dictionary.Dictionary) { *d = dictionary.Dictionary{} },
	} {
		other := &dictionary.Dictionary{Dim: d.Dim, Atoms: slices.Clone(d.Atoms), Mirror: slices.Clone(d.Mirror)}
		change(other)
		if _, err := New(good, u, other); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one of %q", err, want)
		}
	}
	if _, err := New(good, u, nil); err == nil || !strings.Contains(err.Error(), "no dictionary") {
		t.Errorf("nil dictionary: error %v", err)
	}
	if _, err := New(good, &units{}, d); err == nil || !strings.Contains(err.Error(), "digest") {
		t.Errorf("empty digest: error %v", err)
	}
	if _, err := NewOfCodes(good, codes{&units{}, nil}, 16); err == nil || !strings.Contains(err.Error(), "digest") {
		t.Errorf("empty digest of codes: error %v", err)
	}
	plain := &dictionary.Dictionary{Dim: d.Dim, Atoms: d.Atoms}
	for want, symmetry := range map[string][]int{
		"a symmetry of 2 values":          {0, 0},
		"the symmetry moves value 0 to 1": {1, 2, 0, 3, 4, 5},
		"the symmetry moves value 5 to 6": {0, 1, 2, 3, 4, 6},
	} {
		if _, err := New(good, flipped{u, symmetry}, plain); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one of %q", err, want)
		}
	}
	if _, err := NewOfCodes(good, u, 16); err == nil || !strings.Contains(err.Error(), "ready codes") {
		t.Errorf("codes of units with vectors and a symmetry: error %v", err)
	}
	e, err := New(good, u, d)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := e.Learn(t.Context(), u, Run{Checkpoint: filepath.Join(t.TempDir(), "kept")}); err == nil || !strings.Contains(err.Error(), "Groups is empty") {
		t.Errorf("a checkpoint of no known groups: error %v", err)
	}
}

// flipped are units with a symmetry of the test's.
type flipped struct {
	*units
	symmetry []int
}

func (f flipped) Symmetry() []int { return f.symmetry }
