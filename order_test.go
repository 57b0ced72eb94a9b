package smt

import (
	"bytes"
	"math/rand/v2"
	"path/filepath"
	"testing"

	"github.com/sparse-manifold/smt/cooccur"
	"github.com/sparse-manifold/smt/dataset"
)

// Shards in any order, of images in any order, make the model that the whole makes,
// byte for byte, of either kind of statistics.
func TestModelOfShardsInAnyOrder(t *testing.T) {
	defer func(atoms int) { packedAtoms = atoms }(packedAtoms)
	const images = 120
	src := digitImages(t, images)
	cfg := digitConfig()
	cfg.Atoms, cfg.Skip, cfg.Step = 60, 2, 2
	for kind, most := range map[string]int{"packed": 1, "dense": cfg.Atoms} {
		packedAtoms = most
		e, err := NewEncoder(t.Context(), src, cfg)
		if err != nil {
			t.Fatal(err)
		}
		collect := func(which []int) cooccur.Statistics {
			s, err := e.Collect(t.Context(), dataset.Pick(src, which))
			if err != nil {
				t.Fatal(err)
			}
			return s
		}
		model := func(s cooccur.Statistics) []byte {
			m, err := e.Solve(t.Context(), s)
			if err != nil {
				t.Fatal(err)
			}
			return fileOf(t, m)
		}
		var order []int
		for i := range images {
			order = append(order, i)
		}
		want := model(collect(order))
		for seed := range uint64(4) {
			rng := rand.New(rand.NewPCG(seed, 2))
			rng.Shuffle(images, func(i, j int) { order[i], order[j] = order[j], order[i] })
			cut := rng.IntN(images + 1)
			s := collect(order[cut:])
			if err := s.Add(collect(order[:cut])); err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(model(s), want) {
				t.Errorf("seed %d: %s statistics of %d and %d images lead to another model", seed, kind, images-cut, cut)
			}
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
			sum, err := e.engine.Statistics()
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
