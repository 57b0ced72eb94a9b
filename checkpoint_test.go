package smt_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
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
	if testing.Short() {
		t.Skip("half a minute or more on the generic tier")
	}
	for name, cfg := range variants() {
		src := colour(2*cooccur.BatchGroups + 10)
		if cfg.Images > 0 {
			cfg.Images = src.N - 5
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
	if err != nil || r.first != src.N {
		t.Fatalf("counting began at image %d of %d: %v", r.first, src.N, err)
	}
	if !bytes.Equal(saved(t, m), saved(t, want)) {
		t.Error("the model solved again is another one")
	}
	cfg.Dims, cfg.Skip, cfg.Ridge, cfg.Pool, cfg.Stride, cfg.Thin, cfg.Spectrum = 10, 0, 1e-4, 4, 3, 2, 5
	if want, err = smt.Fit(t.Context(), src, cfg); err != nil {
		t.Fatal(err)
	}
	if m, err = r.fit(t.Context(), src, cfg, smt.Checkpoint(path)); err != nil || r.first != src.N {
		t.Fatalf("counting began at image %d of %d: %v", r.first, src.N, err)
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
	if err != nil || r.first != src.N {
		t.Fatalf("counting began at image %d of %d: %v", r.first, src.N, err)
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
	for bad := range src.N {
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
	_, err := smt.Fit(t.Context(), failing{src, src.N - 1, &fine}, cfg, smt.Checkpoint(path))
	if !errors.Is(err, errDisk) || !strings.Contains(err.Error(), path) {
		t.Fatalf("error %v", err)
	}
	var r run
	if _, err := r.fit(t.Context(), src, cfg, smt.Checkpoint(path)); err != nil || r.first < cooccur.BatchGroups {
		t.Errorf("counting began at image %d: %v", r.first, err)
	}
}
