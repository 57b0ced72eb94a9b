package smt

import (
	"bytes"
	"context"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/sparse-manifold/smt/cooccur"
	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/dataset/digits"
	"github.com/sparse-manifold/smt/patch"
)

// Shards in any order, of images in any order, make the model that the whole makes,
// byte for byte, of either kind of statistics.
func TestModelOfShardsInAnyOrder(t *testing.T) {
	set, err := digits.Open()
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	cfg := config()
	cfg.Patch, cfg.Atoms, cfg.Dims, cfg.Skip, cfg.Sample, cfg.Ridge = 5, 60, 10, 2, 30, 1e-6
	cfg.MaxCosine, cfg.Threshold, cfg.Center, cfg.Step = 0.9, 0.6, patch.CenterPatch, 2
	e, err := NewEncoder(ctx, set.Train, cfg)
	if err != nil {
		t.Fatal(err)
	}
	const images = 120
	collect := func(s statistics, which []int) {
		if _, err := e.collect(ctx, dataset.Pick(set.Train, which), 0, s, options{}); err != nil {
			t.Fatal(err)
		}
	}
	model := func(s statistics) []byte {
		m, err := e.solve(ctx, s, options{})
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
		return b
	}
	packed := func(which []int) *cooccur.Packed {
		s, err := cooccur.NewPacked(e.dict.Mirror, e.rows, e.cols)
		if err != nil {
			t.Fatal(err)
		}
		s.Encoder = e.identity
		collect(s, which)
		return s
	}
	dense := func(which []int) *cooccur.Statistics {
		s, err := e.Statistics()
		if err != nil {
			t.Fatal(err)
		}
		collect(s, which)
		return s
	}
	var order []int
	for i := range images {
		order = append(order, i)
	}
	wantPacked, wantDense := model(packed(order)), model(dense(order))
	for seed := range uint64(4) {
		rng := rand.New(rand.NewPCG(seed, 2))
		rng.Shuffle(images, func(i, j int) { order[i], order[j] = order[j], order[i] })
		cut := rng.IntN(images + 1)
		p, d := packed(order[cut:]), dense(order[cut:])
		if err := p.Add(packed(order[:cut])); err != nil {
			t.Fatal(err)
		}
		if err := d.Add(dense(order[:cut])); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(model(p), wantPacked) {
			t.Errorf("seed %d: packed statistics of %d and %d images lead to another model", seed, images-cut, cut)
		}
		if !bytes.Equal(model(d), wantDense) {
			t.Errorf("seed %d: statistics of %d and %d images lead to another model", seed, images-cut, cut)
		}
	}
}
