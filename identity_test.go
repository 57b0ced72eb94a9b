package smt

import (
	"context"
	"errors"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/sparse-manifold/smt/cooccur"
	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/dataset/digits"
	"github.com/sparse-manifold/smt/internal/pace"
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

// counted is an encoder and the model of all images.
type counted struct {
	e     *Encoder
	model string
}

// Wherever a fit is killed and whatever its batches are, it comes to the same model.
func TestKilledAnywhere(t *testing.T) {
	defer func(least time.Duration, atoms int) { pace.Least, packedAtoms = least, atoms }(pace.Least, packedAtoms)
	const images = 60
	src := digitImages(t, images)
	packing := func(name string) {
		if packedAtoms = 16384; name == "packed" {
			packedAtoms = 1
		}
	}
	all := map[string]counted{}
	for name, change := range kinds() {
		cfg := digitConfig()
		change(&cfg)
		packing(name)
		if cfg.packs() != (name == "packed") {
			t.Fatalf("%s: packed: %v", name, cfg.packs())
		}
		e, err := NewEncoder(t.Context(), src, cfg)
		if err != nil {
			t.Fatal(err)
		}
		k, err := e.begin("", images, options{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := e.collect(t.Context(), src, 0, k.s, options{}); err != nil {
			t.Fatal(err)
		}
		all[name] = counted{e, solved(t, e, k)}
	}
	rapid.Check(t, func(rt *rapid.T) {
		name := rapid.SampledFrom(slices.Sorted(maps.Keys(all))).Draw(rt, "kind")
		packing(name)
		c, path := all[name], filepath.Join(t.TempDir(), "part")
		begin := func() *kept {
			k, err := c.e.begin("images", images, options{checkpoint: path})
			if err != nil {
				rt.Fatal(err)
			}
			return k
		}
		k, inFile := begin(), 0
		for k.done < images {
			next := min(images, k.done+rapid.IntRange(1, 25).Draw(rt, "batch"))
			pace.Least = time.Duration(rapid.IntRange(0, 1).Draw(rt, "write")) * time.Hour
			if _, err := c.e.collect(t.Context(), dataset.Slice(src, 0, next), k.done, k.s, options{counted: k.counted}); err != nil {
				rt.Fatal(err)
			}
			if pace.Least == 0 {
				inFile = k.done
			}
			if rapid.IntRange(0, 3).Draw(rt, "kill") == 0 {
				if k = begin(); k.done != inFile {
					rt.Fatalf("going on at image %d, %d are in the file", k.done, inFile)
				}
			}
		}
		if solved(t, c.e, k) != c.model {
			rt.Fatal("another model")
		}
	})
}

// solved is the file of the model that k leads to.
func solved(t testing.TB, e *Encoder, k *kept) string {
	t.Helper()
	m, err := e.solve(t.Context(), k.s, options{})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "model")
	if err := m.Save(path); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// Statistics that have an image in part are not written.
func TestBrokenStatisticsAreNotKept(t *testing.T) {
	defer func(least time.Duration) { pace.Least = least }(pace.Least)
	pace.Least = 0
	cfg := digitConfig()
	src := digitImages(t, 40)
	e, err := NewEncoder(t.Context(), src, cfg)
	if err != nil {
		t.Fatal(err)
	}
	k, err := e.begin("images", src.Len(), options{checkpoint: filepath.Join(t.TempDir(), "part")})
	if err != nil {
		t.Fatal(err)
	}
	k.s.(*cooccur.Dense).Groups = 3
	k.done = 2 // as if the third image were there in part
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := k.stopped(ctx, ctx.Err()); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	if _, err := os.Stat(k.o.checkpoint); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a checkpoint was written: %v", err)
	}
}

// Writing a checkpoint takes no copy of the statistics.
func TestSavingCopiesNothing(t *testing.T) {
	defer func(least time.Duration) { pace.Least = least }(pace.Least)
	pace.Least = 0
	const atoms = 2048
	mirror := make([]uint16, atoms)
	for a := range mirror {
		mirror[a] = uint16(a ^ 1)
	}
	of := cooccur.Origin{Context: cooccur.Context{Kind: cooccur.Image, Difference: 2}, Atoms: atoms, Denominator: 1, GridRows: 3, GridCols: 3}
	dense, err := cooccur.NewDense(of)
	if err != nil {
		t.Fatal(err)
	}
	packed, err := cooccur.NewPacked(of, mirror)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		s    cooccur.Statistics
		size uint64
	}{{dense, 16 * atoms * atoms / 2}, {packed, 8 * atoms * atoms / 8}} {
		k := &kept{s: c.s, o: options{checkpoint: filepath.Join(t.TempDir(), "part")}, pace: pace.Begin(), saved: -1}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if err := k.save(); err != nil {
			t.Fatal(err)
		}
		runtime.ReadMemStats(&after)
		if n := after.TotalAlloc - before.TotalAlloc; n > c.size/2 {
			t.Errorf("%T: writing %d bytes took %d", c.s, c.size, n)
		}
	}
}

// idle are the fields of Config that statistics do not depend on.
var idle = []string{"Dims", "Skip", "Ridge", "Pool", "Stride", "Spectrum"}

// Whatever field Config has or will have, it changes the identity of statistics, unless
// it is known not to matter.
func TestIdentityHasEveryField(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	e := random(rng, config(), dataset.Shape{Height: 9, Width: 9, Channels: 1}).enc
	identity := func(e Encoder) string {
		id, err := e.identify()
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	want := identity(*e)
	if want != e.identity {
		t.Error("the identity of the same encoder is another one")
	}
	var walk func(path string, at func(*Encoder) reflect.Value)
	walk = func(path string, at func(*Encoder) reflect.Value) {
		if v := at(e); v.Kind() == reflect.Struct {
			for i := range v.NumField() {
				walk(path+"."+v.Type().Field(i).Name, func(e *Encoder) reflect.Value { return at(e).Field(i) })
			}
			return
		}
		other := *e
		alter(t, at(&other))
		if same, known := identity(other) == want, slices.Contains(idle, path[1:]); same != known {
			t.Errorf("Config%s: the identity stays the same: %v; known to be no part of it: %v", path, same, known)
		}
	}
	walk("", func(e *Encoder) reflect.Value { return reflect.ValueOf(&e.cfg).Elem() })

	for name, change := range map[string]func(e *Encoder){
		"height":    func(e *Encoder) { e.shape.Height++ },
		"width":     func(e *Encoder) { e.shape.Width++ },
		"channels":  func(e *Encoder) { e.shape.Channels = 3 },
		"rows":      func(e *Encoder) { e.rows++ },
		"columns":   func(e *Encoder) { e.cols++ },
		"whitening": func(e *Encoder) { e.transform = &patch.Transform{Whitening: []float32{1}} },
		"atoms": func(e *Encoder) {
			d := *e.dict
			d.Atoms = slices.Clone(d.Atoms)
			d.Atoms[7] += 1e-6
			e.dict = &d
		},
		"mirror": func(e *Encoder) {
			d := *e.dict
			d.Mirror = slices.Clone(d.Mirror)
			d.Mirror[0] = 0
			e.dict = &d
		},
	} {
		other := *e
		change(&other)
		if identity(other) == want {
			t.Errorf("%s: the identity stays the same", name)
		}
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
			if m.enc.identity != e.identity || read.enc.identity != e.identity {
				t.Errorf("%s, whitened %v: identities %.12s, %.12s fitted and %.12s read", name, whiten, e.identity, m.enc.identity, read.enc.identity)
			}
		}
	}
}

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
	one, two := encoder(1), encoder(2)
	refused := func(name string, err error, says ...string) {
		t.Helper()
		for _, s := range says {
			if err == nil || !strings.Contains(err.Error(), s) {
				t.Errorf("%s: error %v, want one that says %q", name, err, s)
			}
		}
	}
	_, err := two.Solve(t.Context(), collect(one))
	refused("Solve", err, one.identity[:12], two.identity[:12], "24 × 24", "12 × 12")
	refused("Add", collect(two).Add(collect(one)), one.identity[:12], two.identity[:12])

	// And those that were given the right name by hand.
	for says, change := range map[string]func(*cooccur.Dense){
		"23 × 24":        func(s *cooccur.Dense) { s.GridRows-- },
		"24 × 25":        func(s *cooccur.Dense) { s.GridCols++ },
		"39 atoms":       func(s *cooccur.Dense) { s.Atoms-- },
		"units of 1/2":   func(s *cooccur.Dense) { s.Denominator++ },
		"Difference:1":   func(s *cooccur.Dense) { s.Context.Difference-- },
		"encoder , 40 a": func(s *cooccur.Dense) { s.Encoder = "" },
	} {
		s := collect(one)
		change(s.(*cooccur.Dense))
		_, err := one.Solve(t.Context(), s)
		refused(says, err, says)
	}
	packed := func(e *Encoder) *cooccur.Packed {
		s, err := cooccur.NewPacked(e.origin(), e.dict.Mirror)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	three := encoder(3)
	refused("packed", two.check(packed(three)), two.identity[:12], three.identity[:12], "8 × 8", "12 × 12")
	refused("Add packed", packed(two).Add(packed(three)), two.identity[:12], three.identity[:12])
	if err := two.check(packed(two)); err != nil {
		t.Error(err)
	}
}
