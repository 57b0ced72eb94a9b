package cooccur

import (
	"bytes"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/sparse-manifold/smt/internal/linalg"
	"github.com/sparse-manifold/smt/internal/simd"
	"github.com/sparse-manifold/smt/sparse"
)

// anyTree adds the images up in an order, in batches and along a tree that are drawn.
func anyTree[S Statistics](t *rapid.T, images []*sparse.Codes, empty func() S) S {
	images = rapid.Permutation(images).Draw(t, "order")
	var parts []S
	for len(images) > 0 || len(parts) == 0 {
		s := empty()
		n := rapid.IntRange(0, len(images)).Draw(t, "images of a part")
		for part := images[:n]; len(part) > 0; {
			k := rapid.IntRange(1, len(part)).Draw(t, "images of a batch")
			if err := accumulate(s, part[:k]); err != nil {
				t.Fatal(err)
			}
			part = part[k:]
		}
		parts, images = append(parts, s), images[n:]
	}
	for len(parts) > 1 {
		i := rapid.IntRange(0, len(parts)-2).Draw(t, "part added to")
		j := rapid.IntRange(i+1, len(parts)-1).Draw(t, "part added")
		if rapid.Bool().Draw(t, "the other way round") {
			parts[i], parts[j] = parts[j], parts[i]
		}
		if err := parts[i].Add(parts[j]); err != nil {
			t.Fatal(err)
		}
		parts = slices.Delete(parts, j, j+1)
	}
	return parts[0]
}

// saved is the file of s.
func saved(t *rapid.T, dir string, s interface {
	Save(path string, notes map[string]string) error
}) []byte {
	path := filepath.Join(dir, "statistics")
	if err := s.Save(path, nil); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// products are all numbers that the solver is given of packed statistics.
func products(s *Packed, mirror []uint16) (all []float32) {
	for _, b := range Bases(s.Atoms, mirror) {
		rng := rand.New(rand.NewPCG(5, uint64(b.Size())))
		x, y, form := linalg.NewBundle(b.Size()), linalg.NewBundle(b.Size()), linalg.New(3, b.Size())
		for v := range simd.Bundle {
			row := make([]float32, b.Size())
			for i := range row {
				row[i] = float32(rng.NormFloat64())
			}
			x.Set(v, row)
			copy(form.Row(v%3), row)
		}
		s.between(b)(x, y)
		all = slices.Concat(all, y.Data, s.betweenForm(b, form).Data, s.v(b).Data)
	}
	return all
}

// Images in any order, in any batches, added along any tree, saved and read between
// or not: the same products, to the last bit, and the same file, byte for byte.
func TestPackedInAnyOrder(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(t *rapid.T) { packedInAnyOrder(t, dir) })
}

func packedInAnyOrder(t *rapid.T, dir string) {
	mirror := flips(rapid.IntRange(0, 2).Draw(t, "blocks"), rapid.IntRange(0, 3).Draw(t, "pairs"), rapid.IntRange(1, 2).Draw(t, "alone"))
	rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
	images := randomImages(rng, rapid.IntRange(1, 70).Draw(t, "images"), 12, len(mirror))
	images = append(images, images[:rapid.IntRange(0, len(images)).Draw(t, "images that come twice")]...)
	empty := func() *Packed {
		s, err := packed(mirror, 3, 4)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	whole := empty()
	if err := accumulate(whole, images); err != nil {
		t.Fatal(err)
	}
	want, file := products(whole, mirror), saved(t, dir, whole)
	got := anyTree(t, images, empty)
	if !bytes.Equal(saved(t, dir, got), file) {
		t.Fatal("the file depends on the order")
	}
	if rapid.Bool().Draw(t, "read from the file") {
		s, _, err := Load(filepath.Join(dir, "statistics"))
		if err != nil {
			t.Fatal(err)
		}
		got = s.(*Packed)
	}
	if !slices.Equal(products(got, mirror), want) {
		t.Fatal("products depend on the order")
	}
	if got.Groups != int64(len(images)) || got.Coded != whole.Coded {
		t.Fatalf("%d images, %d coded patches, want %d and %d", got.Groups, got.Coded, len(images), whole.Coded)
	}
	checkBetween(t, got, images, mirror)
}

// checkBetween compares products with the definition in float64.
func checkBetween(t *rapid.T, s *Packed, images []*sparse.Codes, mirror []uint16) {
	_, between := packedOracle(images, mirror)
	for _, b := range Bases(len(mirror), mirror) {
		if b.Size() == 0 {
			continue
		}
		x, y, row := linalg.NewBundle(b.Size()), linalg.NewBundle(b.Size()), make([]float32, b.Size())
		row[0] = 1
		x.Set(0, row)
		s.between(b)(x, y)
		y.Get(0, row)
		for j, v := range row {
			if want := bilinear(between, column(&b, 0, len(mirror)), column(&b, j, len(mirror))); math.Abs(float64(v)-want) > 1e-5 && s.Coded > 0 {
				t.Fatalf("parity %d: B[0,%d] is %g, want %g", b.Parity, j, v, want)
			}
		}
	}
}

// The same of sums of integers, for every context.
func TestStatisticsInAnyOrder(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		context := rapid.SampledFrom([]Context{
			{Kind: Whole, Difference: 1}, {Kind: Whole, Difference: 2},
			{Kind: Window, Radius: 1, Difference: 1}, {Kind: Window, Radius: 2, Difference: 2},
		}).Draw(t, "context")
		const atoms = 19
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		images := randomImages(rng, rapid.IntRange(1, 25).Draw(t, "images"), 12, atoms)
		unit := 1
		if rapid.Bool().Draw(t, "soft") {
			unit = sparse.SoftUnit
			for _, c := range images {
				for range c.Atom {
					c.Value = append(c.Value, uint16(1+rng.IntN(unit)))
				}
			}
		}
		empty := func() *Dense {
			s, err := dense(context, atoms, unit, 3, 4)
			if err != nil {
				t.Fatal(err)
			}
			return s
		}
		whole := empty()
		if err := accumulate(whole, images); err != nil {
			t.Fatal(err)
		}
		file := saved(t, dir, whole)
		if !bytes.Equal(saved(t, dir, anyTree(t, images, empty)), file) {
			t.Fatal("the file depends on the order")
		}
	})
}
