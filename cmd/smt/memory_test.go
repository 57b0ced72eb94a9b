package main

import (
	"strings"
	"testing"

	"github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/dataset"
)

func TestEnough(t *testing.T) {
	cfg, err := smt.Preset("cifar")
	if err != nil {
		t.Fatal(err)
	}
	shape := dataset.Shape{Height: 32, Width: 32, Channels: 3}
	cfg.Atoms, cfg.Step = 65536, 2
	if err := enough(cfg, shape, 50_000, 20<<30); err != nil {
		t.Errorf("65,536 atoms in 20 GiB: %v", err)
	}
	if err := enough(cfg, shape, 50_000, 0); err != nil {
		t.Errorf("of unknown memory: %v", err)
	}
	cfg.Flips = false // statistics are not packed then
	err = enough(cfg, shape, 50_000, 20<<30)
	if err == nil || !strings.Contains(err.Error(), "65,536 atoms takes about") || !strings.Contains(err.Error(), "20.00 GiB are available") {
		t.Fatalf("without flips: error %v", err)
	}
	// What it says would fit does, and not much more.
	_, text, _ := strings.Cut(err.Error(), "--atoms ")
	atoms := 0
	for _, c := range text[:strings.Index(text, " ")] {
		atoms = 10*atoms + int(c-'0')
	}
	cfg.Atoms = atoms
	if err := enough(cfg, shape, 50_000, 20<<30); err != nil || atoms < 20_000 {
		t.Errorf("%d atoms: error %v", atoms, err)
	}
	if cfg.Atoms += 256; enough(cfg, shape, 50_000, 20<<30) == nil {
		t.Errorf("%d atoms would fit as well", cfg.Atoms)
	}
}
