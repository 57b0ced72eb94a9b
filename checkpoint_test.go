package smt_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	smt "github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/cooccur"
	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/internal/pace"
)

// everyOccasion has checkpoints written whenever they could be, until the test ends.
func everyOccasion(t *testing.T) {
	was := pace.Least
	t.Cleanup(func() { pace.Least = was })
	pace.Least = 0
}

// run is a fit that is watched: where it began to count, and the stages it came to.
type run struct {
	first  int // images that were counted when it began to
	stages []string
	at     func(stage string, done, total int) // told of all
}

func (r *run) fit(ctx context.Context, src dataset.Source, cfg smt.Config, options ...smt.Option) (*smt.Model, error) {
	r.first = -1
	return smt.Fit(ctx, src, cfg, append(options, smt.Progress(func(stage string, done, total int) {
		if len(r.stages) == 0 || r.stages[len(r.stages)-1] != stage {
			r.stages = append(r.stages, stage)
		}
		if stage == "statistics" && r.first < 0 {
			r.first = done
		}
		if r.at != nil {
			r.at(stage, done, total)
		}
	}))...)
}

// cancelled is a fit that is cancelled when a stage has come so far.
func cancelled(t *testing.T, src dataset.Source, cfg smt.Config, stage string, from int, options ...smt.Option) (*smt.Model, error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	r := run{at: func(s string, done, _ int) {
		if s == stage && done >= from {
			cancel()
		}
	}}
	m, err := r.fit(ctx, src, cfg, options...)
	if ctx.Err() == nil {
		t.Fatalf("the fit did not come to %s, %d: %v", stage, from, err)
	}
	return m, err
}

// checkpointed is the path of a checkpoint of all of src, and the model.
func checkpointed(t *testing.T, src dataset.Source, cfg smt.Config) (string, *smt.Model) {
	t.Helper()
	everyOccasion(t)
	path := filepath.Join(t.TempDir(), "part")
	m, err := smt.Fit(t.Context(), src, cfg, smt.Checkpoint(path))
	if err != nil {
		t.Fatal(err)
	}
	return path, m
}

// Whatever is counted, a fit that is cancelled goes on where it stopped.
func TestCheckpoint(t *testing.T) {
	for name, cfg := range variants() {
		src := colour(2*cooccur.BatchGroups + 10)
		if cfg.Images > 0 {
			cfg.Images = src.n - 5
		}
		want, err := smt.Fit(t.Context(), src, cfg)
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(t.TempDir(), "part")
		_, err = cancelled(t, src, cfg, "statistics", cooccur.BatchGroups, smt.Checkpoint(path))
		if !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), path) {
			t.Fatalf("%s: cancelled fit returned %v", name, err)
		}
		var r run
		m, err := r.fit(t.Context(), src, cfg, smt.Checkpoint(path))
		if err != nil {
			t.Fatal(err)
		}
		if r.first < cooccur.BatchGroups {
			t.Errorf("%s: counting began at image %d", name, r.first)
		}
		if !bytes.Equal(saved(t, m), saved(t, want)) {
			t.Errorf("%s: the resumed fit gave another model", name)
		}
	}
}

// The checkpoint outlives Fit, whose caller may fail to save the model: the next fit goes
// straight to solving, as one with other choices of what is done with the statistics does.
func TestCheckpointStays(t *testing.T) {
	src, cfg := colour(120), small()
	path, want := checkpointed(t, src, cfg)
	var r run
	m, err := r.fit(t.Context(), src, cfg, smt.Checkpoint(path))
	if err != nil || r.first != src.n {
		t.Fatalf("counting began at image %d of %d: %v", r.first, src.n, err)
	}
	if !bytes.Equal(saved(t, m), saved(t, want)) {
		t.Error("the model solved again is another one")
	}
	cfg.Dims, cfg.Skip, cfg.Ridge, cfg.Pool, cfg.Stride, cfg.Spectrum = 10, 0, 1e-4, 4, 3, 5
	if want, err = smt.Fit(t.Context(), src, cfg); err != nil {
		t.Fatal(err)
	}
	if m, err = r.fit(t.Context(), src, cfg, smt.Checkpoint(path)); err != nil || r.first != src.n {
		t.Fatalf("counting began at image %d of %d: %v", r.first, src.n, err)
	}
	if !bytes.Equal(saved(t, m), saved(t, want)) {
		t.Error("the checkpoint led to another model than counting does")
	}
}

// Cancelled while it solves a fit keeps all that is counted; once it has solved
// nothing stops it.
func TestCancelledWhileSolving(t *testing.T) {
	src, cfg := colour(120), small()
	cfg.Flips, cfg.Atoms, cfg.MaxCosine = false, 600, 0.99 // so many that the solver takes steps
	path := filepath.Join(t.TempDir(), "part")
	_, err := cancelled(t, src, cfg, "solving", 0, smt.Checkpoint(path))
	if !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), path) {
		t.Fatalf("cancelled fit returned %v", err)
	}
	var r run
	want, err := r.fit(t.Context(), src, cfg, smt.Checkpoint(path))
	if err != nil || r.first != src.n {
		t.Fatalf("counting began at image %d of %d: %v", r.first, src.n, err)
	}
	m, err := cancelled(t, src, cfg, "solving", 1)
	if err != nil {
		t.Fatalf("cancelled after solving: %v", err)
	}
	if !bytes.Equal(saved(t, m), saved(t, want)) {
		t.Error("the model is another one")
	}
}

// failing is a source whose image `bad` cannot be read after it was `fine` times.
type failing struct {
	textures
	bad  int
	fine *int
}

var errDisk = errors.New("the disk is gone")

func (f failing) Image(i int, pix []uint8) error {
	if i == f.bad {
		if *f.fine == 0 {
			pace.Least = 0 // as if hours had passed
			return fmt.Errorf("image %d: %w", i, errDisk)
		}
		*f.fine--
	}
	return f.textures.Image(i, pix)
}

// An image that cannot be read is found before any work, though nothing is counted of it.
func TestBadImageIsFoundFirst(t *testing.T) {
	everyOccasion(t)
	cfg := small()
	cfg.Images, cfg.Sample = 10, 10
	src := colour(120)
	for bad := range src.n {
		var r run
		_, err := r.fit(t.Context(), failing{src, bad, new(int)}, cfg)
		if !errors.Is(err, errDisk) {
			t.Fatalf("image %d cannot be read: error %v", bad, err)
		}
		if len(r.stages) != 1 || r.stages[0] != "reading images" {
			t.Fatalf("image %d was found to be bad after the stages %q", bad, r.stages)
		}
	}
}

// What was counted is kept when a fit fails, and not only when it is cancelled.
func TestCheckpointOfFitThatFails(t *testing.T) {
	everyOccasion(t)
	pace.Least = time.Hour
	cfg := small()
	cfg.Whiten, cfg.Center, cfg.Dims, cfg.Threshold, cfg.MaxCosine = false, "patch", 6, 0.6, 0.95
	src := colour(cooccur.BatchGroups + 10)
	path := filepath.Join(t.TempDir(), "part")
	fine := 1 // for the fingerprint; the sample has other images
	_, err := smt.Fit(t.Context(), failing{src, src.n - 1, &fine}, cfg, smt.Checkpoint(path))
	if !errors.Is(err, errDisk) || !strings.Contains(err.Error(), path) {
		t.Fatalf("error %v", err)
	}
	var r run
	if _, err := r.fit(t.Context(), src, cfg, smt.Checkpoint(path)); err != nil || r.first < cooccur.BatchGroups {
		t.Errorf("counting began at image %d: %v", r.first, err)
	}
}

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
	if _, err := smt.Fit(t.Context(), src, cfg, smt.Checkpoint(path)); err == nil || !strings.Contains(err.Error(), "121 images, more than the 120") {
		t.Errorf("error %v", err)
	}
}

// A checkpoint that cannot be written costs the fit nothing but a warning.
func TestCheckpointCannotBeWritten(t *testing.T) {
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
