package smt

import (
	"bytes"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/sparse-manifold/smt/dataset"
)

// partKinds are fits of every kind, of counted images and of components too.
func partKinds() map[string]func(*Config) {
	all := maps.Clone(kinds())
	all["few images"] = func(c *Config) { c.Images = 31 }
	all["components"] = func(c *Config) { c.Spectrum, c.Components, c.Power = 2, 9, 0.4 }
	all["components of a sample"] = func(c *Config) { c.Components, c.Power = 5, 0.4 }
	return all
}

// carried is a part as it comes to another machine.
func carried(t testing.TB, p *Part) *Part {
	t.Helper()
	path := filepath.Join(t.TempDir(), "part")
	if err := p.Save(path); err != nil {
		t.Fatal(err)
	}
	p, err := LoadPart(path)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// Wherever images are cut into parts, and in whatever order and tree these are added, the model is that of one fit,
// byte for byte.
func TestPartsMakeTheModelOfOneFit(t *testing.T) {
	defer func(atoms int) { packedAtoms = atoms }(packedAtoms)
	const images = 90
	src := digitImages(t, images)
	type fitKind struct {
		plan *Plan
		want []byte
		most int
	}
	all := map[string]fitKind{}
	for name, change := range partKinds() {
		cfg := digitConfig()
		change(&cfg)
		if packedAtoms = 16384; name == "packed" {
			packedAtoms = 1
		}
		m, err := Fit(t.Context(), src, cfg)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		plan, err := NewPlan(t.Context(), src, cfg)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		path := filepath.Join(t.TempDir(), "encoder")
		if err := plan.Save(path); err != nil {
			t.Fatal(err)
		}
		if plan, err = LoadPlan(path); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		all[name] = fitKind{plan, fileOf(t, m), packedAtoms}
	}
	rapid.Check(t, func(rt *rapid.T) {
		name := rapid.SampledFrom(slices.Sorted(maps.Keys(all))).Draw(rt, "kind")
		k := all[name]
		packedAtoms = k.most
		cuts := rapid.SliceOfN(rapid.IntRange(0, images), 0, 6).Draw(rt, "cuts")
		cuts = append(cuts, 0, images)
		slices.Sort(cuts)
		var parts []*Part
		for i := range len(cuts) - 1 {
			p, err := k.plan.Count(t.Context(), src, cuts[i], cuts[i+1])
			if err != nil {
				rt.Fatal(err)
			}
			parts = append(parts, p)
		}
		for len(parts) > 1 {
			parts = rapid.Permutation(parts).Draw(rt, "order")
			if rapid.Bool().Draw(rt, "carried") {
				parts[1] = carried(t, parts[1])
			}
			if err := parts[0].Add(parts[1]); err != nil {
				rt.Fatal(err)
			}
			parts = append(parts[:1:1], parts[2:]...)
		}
		m, err := k.plan.Solve(t.Context(), carried(t, parts[0]))
		if err != nil {
			rt.Fatal(err)
		}
		if !bytes.Equal(fileOf(t, m), k.want) {
			rt.Fatalf("%s: parts %v make another model", name, cuts)
		}
	})
}

// The file of a sum is the same whatever its parts were.
func TestSumsAreTheSameBytes(t *testing.T) {
	defer func(atoms int) { packedAtoms = atoms }(packedAtoms)
	const images = 40
	src := digitImages(t, images)
	for _, kind := range []string{"dense", "packed"} {
		cfg := digitConfig()
		cfg.Step = 2
		if packedAtoms = 16384; kind == "packed" {
			packedAtoms = 1
		}
		plan, err := NewPlan(t.Context(), src, cfg)
		if err != nil {
			t.Fatal(err)
		}
		count := func(first, end int) *Part {
			p, err := plan.Count(t.Context(), src, first, end)
			if err != nil {
				t.Fatal(err)
			}
			return p
		}
		file := func(p *Part) []byte {
			var b bytes.Buffer
			if err := p.SaveTo(&b); err != nil {
				t.Fatal(err)
			}
			return b.Bytes()
		}
		want := file(count(0, images))
		for _, order := range [][][2]int{{{0, 13}, {13, 40}}, {{30, 40}, {0, 7}, {7, 30}}, {{7, 9}, {9, 9}, {20, 40}, {0, 7}, {9, 20}}} {
			var sum *Part
			for _, r := range order {
				switch p := count(r[0], r[1]); {
				case sum == nil:
					sum = p
				default:
					if err := sum.Add(p); err != nil {
						t.Fatal(err)
					}
				}
			}
			if !bytes.Equal(file(sum), want) {
				t.Errorf("%s: parts %v add up to another file", kind, order)
			}
		}
	}
}

// More images are counted without the former ones, and no images twice.
func TestMoreImages(t *testing.T) {
	src := digitImages(t, 100)
	old, more := dataset.Slice(src, 0, 60), dataset.Slice(src, 60, 100)
	cfg := digitConfig()
	plan, err := NewPlan(t.Context(), old, cfg)
	if err != nil {
		t.Fatal(err)
	}
	sum, err := plan.Count(t.Context(), old, 0, 60)
	if err != nil {
		t.Fatal(err)
	}
	added, err := plan.CountMore(t.Context(), more)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := plan.Solve(t.Context(), added); !says(err, "not of the 60 images") {
		t.Errorf("error %v of other images alone", err)
	}
	if err := sum.Add(added); err != nil {
		t.Fatal(err)
	}
	m, err := plan.Solve(t.Context(), carried(t, sum))
	if err != nil {
		t.Fatal(err)
	}
	e, err := NewEncoder(t.Context(), old, cfg)
	if err != nil {
		t.Fatal(err)
	}
	all, err := e.Collect(t.Context(), src)
	if err != nil {
		t.Fatal(err)
	}
	want, err := e.Solve(t.Context(), all)
	if err != nil {
		t.Fatal(err)
	}
	if got := m.Record().Data; got.Images != 100 || got.Counted != 100 || got.Fingerprint != "" {
		t.Errorf("the model says that it is of %+v", got)
	}
	if !bytes.Equal(fileOf(t, m), fileOf(t, want)) {
		t.Error("the model is not that of all images' statistics")
	}
	for name, again := range map[string]dataset.Source{"the plan's": old, "those that were added": more} {
		p, err := plan.CountMore(t.Context(), again)
		if err != nil {
			t.Fatal(err)
		}
		if err := sum.Add(p); !says(err, "counted already") {
			t.Errorf("%s again: error %v", name, err)
		}
	}
}

// What does not belong together is said, and changes nothing.
func TestPartsThatDoNotBelongTogether(t *testing.T) {
	src := digitImages(t, 50)
	cfg := digitConfig()
	plan, err := NewPlan(t.Context(), src, cfg)
	if err != nil {
		t.Fatal(err)
	}
	cfg.Seed++
	others, err := NewPlan(t.Context(), src, cfg)
	if err != nil {
		t.Fatal(err)
	}
	count := func(plan *Plan, first, end int) *Part {
		p, err := plan.Count(t.Context(), src, first, end)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	newer := count(plan, 30, 40)
	newer.about.Software = "9.9"
	for what, other := range map[string]*Part{
		"images 10 to 19 are counted already, of 50": count(plan, 10, 30),
		"cannot be added to those of encoder":        count(others, 30, 40),
		"by version 9.9":                             newer,
	} {
		p := count(plan, 0, 20)
		before := fileOfPart(t, p)
		if err := p.Add(other); !says(err, what) {
			t.Errorf("error %v, want one that says %q", err, what)
		}
		if !bytes.Equal(fileOfPart(t, p), before) {
			t.Errorf("%s: the sum has changed", what)
		}
	}
	p := count(plan, 10, 20)
	if err := p.Add(count(plan, 40, 50)); err != nil {
		t.Fatal(err)
	}
	if _, err := plan.Solve(t.Context(), p); !says(err, "images 0 to 9, 20 to 39 are missing, 30 of 50") || p.Missing() != "images 0 to 9, 20 to 39" {
		t.Errorf("error %v, missing %s", err, p.Missing())
	}
	if _, err := others.Solve(t.Context(), count(plan, 0, 50)); !says(err, "want those that were counted with this one") {
		t.Errorf("error %v of another encoder", err)
	}
	if _, err := plan.Count(t.Context(), dataset.Slice(src, 0, 49), 0, 9); !says(err, "want the 50") {
		t.Errorf("error %v of fewer images", err)
	}
	swapped := dataset.Pick(src, append([]int{1, 0}, numbers(2, 50)...))
	if _, err := plan.Count(t.Context(), swapped, 0, 9); !says(err, "other names") {
		t.Errorf("error %v of images in another order", err)
	}
}

// says reports whether there is an error that says all of these.
func says(err error, whats ...string) bool {
	return err != nil && !slices.ContainsFunc(whats, func(what string) bool { return !strings.Contains(err.Error(), what) })
}

func numbers(first, end int) (all []int) {
	for i := first; i < end; i++ {
		all = append(all, i)
	}
	return all
}

func fileOfPart(t testing.TB, p *Part) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := p.SaveTo(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
