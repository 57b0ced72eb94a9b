package smt_test

import (
	"bytes"
	"context"
	"errors"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	smt "github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/embedding"
)

// By all patches a model that is thin embeds images as one that is not: without components it is that model,
// to the last byte.
func TestWhole(t *testing.T) {
	src := colour(3)
	for _, name := range []string{"half the patches", "a quarter, cells", "a quarter of the patches"} {
		thin := fitted(t, variants()[name])
		cfg := thin.Config()
		cfg.Thin = 0
		whole := fitted(t, cfg)
		if !bytes.Equal(saved(t, thin.Long().Whole()), saved(t, whole.Long())) {
			t.Errorf("%s: by all patches it is another model", name)
		}
		x, err := thin.Embed(picture(t, src, 1, false))
		if err != nil {
			t.Fatal(err)
		}
		y, err := thin.Whole().Embed(picture(t, src, 1, false))
		if err != nil {
			t.Fatal(err)
		}
		if slices.Equal(x, y) || len(x) != len(y) {
			t.Errorf("%s: %d values of some patches, %d of all", name, len(x), len(y))
		}
		e, err := smt.NewEnsemble(smt.Member{Model: thin, Weight: 1})
		if err != nil {
			t.Fatal(err)
		}
		if c := e.Whole().Members()[0].Model.Config(); c.Thin > 1 || thin.Config().Thin < 2 {
			t.Errorf("%s: an ensemble of all patches has thin %d", name, c.Thin)
		}
	}
}

// shortened are the variants that have components.
var shortened = []string{"components", "components of cells", "components, no flips"}

// A short embedding is A(x − μ), of unit length, of the long one x in the basis of even and odd
// values, in float64; and Embed, EmbedAll and Embeddings give the same one.
func TestShortEmbeddings(t *testing.T) {
	src := colour(5)
	for _, name := range shortened {
		m := fitted(t, variants()[name])
		s, long := m.Stages(), m.Long()
		if long.Stages().Components != nil || m.Dim(src.Shape()) != s.Components.Dim() || long.Dim(src.Shape()) != m.Config().Dim(src.Shape()) {
			t.Fatalf("%s: %d values, and long %d", name, m.Dim(src.Shape()), long.Dim(src.Shape()))
		}
		set, err := m.Embeddings(src)
		if err != nil {
			t.Fatal(err)
		}
		var all []float32
		for block, err := range set.Blocks(t.Context(), 2) {
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, block...)
		}
		i, n := 0, m.Dim(src.Shape())
		for e, err := range m.EmbedAll(t.Context(), src) {
			if err != nil {
				t.Fatal(err)
			}
			one, err := m.Embed(picture(t, src, i, false))
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(e, one) || !slices.Equal(e, all[i*n:(i+1)*n]) {
				t.Fatalf("%s: image %d has several embeddings", name, i)
			}
			x, err := long.Embed(picture(t, src, i, false))
			if err != nil {
				t.Fatal(err)
			}
			if s.Layout.Parity != nil {
				turned := make([]float32, len(x))
				rows, cols := s.Transform.Grid(src.Shape())
				s.Layout.EvenOdd(x, rows, cols, turned)
				x = turned
			}
			centred := float64s(x)
			scale(centred)
			for j, v := range s.Components.Mean() {
				centred[j] -= float64(v)
			}
			var want []float64
			for _, p := range s.Components.Parts() {
				for k := range p.Variances {
					y := 0.0
					for j, v := range centred[p.From:p.To] {
						y += v * float64(p.Rows[k*(p.To-p.From)+j])
					}
					want = append(want, y)
				}
			}
			scale(want)
			for j, v := range want {
				if math.Abs(v-float64(e[j])) > 1e-5 {
					t.Fatalf("%s: value %d of image %d is %g, want %g", name, j, i, e[j], v)
				}
			}
			i++
		}
	}
}

// The embedding of a flipped image is the flip of its embedding, short or long.
func TestFlip(t *testing.T) {
	src := colour(3)
	for _, name := range []string{"photographs", "spectrum", "components", "components of cells"} {
		m := fitted(t, variants()[name])
		x, err := m.Embed(picture(t, src, 2, false))
		if err != nil {
			t.Fatal(err)
		}
		want, err := m.Embed(picture(t, src, 2, true))
		if err != nil {
			t.Fatal(err)
		}
		got := make([]float32, len(x))
		m.Flip(src.Shape(), x, got)
		for i, v := range got {
			if math.Abs(float64(v-want[i])) > 1e-3 {
				t.Fatalf("%s: value %d of the flip is %g, want %g", name, i, v, want[i])
			}
		}
	}
}

// Without its components a model is the one that is fitted without, byte for byte, and given
// them again it is itself.
func TestLong(t *testing.T) {
	for _, name := range shortened {
		cfg := variants()[name]
		m := fitted(t, cfg)
		again, err := m.Long().Shorten(t.Context(), colour(120), cfg.Components, cfg.Power)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(saved(t, again), saved(t, m)) {
			t.Errorf("%s: learned again, the components make another model", name)
		}
		cfg.Components, cfg.Power = 0, 0
		file := saved(t, m.Long())
		if !bytes.Equal(file, saved(t, fitted(t, cfg))) {
			t.Errorf("%s: without components it is another model", name)
		}
		if !bytes.Contains(file, []byte(`{\"version\":1,`)) || !bytes.Contains(saved(t, m), []byte(`{\"version\":2,`)) {
			t.Errorf("%s: files are not of versions 1 and 2", name)
		}
	}
}

// There are no more components than images, and images of other cells have none.
func TestComponentsOfFewImages(t *testing.T) {
	cfg := variants()["components"]
	cfg.Components = 1000
	m, err := smt.Fit(t.Context(), colour(25), cfg)
	if err != nil {
		t.Fatal(err)
	}
	if n := m.Dim(colour(1).Shape()); n < 10 || n > 25 || m.Config().Components != 1000 {
		t.Errorf("%d components of 25 images", n)
	}
	for _, s := range []dataset.Shape{{Height: 40, Width: 31, Channels: 3}, {Height: 6, Width: 6, Channels: 3}} {
		err := m.Check(s)
		if small := s.Height == 6; small != (err != nil) || small && !strings.Contains(err.Error(), "components 0") {
			t.Errorf("%v: error %v", s, err)
		}
	}
	cells := fitted(t, variants()["components of cells"])
	if err := cells.Check(dataset.Shape{Height: 40, Width: 31, Channels: 3}); err == nil {
		t.Error("components of cells were taken for those of an image of more")
	}
}

// Cancelled while it learns components a fit has kept its statistics, and goes on to the same model.
func TestCancelledInComponents(t *testing.T) {
	everyOccasion(t)
	src, cfg := colour(120), variants()["components"]
	want := saved(t, fitted(t, cfg))
	path := filepath.Join(t.TempDir(), "part")
	_, err := cancelled(t, src, cfg, "components", 0, smt.Checkpoint(path))
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("cancelled fit returned %v", err)
	}
	var r run
	m, err := r.fit(t.Context(), src, cfg, smt.Checkpoint(path))
	if err != nil || r.first != src.Len() {
		t.Fatalf("counting began at image %d of %d: %v", r.first, src.Len(), err)
	}
	if !bytes.Equal(saved(t, m), want) {
		t.Error("the model is another one")
	}
}

// What is learned of long embeddings that were kept is what Fit learns and stores, to the last bit: the
// components of four images each, chosen by a hash.
func TestLearnComponents(t *testing.T) {
	src := colour(40)
	for _, name := range shortened {
		cfg := variants()[name]
		cfg.Components = 6 // of 24 of the images
		m, err := smt.Fit(t.Context(), src, cfg)
		if err != nil {
			t.Fatal(name, err)
		}
		long, err := m.Long().Embeddings(src)
		if err != nil {
			t.Fatal(err)
		}
		c, err := cfg.LearnComponents(t.Context(), long)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := c.Digest(), m.Stages().Components.Digest(); got != want {
			t.Errorf("%s: components %s, want those of the fit, %s", name, got, want)
		}
		_, sample := dataset.Holdout(src, 24, cfg.Seed+2)
		of, err := m.Long().Embeddings(sample)
		if err != nil {
			t.Fatal(err)
		}
		want, err := embedding.NewComponents(t.Context(), of, 6, cfg.Power, 5)
		if err != nil {
			t.Fatal(err)
		}
		if c.Digest() != want.Digest() {
			t.Errorf("%s: the components are not those of the 24 images that a hash chooses", name)
		}
		cfg.Components, cfg.Power = 0, 0
		if _, err := cfg.LearnComponents(t.Context(), long); err == nil || !strings.Contains(err.Error(), "0 components") {
			t.Errorf("%s: without components, error %v", name, err)
		}
	}
}
