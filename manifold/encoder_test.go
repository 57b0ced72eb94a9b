package manifold

import (
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
	for want, change := range map[string]func(*Config){
		"0 coordinates":       func(c *Config) { c.Dims = 0 },
		"-1 skipped":          func(c *Config) { c.Skip = -1 },
		"16 atoms":            func(c *Config) { c.Skip = 14 },
		"ridge is -1":         func(c *Config) { c.Ridge = -1 },
		"want a JSON object":  func(c *Config) { c.About = "x" },
		`context kind "else"`: func(c *Config) { c.Context.Kind = "else" },
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
	} {
		other := &dictionary.Dictionary{Dim: d.Dim, Atoms: slices.Clone(d.Atoms), Mirror: slices.Clone(d.Mirror)}
		change(other)
		if _, err := New(good, u, other); err == nil || !strings.Contains(err.Error(), want) {
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
