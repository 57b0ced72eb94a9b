package smt

import (
	"bytes"
	"path/filepath"
	"testing"

	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/internal/memory/memorytest"
	"github.com/sparse-manifold/smt/internal/safetensors/safetensorstest"
)

func planFor(t testing.TB, src dataset.Source, change func(*Config)) *Plan {
	t.Helper()
	cfg := digitConfig()
	change(&cfg)
	p, err := NewPlan(t.Context(), src, cfg, LeftOut([]string{"broken.png"}))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func fileOfPlan(t testing.TB, p *Plan) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := p.SaveTo(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func withComponentsOf(n int) func(*Config) {
	return func(c *Config) { c.Components, c.Power = n, 0.4 }
}

// What a file says that no plan says is named.
func TestPlanFilesAreChecked(t *testing.T) {
	src := digitImages(t, 50)
	path := filepath.Join(t.TempDir(), "encoder")
	for what, change := range map[string]func(*Plan){
		"it is of version 9.9 of this software": func(p *Plan) { p.software = "9.9" },
		"header: images is 0":                   func(p *Plan) { p.images = 0 },
		"header: sampled is 31":                 func(p *Plan) { p.enc.sampled = 31 },
		"header: depth is 17":                   func(p *Plan) { p.depth = 17 },
		`header: ids is "x"`:                    func(p *Plan) { p.ids = "x" },
		`tensor "images"`:                       func(p *Plan) { p.shorten = nil },
		"config: dims":                          func(p *Plan) { p.enc.cfg.Dims = 0 },
	} {
		p := planFor(t, src, withComponentsOf(5))
		e := *p.enc
		p.enc = &e
		change(p)
		if err := p.Save(path); err != nil {
			t.Fatal(err)
		}
		if _, err := LoadPlan(path); !says(err, path, what) {
			t.Errorf("error %v, want one that names the file and says %q", err, what)
		}
	}
	p := planFor(t, src, withComponentsOf(5))
	if err := p.Save(path); err != nil {
		t.Fatal(err)
	}
	p, err := LoadPlan(path)
	if err != nil || len(p.LeftOut()) != 1 || p.LeftOut()[0] != "broken.png" {
		t.Errorf("%v, error %v", p, err)
	}
	if _, err := LoadPart(path); !says(err, path, "format") {
		t.Errorf("error %v of an encoder that is no statistics", err)
	}
}

// What a file of a part says of itself that cannot be is named.
func TestPartFilesAreChecked(t *testing.T) {
	src := digitImages(t, 50)
	plan := planFor(t, src, func(*Config) {})
	path := filepath.Join(t.TempDir(), "part")
	for what, change := range map[string]func(h *partHeader){
		"version 7":               func(h *partHeader) { h.Version = 7 },
		"software is empty":       func(h *partHeader) { h.Software = "" },
		"encoder is \"x\"":        func(h *partHeader) { h.Encoder = "x" },
		"shape is":                func(h *partHeader) { h.Shape.Channels = 2 },
		"there are none":          func(h *partHeader) { h.Shares = nil },
		"of is \"x\"":             func(h *partHeader) { h.Shares[0].Of = "x" },
		"images is 0":             func(h *partHeader) { h.Shares[0].Images = 0 },
		"sorted and apart":        func(h *partHeader) { h.Shares[0].Ranges = ranges{{10, 20}, {15, 30}} },
		"want no more than":       func(h *partHeader) { h.Shares[0].Ranges = ranges{{10, 14}} },
		"shares are not sorted":   func(h *partHeader) { h.Shares = append(h.Shares, share{Of: "", Images: 9}) },
		"of is \"" + plan.ids[:4]: func(h *partHeader) { h.Shares = append(h.Shares, h.Shares[0]) },
	} {
		p, err := plan.Count(t.Context(), src, 10, 20)
		if err != nil {
			t.Fatal(err)
		}
		change(&p.about)
		if err := p.Save(path); err != nil {
			t.Fatal(err)
		}
		if _, err := LoadPart(path); !says(err, path, what) {
			t.Errorf("error %v, want one that names the file and says %q", err, what)
		}
	}
	p, err := plan.Count(t.Context(), src, 10, 20)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.stats.Save(path, map[string]string{"config": "{}"}); err != nil {
		t.Fatal(err)
	}
	if _, err := LoadPart(path); !says(err, path, "do not say of which images they are") {
		t.Errorf("error %v of statistics that a fit keeps", err)
	}
}

// Any bit of a file that is not as it was written is noticed.
func TestFlippedBitsOfPlansAndParts(t *testing.T) {
	src := digitImages(t, 50)
	plan := planFor(t, src, withComponentsOf(2))
	part, err := plan.Count(t.Context(), src, 10, 20)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		file []byte
		load func(b []byte) error
	}{
		"encoder": {fileOfPlan(t, plan), func(b []byte) error { _, err := ReadPlan(bytes.NewReader(b), int64(len(b))); return err }},
		"part":    {fileOfPart(t, part), func(b []byte) error { _, err := ReadPart(bytes.NewReader(b), int64(len(b))); return err }},
	} {
		if err := c.load(c.file); err != nil {
			t.Fatal(err)
		}
		for i := range 500 {
			bit := i * (8*len(c.file) - 1) / 499
			c.file[bit/8] ^= 1 << (bit % 8)
			if c.load(c.file) == nil {
				t.Errorf("%s: bit %d of %d is not what it was, and that is not noticed", name, bit, 8*len(c.file))
			}
			c.file[bit/8] ^= 1 << (bit % 8)
		}
	}
}

// Whatever a file holds, loading it fails or gives a plan that can be saved and loaded again.
func FuzzLoadPlan(f *testing.F) {
	src := digitImages(f, 50)
	for _, change := range []func(*Config){func(*Config) {}, withComponentsOf(2), func(c *Config) { c.Flips, c.Whiten = false, false }} {
		file := fileOfPlan(f, planFor(f, src, change))
		f.Add(file)
		f.Add(safetensorstest.Older(f, file, "", "")) // the fuzzer finds no sums
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var p *Plan
		var err error
		n := memorytest.Allocated(func() { p, err = ReadPlan(bytes.NewReader(data), int64(len(data))) })
		if n > uint64(8<<20+1000*len(data)) { // the fuzzer itself, in the same process, takes some too
			t.Errorf("%d bytes of memory for a file of %d", n, len(data))
		}
		if err != nil {
			return
		}
		path := filepath.Join(t.TempDir(), "plan")
		if err := p.Save(path); err != nil {
			t.Fatal(err)
		}
		again, err := LoadPlan(path)
		if err != nil || again.Identity() != p.Identity() || again.images != p.images || again.ids != p.ids {
			t.Fatalf("saved and loaded it is another: %v", err)
		}
	})
}

// Whatever a file holds, loading it fails or gives a part that can be saved, loaded and asked; no part can be added to itself.
func FuzzLoadPart(f *testing.F) {
	src := digitImages(f, 30)
	defer func(atoms int) { packedAtoms = atoms }(packedAtoms)
	for _, most := range []int{16384, 1} {
		packedAtoms = most
		plan := planFor(f, src, func(c *Config) { c.Step = 2 })
		p, err := plan.Count(f.Context(), src, 5, 9)
		if err != nil {
			f.Fatal(err)
		}
		more, err := plan.CountMore(f.Context(), dataset.Slice(src, 20, 24))
		if err != nil {
			f.Fatal(err)
		}
		if err := p.Add(more); err != nil {
			f.Fatal(err)
		}
		f.Add(fileOfPart(f, p))
		f.Add(safetensorstest.Older(f, fileOfPart(f, p), "", ""))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var p *Part
		var err error
		n := memorytest.Allocated(func() { p, err = ReadPart(bytes.NewReader(data), int64(len(data))) })
		if n > uint64(8<<20+1000*len(data)) {
			t.Errorf("%d bytes of memory for a file of %d", n, len(data))
		}
		if err != nil {
			return
		}
		path := filepath.Join(t.TempDir(), "part")
		if err := p.Save(path); err != nil {
			t.Fatal(err)
		}
		again, err := LoadPart(path)
		if err != nil || again.Images() != p.Images() || again.Missing() != p.Missing() {
			t.Fatalf("saved and loaded it is another: %v", err)
		}
		if err := p.Add(again); err == nil && p.Images() > 0 {
			t.Fatal("images are counted twice")
		}
	})
}
