package smt_test

import (
	"context"
	"errors"
	"testing"

	smt "github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/estimate"
	"github.com/sparse-manifold/smt/explain"
	"github.com/sparse-manifold/smt/internal/smttest"
)

// How many atoms a patch has is told before anything is counted, and may end the fit. It is
// that of the codes, and where atoms are alike more is taken than was guessed.
func TestActive(t *testing.T) {
	cfg, err := smt.Preset("cifar")
	if err != nil {
		t.Fatal(err)
	}
	cfg.Atoms, cfg.Dims, cfg.Skip, cfg.MaxCosine, cfg.Ridge = 256, 8, 0, 0.95, 1e-3
	src := smttest.Blobs{Textures: ofSize(6, dataset.Shape{Height: 37, Width: 37, Channels: 1}, 1)} // 32 × 32 patches, all of which are looked at
	refused := errors.New("too much")
	var told []float64
	counted := false
	_, err = smt.Fit(context.Background(), src, cfg, smt.Progress(func(stage string, _, _ int) { counted = counted || stage == "statistics" }),
		smt.Active(func(perPatch float64) error { told = append(told, perPatch); return refused }))
	if !errors.Is(err, refused) || counted || len(told) != 1 {
		t.Fatalf("error %v, counted: %v, told %v; want %v before anything is counted, told once", err, counted, told, refused)
	}
	m, err := smt.Fit(context.Background(), src, cfg, smt.Active(func(float64) error { return nil }))
	if err != nil {
		t.Fatal(err)
	}
	atoms, patches := 0, 0
	for i := range src.Len() {
		r, err := explain.Read(m, src, i, false)
		if err != nil {
			t.Fatal(err)
		}
		atoms += len(r.Codes.Atom)
		patches += r.Codes.N()
	}
	if want := float64(atoms) / float64(patches); told[0] != want {
		t.Errorf("told that %g atoms are active in a patch, want %g", told[0], want)
	}
	images := estimate.Of(smttest.Blobs{Textures: ofSize(6, dataset.Shape{Height: 256, Width: 256, Channels: 1}, 1)})
	if guess, known := estimate.Fit(cfg, images), estimate.Counting(cfg, images, told[0]); known <= guess {
		t.Errorf("estimated %d bytes, want more than the guess of %d", known, guess)
	}
}

// Some crops of the images tell beforehand how many atoms will be active, within a third: of smooth images and
// of textures, whitened or not, of many images and of one large one.
func TestSampledShare(t *testing.T) {
	small, large := dataset.Shape{Height: 40, Width: 40, Channels: 1}, dataset.Shape{Height: 300, Width: 300, Channels: 1}
	for name, c := range map[string]struct {
		src       dataset.Source
		whiten    bool
		threshold float64
		apart     float64
	}{
		"blobs":            {smttest.Blobs{Textures: ofSize(100, small, 1)}, false, 0.7, 1.5},
		"blobs, whitened":  {smttest.Blobs{Textures: ofSize(100, small, 1)}, true, 0.3, 0.95},
		"textures":         {ofSize(100, small, 1), false, 0.8, 1.5},
		"textures, sparse": {ofSize(100, small, 1), true, 0.4, 1.5},
		"a large one":      {smttest.Blobs{Textures: ofSize(1, large, 2)}, true, 0.3, 0.95},
	} {
		cfg, err := smt.Preset("cifar")
		if err != nil {
			t.Fatal(err)
		}
		cfg.Atoms, cfg.MaxCosine, cfg.Threshold, cfg.Whiten, cfg.Dims, cfg.Skip = 400, c.apart, c.threshold, c.whiten, 8, 0
		images, err := estimate.Sampled(t.Context(), cfg, c.src)
		if err != nil {
			t.Fatal(err)
		}
		known := errors.New("known")
		var told float64
		if _, err := smt.Fit(t.Context(), c.src, cfg, smt.Active(func(n float64) error { told = n; return known })); !errors.Is(err, known) {
			t.Fatalf("%s: %v", name, err)
		}
		if guess := images.Share * float64(cfg.Atoms); guess < told/1.33 || guess > told*1.33 {
			t.Errorf("%s: sampled %.1f active atoms, of all images %.1f", name, guess, told)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	cfg, _ := smt.Preset("cifar")
	if _, err := estimate.Sampled(ctx, cfg, ofSize(100, small, 1)); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}
