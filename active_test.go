package smt_test

import (
	"context"
	"errors"
	"testing"

	smt "github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/estimate"
	"github.com/sparse-manifold/smt/explain"
)

// How many atoms a patch has is told before anything is counted, and may end the fit. It is
// that of the codes, and where atoms are alike more is taken than was guessed.
func TestActive(t *testing.T) {
	cfg, err := smt.Preset("cifar")
	if err != nil {
		t.Fatal(err)
	}
	cfg.Atoms, cfg.Dims, cfg.Skip, cfg.MaxCosine, cfg.Ridge = 256, 8, 0, 0.95, 1e-3
	src := blobs{ofSize(6, dataset.Shape{Height: 37, Width: 37, Channels: 1}, 1)} // 32 × 32 patches, all of which are looked at
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
	images := estimate.Of(blobs{ofSize(6, dataset.Shape{Height: 256, Width: 256, Channels: 1}, 1)})
	if guess, known := estimate.Fit(cfg, images), estimate.Counting(cfg, images, told[0]); known <= guess {
		t.Errorf("estimated %d bytes, want more than the guess of %d", known, guess)
	}
}
