package smt

import (
	"encoding/json"
	"math/rand/v2"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/sparse-manifold/smt/cooccur"
	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/dataset/digits"
	"github.com/sparse-manifold/smt/patch"
	"github.com/sparse-manifold/smt/sparse"
)

// digitConfig is one of forty atoms for the digits.
func digitConfig() Config {
	c := config()
	c.Patch, c.Dims, c.Sample, c.Ridge = 5, 10, 30, 1e-6
	c.MaxCosine, c.Threshold, c.Center = 0.9, 0.6, patch.CenterPatch
	return c
}

// kinds covers every kind of statistics.
func kinds() map[string]func(*Config) {
	return map[string]func(*Config){
		"whole images":              func(*Config) {},
		"every third patch":         func(c *Config) { c.Step = 3 },
		"soft":                      func(c *Config) { c.Code = sparse.Soft },
		"window":                    func(c *Config) { c.Context = cooccur.Context{Kind: cooccur.Window, Radius: 2, Difference: 1} },
		"window, second difference": func(c *Config) { c.Context = cooccur.Context{Kind: cooccur.Window, Radius: 1, Difference: 2} },
		"soft window": func(c *Config) {
			c.Code, c.Context = sparse.Soft, cooccur.Context{Kind: cooccur.Window, Radius: 1, Difference: 1}
		},
		"packed": func(c *Config) { c.Step = 2 },
	}
}

func digitImages(t testing.TB, n int) dataset.Source {
	t.Helper()
	set, err := digits.Open()
	if err != nil {
		t.Fatal(err)
	}
	return dataset.Slice(set.Train, 0, n)
}

// idle are the fields of Config that statistics do not depend on.
var idle = []string{"Dims", "Skip", "Ridge", "Pool", "Stride", "Thin", "Spectrum", "Components", "Power"}

// Whatever field Config has or will have, it changes the identity of statistics, unless
// it is known not to matter. What the engine is told of a configuration is part of it.
func TestIdentityHasEveryField(t *testing.T) {
	about := func(c Config) string {
		b, err := json.Marshal(c.counting())
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	cfg := config()
	want := about(cfg)
	var walk func(path string, at func(*Config) reflect.Value)
	walk = func(path string, at func(*Config) reflect.Value) {
		if v := at(&cfg); v.Kind() == reflect.Struct {
			for i := range v.NumField() {
				walk(path+"."+v.Type().Field(i).Name, func(c *Config) reflect.Value { return at(c).Field(i) })
			}
			return
		}
		other := cfg
		alter(t, at(&other))
		if same, known := about(other) == want, slices.Contains(idle, path[1:]); same != known {
			t.Errorf("Config%s: the identity stays the same: %v; known to be no part of it: %v", path, same, known)
		}
	}
	walk("", func(c *Config) reflect.Value { return reflect.ValueOf(c).Elem() })

	identity := func(cfg Config) string {
		return random(rand.New(rand.NewPCG(1, 1)), cfg, dataset.Shape{Height: 9, Width: 9, Channels: 1}).enc.identity()
	}
	same, again, other := cfg, cfg, cfg
	if other.Sample = 7; identity(other) == identity(same) || identity(again) != identity(same) {
		t.Error("the identity does not follow the configuration")
	}
}

// alter gives a field another value.
func alter(t *testing.T, v reflect.Value) {
	switch v.Kind() {
	case reflect.Bool:
		v.SetBool(!v.Bool())
	case reflect.Int, reflect.Int64, reflect.Int32:
		v.SetInt(v.Int() + 1)
	case reflect.Uint64, reflect.Uint32, reflect.Uint8:
		v.SetUint(v.Uint() + 1)
	case reflect.Float64, reflect.Float32:
		v.SetFloat(v.Float() + 0.125)
	case reflect.String:
		v.SetString(v.String() + "x")
	default:
		t.Fatalf("no other value for a field of type %v: add one here", v.Type())
	}
}

// The fields that are no part of the identity change no sum.
func TestIdleFieldsDoNotMatter(t *testing.T) {
	src := digitImages(t, 40)
	collect := func(cfg Config) cooccur.Statistics {
		e, err := NewEncoder(t.Context(), src, cfg)
		if err != nil {
			t.Fatal(err)
		}
		s, err := e.Collect(t.Context(), src)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	want := collect(digitConfig())
	for _, name := range idle {
		cfg := digitConfig()
		alter(t, reflect.ValueOf(&cfg).Elem().FieldByName(name))
		if got := collect(cfg); !reflect.DeepEqual(got, want) {
			t.Errorf("%s changes the statistics", name)
		}
	}
}

// The encoder of a model read from a file is the one it was fitted with.
func TestIdentityOfLoadedModel(t *testing.T) {
	for name, change := range kinds() {
		for _, whiten := range []bool{false, true} {
			cfg := digitConfig()
			change(&cfg)
			cfg.Whiten, cfg.Epsilon = whiten, 1e-2
			src := digitImages(t, 60)
			m, err := Fit(t.Context(), src, cfg)
			if err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(t.TempDir(), "model")
			if err := m.Save(path); err != nil {
				t.Fatal(err)
			}
			read, err := Load(path)
			if err != nil {
				t.Fatal(err)
			}
			e, err := NewEncoder(t.Context(), src, cfg)
			if err != nil {
				t.Fatal(err)
			}
			if m.enc.identity() != e.identity() || read.enc.identity() != e.identity() {
				t.Errorf("%s, whitened %v: identities %.12s, %.12s fitted and %.12s read", name, whiten, e.identity(), m.enc.identity(), read.enc.identity())
			}
		}
	}
}

// identity is that of statistics of e's codes.
func (e *Encoder) identity() string { return e.engine.Origin().Encoder }

// Statistics of other patches are refused by Solve and by Add, which name both.
func TestStatisticsOfAnotherGrid(t *testing.T) {
	src := digitImages(t, 40)
	encoder := func(step int) *Encoder {
		cfg := digitConfig()
		cfg.Step = step
		e, err := NewEncoder(t.Context(), src, cfg)
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	collect := func(e *Encoder) cooccur.Statistics {
		s, err := e.Collect(t.Context(), src)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	every, second := encoder(1), encoder(2)
	refused := func(name string, err error, says ...string) {
		t.Helper()
		for _, s := range says {
			if err == nil || !strings.Contains(err.Error(), s) {
				t.Errorf("%s: error %v, want one that says %q", name, err, s)
			}
		}
	}
	_, err := second.Solve(t.Context(), collect(every))
	refused("Solve", err, every.identity()[:12], second.identity()[:12], "24 × 24", "12 × 12")
	refused("Add", collect(second).Add(collect(every)), every.identity()[:12], second.identity()[:12])

	// And those that were given the right name by hand.
	for says, change := range map[string]func(*cooccur.Dense){
		"23 × 24":        func(s *cooccur.Dense) { s.Grid[0]-- },
		"24 × 25":        func(s *cooccur.Dense) { s.Grid[1]++ },
		"39 atoms":       func(s *cooccur.Dense) { s.Atoms-- },
		"units of 1/2":   func(s *cooccur.Dense) { s.Denominator++ },
		"difference 1,":  func(s *cooccur.Dense) { s.Context.Difference-- },
		"encoder , 40 a": func(s *cooccur.Dense) { s.Encoder = "" },
	} {
		s := collect(every)
		change(s.(*cooccur.Dense))
		_, err := every.Solve(t.Context(), s)
		refused(says, err, says)
	}
	packed := func(e *Encoder) *cooccur.Packed {
		s, err := cooccur.NewPacked(e.engine.Origin(), e.dict.Mirror)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	third := encoder(3)
	refused("packed", second.engine.Check(packed(third)), second.identity()[:12], third.identity()[:12], "8 × 8", "12 × 12")
	refused("Add packed", packed(second).Add(packed(third)), second.identity()[:12], third.identity()[:12])
	if err := second.engine.Check(packed(second)); err != nil {
		t.Error(err)
	}
}
