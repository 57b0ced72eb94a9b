package choice

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/patch"
)

// The rules go through the presets.
func TestRulesGoThroughPresets(t *testing.T) {
	for name, of := range map[string]struct {
		style Style
		im    Images
	}{
		"cifar": {Scenes, Images{Len: 50_000, Shape: dataset.Shape{Height: 32, Width: 32, Channels: 3}}},
		"mnist": {Shapes, Images{Len: 60_000, Shape: dataset.Shape{Height: 28, Width: 28, Channels: 1}}},
	} {
		want, err := smt.Preset(name)
		if err != nil {
			t.Fatal(err)
		}
		if got := Rule(of.im, of.style, Given{}); got != want {
			t.Errorf("of the images of the preset %s the rules make\n%+v, want\n%+v", name, got, want)
		}
	}
}

// Of any images that are not too large to read the rules make a configuration that fits them, whatever is given.
func TestRulesFitAnyImages(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		im := Images{
			Len: rapid.IntRange(2, 2_000_000).Draw(t, "images"),
			Shape: dataset.Shape{
				Height:   rapid.IntRange(1, 1000).Draw(t, "height"),
				Width:    rapid.IntRange(1, 1000).Draw(t, "width"),
				Channels: rapid.SampledFrom([]int{1, 3}).Draw(t, "channels"),
			},
		}
		style := rapid.SampledFrom([]Style{Shapes, Scenes}).Draw(t, "style")
		short := min(im.Shape.Height, im.Shape.Width)
		var given Given
		if rapid.Bool().Draw(t, "atoms given") {
			given.Atoms = rapid.IntRange(2, 65_536).Draw(t, "atoms")
		}
		if rapid.Bool().Draw(t, "dims given") {
			given.Dims = rapid.IntRange(1, 2000).Draw(t, "dims")
			if given.Atoms > 0 {
				given.Atoms = max(given.Atoms, given.Dims)
			}
		}
		if rapid.Bool().Draw(t, "patch given") {
			given.Patch = rapid.IntRange(1, min(256, short)).Draw(t, "patch")
		}
		c := Rule(im, style, given)
		if err := c.Validate(); err != nil {
			t.Fatal(err)
		}
		rows, cols := patch.Grid(im.Shape, c.Patch)
		if rows < c.Pool || cols < c.Pool || c.Dim(im.Shape) < 1 {
			t.Fatalf("%+v: images of %v have %d × %d patches", c, im.Shape, rows, cols)
		}
		if given.Atoms == 0 && c.Atoms > max(2, given.Dims, rows*cols*im.Len/unitsAtom) {
			t.Fatalf("%d atoms of %d patches", c.Atoms, rows*cols*im.Len)
		}
		if given.Atoms > 0 && c.Atoms != given.Atoms || given.Dims > 0 && c.Dims != given.Dims || given.Patch > 0 && c.Patch != given.Patch {
			t.Fatalf("%+v is not what was given: %+v", c, given)
		}
		if c.Components > im.Len/perComponent {
			t.Fatalf("%d components of %d images", c.Components, im.Len)
		}
		n := c.Images
		if n == 0 {
			n = im.Len
		}
		ref, side := style.reference(im.Shape.Channels)
		refUnits := (side - ref.Patch + 1) * (side - ref.Patch + 1)
		if n > im.Len || n*rows*cols > max(ref.Images*refUnits, leastCounted*rows*cols) {
			t.Fatalf("%d of %d images of %d patches are counted", n, im.Len, rows*cols)
		}
	})
}

// Atoms of shapes in colour are less alike where they are some thousands, and all others as the preset has them.
func TestAtomsInColourAreLessAlike(t *testing.T) {
	colour, gray := Images{100_000, dataset.Shape{Height: 28, Width: 28, Channels: 3}, 0}, Images{100_000, dataset.Shape{Height: 28, Width: 28, Channels: 1}, 0}
	for atoms, want := range map[int]float64{8192: 0.95, 4096: 0.83, 2048: 0.75, 1000: 0.75, 999: 0.95, 2: 0.95, 16384: 0.95} {
		given := Given{Atoms: atoms}
		if got := Rule(colour, Shapes, given).MaxCosine; got != want {
			t.Errorf("%d atoms of shapes in colour have cosines below %g, want %g", atoms, got, want)
		}
		if shapes, scenes := Rule(gray, Shapes, given).MaxCosine, Rule(colour, Scenes, given).MaxCosine; shapes != 0.95 || scenes != 0.4 {
			t.Errorf("%d atoms of shapes in gray have cosines below %g, of scenes %g", atoms, shapes, scenes)
		}
	}
}

// A size is the same when it is chosen again, has the aspect of the images, and enlarges none.
func TestSize(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := dataset.Shape{Height: rapid.IntRange(1, 5000).Draw(t, "height"), Width: rapid.IntRange(1, 5000).Draw(t, "width"), Channels: 3}
		got := Size(s)
		if got != Size(got) || got.Channels != 3 || got.Height < 1 || got.Width < 1 || got.Height > s.Height || got.Width > s.Width {
			t.Fatalf("%v is brought to %v", s, got)
		}
		if min(got.Height, got.Width) > most || max(got.Height, got.Width) > longest {
			t.Fatalf("%v is brought to %v, which is large", s, got)
		}
		// Rounding moves a side by half a pixel.
		if short := min(s.Height, s.Width); float64(got.Height)/float64(s.Height)-float64(got.Width)/float64(s.Width) > 1/float64(short) {
			t.Fatalf("%v is brought to %v, of another aspect", s, got)
		}
	})
	for _, of := range []struct{ from, to dataset.Shape }{
		{dataset.Shape{Height: 64, Width: 64, Channels: 3}, dataset.Shape{Height: 32, Width: 32, Channels: 3}},
		{dataset.Shape{Height: 28, Width: 28, Channels: 1}, dataset.Shape{Height: 28, Width: 28, Channels: 1}},
		{dataset.Shape{Height: 480, Width: 640, Channels: 3}, dataset.Shape{Height: 32, Width: 43, Channels: 3}},
	} {
		if got := Size(of.from); got != of.to {
			t.Errorf("%v is brought to %v, want %v", of.from, got, of.to)
		}
	}
}
