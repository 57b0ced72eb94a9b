package manifold

import (
	"encoding/json"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/sparse-manifold/smt/cooccur"
	"github.com/sparse-manifold/smt/dictionary"
	"github.com/sparse-manifold/smt/sparse"
)

// Whatever statistics depend on is part of their identity: every field of Config that is
// not known to matter to solving alone, and what else the encoder is made of.
func TestIdentity(t *testing.T) {
	e := engines(t)["clips of one size"]
	d := atoms(rand.New(rand.NewPCG(5, 15)), 16)
	identity := func(cfg Config, digest string, d *dictionary.Dictionary) string {
		other, err := New(cfg, &units{digest: digest}, d)
		if err != nil {
			t.Fatal(err)
		}
		return other.Origin().Encoder
	}
	want := identity(e.cfg, e.digest, d)
	if want != e.Origin().Encoder {
		t.Error("the identity of the same encoder is another one")
	}
	idle := []string{"Packed", "Dims", "Skip", "Ridge", "Seed", "Names"}
	for i := range reflect.TypeOf(e.cfg).NumField() {
		other, name := e.cfg, reflect.TypeOf(e.cfg).Field(i).Name
		if name == "Sparse" || name == "Transform" {
			continue // of ready codes alone: TestSparseIdentity
		}
		switch f := reflect.ValueOf(&other).Elem().Field(i); f.Kind() {
		case reflect.Bool:
			f.SetBool(!f.Bool())
		case reflect.Int:
			f.SetInt(f.Int() + 1)
		case reflect.Array:
			f.Index(1).SetInt(f.Index(1).Int() + 1)
		case reflect.Uint64:
			f.SetUint(f.Uint() + 1)
		case reflect.Float64:
			f.SetFloat(f.Float() + 0.125)
		case reflect.Struct:
			if name == "Names" {
				other.Names.Unit = "x"
			} else {
				other.Context.Difference = 2
			}
		case reflect.String:
			if f.SetString(" " + f.String()); name == "Code" {
				f.SetString(string(sparse.Soft))
			}
		default:
			t.Fatalf("no other value for %s: add one here", name)
		}
		if same, known := identity(other, e.digest, d) == want, slices.Contains(idle, name); same != known {
			t.Errorf("Config.%s: the identity stays the same: %v; known to be no part of it: %v", name, same, known)
		}
	}
	changed := func(change func(*dictionary.Dictionary)) *dictionary.Dictionary {
		other := &dictionary.Dictionary{Dim: d.Dim, Atoms: slices.Clone(d.Atoms), Mirror: slices.Clone(d.Mirror)}
		change(other)
		return other
	}
	for name, other := range map[string]string{
		"units":  identity(e.cfg, "others", d),
		"atoms":  identity(e.cfg, e.digest, changed(func(d *dictionary.Dictionary) { d.Atoms[7] += 1e-6 })),
		"mirror": identity(e.cfg, e.digest, changed(func(d *dictionary.Dictionary) { d.Mirror[0], d.Mirror[1] = 0, 1 })),
	} {
		if other == want {
			t.Errorf("%s: the identity stays the same", name)
		}
	}
	if _, err := e.Collect(t.Context(), &units{digest: "others"}, nil); err == nil || !strings.Contains(err.Error(), "another kind") {
		t.Errorf("units of another digest were counted: error %v", err)
	}
}

// Grids of two sizes stand in an identity as they did in statistics that are on disk.
func TestIdentityOnDisk(t *testing.T) {
	c := Config{Code: sparse.General, Threshold: 0.3, Context: cooccur.Context{Kind: cooccur.Whole, Difference: 2}, Grid: cooccur.Grid{27, 9}, Packed: true, Dims: 384, Skip: 16, Ridge: 1e-6, Seed: 7, Names: Names{Unit: "patch"}, About: "{}"}
	const plane = `{"Code":"general","Threshold":0.3,"Context":{"kind":"image","difference":2},"Rows":27,"Cols":9,"Packed":false,"Dims":0,"Skip":0,"Ridge":0,"Seed":0,"Names":{"Unit":"","Units":"","Groups":""},"About":"{}"}`
	for want, grid := range map[string]cooccur.Grid{
		plane: {27, 9},
		strings.Replace(plane, `"Rows":27,"Cols":9`, `"Rows":0,"Cols":0`, 1):                                                         {},
		strings.Replace(strings.Replace(plane, `"Rows":27,"Cols":9`, `"Rows":0,"Cols":0`, 1), `"{}"}`, `"{}","Grid":[27,9,2,0]}`, 1): {27, 9, 2},
	} {
		c.Grid = grid
		if got, err := json.Marshal(c.settled()); err != nil || string(got) != want {
			t.Errorf("grid %v stands as %s, want %s", grid, got, want)
		}
	}
}
