package smt

import (
	"bytes"
	"encoding/json"
	"image"
	"slices"
	"strings"
	"testing"

	"github.com/sparse-manifold/smt/dataset"
)

// straightConfig is one of forty atoms that straightens digits.
func straightConfig() Config {
	c := digitConfig()
	c.Deskew, c.Components, c.Power = true, 12, 0.5
	return c
}

func mustFit(t testing.TB, src dataset.Source, cfg Config) *Model {
	t.Helper()
	m, err := Fit(t.Context(), src, cfg)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func written(t testing.TB, m *Model) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := m.SaveTo(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func rows(t testing.TB, m *Model, src dataset.Source) (all []float32) {
	t.Helper()
	for x, err := range m.EmbedAll(t.Context(), src) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, x...)
	}
	return all
}

// A model that straightens images is one of straightened images: the same atoms, coordinates, components and embeddings, whichever
// way it is asked.
func TestDeskewIsTheModelOfStraightenedImages(t *testing.T) {
	images, cfg := digitImages(t, 80), straightConfig()
	for _, whiten := range []bool{false, true} {
		cfg.Whiten, cfg.Epsilon = whiten, 0.01
		m := mustFit(t, images, cfg)
		plain := cfg
		plain.Deskew = false
		of := mustFit(t, dataset.Deskew(images), plain)
		of.data.Fingerprint = m.data.Fingerprint // of the images that were given
		if !bytes.Equal(written(t, m.Straight()), written(t, of)) {
			t.Errorf("whitened %v: what is behind straightening is not the model of straightened images", whiten)
		}
		want := rows(t, of, dataset.Deskew(images))
		loaded, err := load(written(t, m))
		if err != nil {
			t.Fatal(err)
		}
		for name, got := range map[string][]float32{
			"the model": rows(t, m, images), "read again": rows(t, loaded, images), "of what it sees": rows(t, m.Straight(), m.See(images)),
		} {
			if !slices.Equal(got, want) {
				t.Errorf("whitened %v, %s: other embeddings than of straightened images", whiten, name)
			}
		}
		if slices.Equal(rows(t, of, images), want) {
			t.Error("the digits are upright already: the test tells nothing")
		}
		first := make([]uint8, images.Shape().Len())
		if err := images.Image(0, first); err != nil {
			t.Fatal(err)
		}
		s := images.Shape()
		one, err := m.Embed(&image.Gray{Pix: first, Stride: s.Width, Rect: image.Rect(0, 0, s.Width, s.Height)})
		if err != nil || !slices.Equal(one, want[:len(one)]) {
			t.Errorf("Embed: error %v, or another embedding than of the straightened image", err)
		}
		set, err := m.Embeddings(images)
		if err != nil {
			t.Fatal(err)
		}
		for block, err := range set.Blocks(t.Context(), 80) {
			if err != nil || !slices.Equal(block, want) {
				t.Errorf("Embeddings: error %v, or others than of straightened images", err)
			}
		}
	}
}

// Of a model that straightens nothing, all is as it was: Straight and See are it and its images, and neither its
// configuration nor the digest of its statistics says a word of it.
func TestWithoutDeskewNothingChanges(t *testing.T) {
	images := digitImages(t, 40)
	m := mustFit(t, images, digitConfig())
	if m.Straight() != m || m.See(images) != images {
		t.Error("there is something to straighten")
	}
	text, err := json.Marshal(m.Config())
	if err != nil || strings.Contains(string(text), "deskew") {
		t.Errorf("the configuration is %s, error %v", text, err)
	}
	straight := *m.enc.transform()
	straight.Deskew = true
	other := m.enc.patches
	other.Transform = &straight
	if other.Digest() == m.enc.patches.Digest() {
		t.Error("patches of straightened images have the digest of others")
	}
}

func TestDeskewRefusesColour(t *testing.T) {
	_, err := Fit(t.Context(), dataset.Repeat(digitImages(t, 40)), straightConfig())
	if err == nil || !strings.Contains(err.Error(), "deskew needs gray images, these have 3 channels") {
		t.Errorf("error %v", err)
	}
}
