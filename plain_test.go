package smt_test

import (
	"slices"
	"strings"
	"testing"

	smt "github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/internal/smttest"
)

// level is textures of which every row is of one colour: every patch is its own flip.
type level struct{ smttest.Textures }

func (s level) Image(i int, pix []uint8) error {
	if err := s.Textures.Image(i, pix); err != nil {
		return err
	}
	c := s.Shape().Channels
	for row := range slices.Chunk(pix, s.Shape().Width*c) {
		for at := c; at < len(row); at += c {
			copy(row[at:], row[:c])
		}
	}
	return nil
}

// Of patches that are their own flips no coordinate is negated by a flip: there is none to solve for.
func TestFitPatchesThatAreTheirOwnFlips(t *testing.T) {
	c := small()
	c.Atoms, c.Dims, c.Skip, c.MaxCosine, c.Flips = 12, 4, 1, 0.95, true
	for _, components := range []int{0, 6} {
		c.Components, c.Power = components, 0.5*float64(min(1, components))
		src := level{colour(80)}
		m, err := smt.Fit(t.Context(), src, c)
		if err != nil {
			t.Fatalf("%d components: %v", components, err)
		}
		if e := embedded(t, m, src); len(e) == 0 {
			t.Errorf("%d components: no embeddings", components)
		}
	}
}

// blank is images of one colour.
type blank struct{ smttest.Textures }

func (blank) Image(_ int, pix []uint8) error { clear(pix); return nil }

func TestFitBlankImages(t *testing.T) {
	for name, whiten := range map[string]bool{"whitened": true, "as they are": false} {
		c := small()
		c.Whiten = whiten
		_, err := smt.Fit(t.Context(), blank{colour(20)}, c)
		if err == nil || !strings.Contains(err.Error(), "blank") || strings.Contains(err.Error(), "cosine") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
