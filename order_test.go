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
	collect := func(s cooccur.Statistics, which []int) {
		if _, err := e.collect(ctx, dataset.Pick(set.Train, which), 0, s, options{}); err != nil {
			t.Fatal(err)
		}
	}
	model := func(s cooccur.Statistics) []byte {
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
		s, err := cooccur.NewPacked(e.origin(), e.dict.Mirror)
		if err != nil {
			t.Fatal(err)
		}
		collect(s, which)
		return s
	}
	dense := func(which []int) cooccur.Statistics {
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

// Shards of every kind of statistics, collected apart, saved, read back and added in any
// order, make the model that one fit makes, byte for byte.
func TestModelOfShardsInFiles(t *testing.T) {
	defer func(atoms int) { packedAtoms = atoms }(packedAtoms)
	const images = 90
	src := digitImages(t, images)
	for name, change := range kinds() {
		cfg := digitConfig()
		change(&cfg)
		if packedAtoms = 16384; name == "packed" {
			packedAtoms = 1
		}
		want, err := Fit(t.Context(), src, cfg)
		if err != nil {
			t.Fatal(err)
		}
		e, err := NewEncoder(t.Context(), src, cfg)
		if err != nil {
			t.Fatal(err)
		}
		var paths []string
		for i, cut := range []int{0, 17, 18, 60} {
			s, err := e.Collect(t.Context(), dataset.Slice(src, cut, []int{17, 18, 60, images}[i]))
			if err != nil {
				t.Fatal(err)
			}
			if _, packed := s.(*cooccur.Packed); packed != (name == "packed") {
				t.Fatalf("%s: collected %T", name, s)
			}
			paths = append(paths, filepath.Join(t.TempDir(), "shard"))
			if err := s.Save(paths[i], nil); err != nil {
				t.Fatal(err)
			}
		}
		for seed := range uint64(3) {
			rng := rand.New(rand.NewPCG(seed, 7))
			rng.Shuffle(len(paths), func(i, j int) { paths[i], paths[j] = paths[j], paths[i] })
			sum, err := e.Statistics()
			if err != nil {
				t.Fatal(err)
			}
			for _, path := range paths {
				s, _, err := cooccur.Load(path)
				if err != nil {
					t.Fatal(err)
				}
				if err := sum.Add(s); err != nil {
					t.Fatal(err)
				}
			}
			got, err := e.Solve(t.Context(), sum)
			if err != nil {
				t.Fatal(err)
			}
			got.data = want.data // of which Fit knows more
			if !bytes.Equal(fileOf(t, got), fileOf(t, want)) {
				t.Errorf("%s, seed %d: shards make another model", name, seed)
			}
		}
	}
}

// fileOf is the file of a model.
func fileOf(t testing.TB, m *Model) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := m.SaveTo(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
