package smt_test

import (
	"context"
	"image"
	"image/color"
	"math"
	"slices"
	"strings"
	"testing"

	smt "github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/judge"
)

func embedded(t testing.TB, m *smt.Model, src dataset.Source) (all []float32) {
	t.Helper()
	for e, err := range m.EmbedAll(context.Background(), src) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, e...)
	}
	return all
}

// picture is image i of a source as the standard library has images.
func picture(t *testing.T, src dataset.Source, i int, flip bool) image.Image {
	t.Helper()
	s := src.Shape()
	pix := make([]uint8, s.Len())
	if err := src.Image(i, pix); err != nil {
		t.Fatal(err)
	}
	img := image.NewNRGBA(image.Rect(5, 7, 5+s.Width, 7+s.Height))
	for y := range s.Height {
		for x := range s.Width {
			to := x
			if flip {
				to = s.Width - 1 - x
			}
			p := pix[(y*s.Width+x)*3:]
			img.Set(5+to, 7+y, color.NRGBA{p[0], p[1], p[2], 255})
		}
	}
	return img
}

func TestEmbedIsEmbedAll(t *testing.T) {
	src := colour(400) // more than a block
	m := fitted(t, small())
	all := embedded(t, m, src)
	dim := m.Dim(src.Shape())
	if len(all) != 400*dim {
		t.Fatalf("%d values of 400 images with %d each", len(all), dim)
	}
	for _, i := range []int{0, 191, 192, 399} {
		e, err := m.Embed(picture(t, src, i, false))
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(e, all[i*dim:(i+1)*dim]) {
			t.Errorf("image %d: Embed and EmbedAll differ", i)
		}
	}
}

// The embedding of a flipped image is the signed permutation that Flip applies.
func TestFlipOfEmbedding(t *testing.T) {
	for _, name := range []string{"photographs", "soft", "l1", "learned", "nearest", "window", "k-means", "spectrum"} {
		src := colour(30)
		m := fitted(t, variants()[name])
		out := make([]float32, m.Dim(src.Shape()))
		for i := range src.Len() {
			e, err := m.Embed(picture(t, src, i, false))
			if err != nil {
				t.Fatal(err)
			}
			f, err := m.Embed(picture(t, src, i, true))
			if err != nil {
				t.Fatal(err)
			}
			flipTo(m, e, src.Shape(), out)
			// Whitening sums in another order: a cosine within rounding of the
			// threshold may fall on its other side, so compare by cosine.
			if c := cosine(out, f); c < 0.999 {
				t.Errorf("%s: image %d: cosine of the flip's embedding and the embedding's flip is %g", name, i, c)
			}
			flipTo(m, out, src.Shape(), f)
			if !slices.Equal(e, f) {
				t.Errorf("%s: flipping twice changed the embedding", name)
			}
		}
	}
}

func cosine(a, b []float32) float64 {
	var ab, aa, bb float64
	for i := range a {
		ab += float64(a[i]) * float64(b[i])
		aa += float64(a[i]) * float64(a[i])
		bb += float64(b[i]) * float64(b[i])
	}
	return ab / math.Sqrt(aa*bb)
}

// Fitting with flips is fitting on the images and their flips, at least as far
// as what is learned of an image's similarity to others.
func TestRepresentationSeparatesTextures(t *testing.T) {
	for name, cfg := range variants() {
		m := fitted(t, cfg)
		bank, test := ofSize(600, colour(1).Size, 2), ofSize(60, colour(1).Size, 3)
		p := judge.Paper(m.Config().Flips)
		p.K = 10
		e, err := evaluate(context.Background(), m, bank, test, p)
		if err != nil {
			t.Fatal(name, err)
		}
		if e.Top1 < 0.75 { // chance is 1/3
			t.Errorf("%s: top-1 %g on three textures", name, e.Top1)
		}
		if e.Top5 < e.Top1 || e.Test != 60 || e.Bank != 600*map[bool]int{false: 1, true: 2}[cfg.Flips] {
			t.Errorf("%s: %+v", name, e)
		}
	}
}

func TestEmbedOfNoImage(t *testing.T) {
	if _, err := new(smt.Model).Embed(nil); err == nil || !strings.Contains(err.Error(), "the image is nil") {
		t.Errorf("error %v", err)
	}
}

// A name in a message is quoted: "center is mean" reads as if the mean were meant.
func TestNamesInMessagesAreQuoted(t *testing.T) {
	for want, change := range map[string]func(*smt.Config){
		`center is "mean"`:       func(c *smt.Config) { c.Center = "mean" },
		`dictionary is "random"`: func(c *smt.Config) { c.Dictionary = "random" },
		`code is "hard"`:         func(c *smt.Config) { c.Code = "hard" },
	} {
		c, err := smt.Preset("mnist")
		if err != nil {
			t.Fatal(err)
		}
		change(&c)
		if err := c.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %s", err, want)
		}
	}
}
