package smt_test

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	smt "github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/cooccur"
	"github.com/sparse-manifold/smt/dataset"
)

// A checkpoint of anything else is refused, and left as it is.
func TestCheckpointOfAnotherFit(t *testing.T) {
	src, cfg := colour(120), small()
	// Atoms are the same whatever Step and Images, and as only 50 images are sampled.
	cfg.Whiten, cfg.Center, cfg.Dims, cfg.Threshold, cfg.MaxCosine = false, "patch", 6, 0.6, 0.95
	path, _ := checkpointed(t, src, cfg)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	try := func(name string, src dataset.Source, cfg smt.Config, says ...string) {
		t.Helper()
		before, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		_, err = smt.Fit(t.Context(), src, cfg, smt.Checkpoint(path))
		for _, s := range append(says, path, "remove it") {
			if err == nil || !strings.Contains(err.Error(), s) {
				t.Errorf("%s: error %v, want one that says %q", name, err, s)
			}
		}
		if after, err := os.ReadFile(path); err != nil || !bytes.Equal(after, before) {
			t.Errorf("%s: the checkpoint was changed: %v", name, err)
		}
	}
	for says, change := range map[string]func(*smt.Config){
		"step is 0, not 2":              func(c *smt.Config) { c.Step = 2 },
		"step is 0, not 1":              func(c *smt.Config) { c.Step = 1 },
		"threshold is 0.6, not 0.59":    func(c *smt.Config) { c.Threshold = 0.59 },
		`code is "general", not "soft"`: func(c *smt.Config) { c.Code = "soft" },
		`context is {"kind":"image","difference":2}, not {"kind":"image","difference":1}`: func(c *smt.Config) { c.Context.Difference = 1 },
		"grayscale is false, not true":   func(c *smt.Config) { c.Grayscale = true },
		"images is 0, not 119":           func(c *smt.Config) { c.Images = 119 },
		"seed is 1, not 2":               func(c *smt.Config) { c.Seed = 2 },
		"flips is true, not false":       func(c *smt.Config) { c.Flips = false },
		"atoms is 60, not 62":            func(c *smt.Config) { c.Atoms = 62 },
		"max_cosine is 0.95, not 0.9501": func(c *smt.Config) { c.MaxCosine = 0.9501 },
	} {
		other := cfg
		change(&other)
		try(says, src, other, "another configuration: "+says)
	}
	try("another image", changed{src, 77}, cfg, "other images")
	try("one image more", colour(121), cfg, "other images")

	for name, notes := range map[string]map[string]string{
		"of an earlier version": {"work": "a digest, context {}, 120 images", "next": "120"},
		"statistics of a shard": nil,
	} {
		s, _, err := cooccur.Load(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Save(path, notes); err != nil {
			t.Fatal(err)
		}
		try(name, src, cfg, "earlier versions")
	}
	for name, file := range map[string][]byte{"no file of ours": []byte("hello"), "an empty one": nil, "a torn one": whole[:len(whole)/2]} {
		if err := os.WriteFile(path, file, 0o644); err != nil {
			t.Fatal(err)
		}
		try(name, src, cfg)
	}
}

// changed is a source one of whose images has another pixel.
type changed struct {
	textures
	image int
}

func (c changed) Image(i int, pix []uint8) error {
	err := c.textures.Image(i, pix)
	if i == c.image {
		pix[0]++
	}
	return err
}

// Statistics that say to be of more images than there are are refused.
func TestCheckpointOfTooManyImages(t *testing.T) {
	src, cfg := colour(120), small()
	path, _ := checkpointed(t, src, cfg)
	s, notes, err := cooccur.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	s.(*cooccur.Dense).Groups = 121
	if err := s.Save(path, notes); err != nil {
		t.Fatal(err)
	}
	if _, err := smt.Fit(t.Context(), src, cfg, smt.Checkpoint(path)); err == nil || !strings.Contains(err.Error(), "more images than there are, 121, not 120") {
		t.Errorf("error %v", err)
	}
}

// A checkpoint that cannot be written costs the fit nothing but a warning.
func TestCheckpointCannotBeWritten(t *testing.T) {
	if testing.Short() {
		t.Skip("half a minute or more on the generic tier")
	}
	everyOccasion(t)
	src, cfg := colour(2*cooccur.BatchGroups), small()
	cfg.Flips, cfg.Atoms, cfg.MaxCosine = false, 600, 0.99 // so many that solving can be cancelled
	want, err := smt.Fit(t.Context(), src, cfg)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "none", "part")
	var warnings []error
	warn := smt.Warn(func(err error) { warnings = append(warnings, err) })
	m, err := smt.Fit(t.Context(), src, cfg, smt.Checkpoint(path), warn)
	if err != nil {
		t.Fatal(err)
	}
	if len(warnings) != 1 || !errors.Is(warnings[0], fs.ErrNotExist) || !strings.Contains(warnings[0].Error(), "goes on") {
		t.Errorf("warnings are %v, want one", warnings)
	}
	if !bytes.Equal(saved(t, m), saved(t, want)) {
		t.Error("the model is another one")
	}
	_, err = cancelled(t, src, cfg, "solving", 0, smt.Checkpoint(path))
	if !errors.Is(err, context.Canceled) || !errors.Is(err, fs.ErrNotExist) || strings.Contains(err.Error(), "kept") {
		t.Errorf("cancelled, the fit says %v; want that nothing could be written", err)
	}
}

// What cannot be saved is refused before the work, whether it is used or not.
func TestConfigOfNoNumbers(t *testing.T) {
	for want, set := range map[string]func(*smt.Config, float64){
		"epsilon":    func(c *smt.Config, x float64) { c.Whiten, c.Epsilon = false, x },
		"max_cosine": func(c *smt.Config, x float64) { c.Dictionary, c.MaxCosine = smt.KMeans, x },
		"threshold":  func(c *smt.Config, x float64) { c.Code, c.Threshold = "nearest", x },
		"ridge":      func(c *smt.Config, x float64) { c.Ridge = x },
	} {
		for _, x := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
			c := small()
			set(&c, x)
			if err := c.Validate(); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s is %v: error %v", want, x, err)
			}
		}
	}
}
