package explain

import (
	"image"
	"image/color"
	"math"
	"testing"

	"pgregory.net/rapid"

	"github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/internal/smttest"
)

// textures are small images of oriented stripes. Every fourth has a flat corner, where patches are blank.
type textures struct{ smttest.Textures }

func (s textures) Image(i int, pix []uint8) error {
	err := s.Textures.Image(i, pix)
	for at := range s.Size.Len() {
		if y, x := at/s.Size.Channels/s.Size.Width, at/s.Size.Channels%s.Size.Width; i%4 == 3 && y < 9 && x < 9 {
			pix[at] = 7
		}
	}
	return err
}

func colour(n int) textures { return textures{smttest.Colour(n)} }

func ofSize(n int, size dataset.Shape, seed uint64) textures {
	return textures{smttest.Textures{N: n, Size: size, Seed: seed}}
}

// small is a configuration that fits in well under a second.
func small() smt.Config {
	c := smttest.Small()
	c.Skip = 3
	return c
}

// variants covers the choices that explanations depend on.
func variants() map[string]smt.Config {
	all := smttest.Variants(small())
	few := small()
	few.Threshold = 0.8
	all["few atoms active"] = few
	return all
}

func fitted(t testing.TB, src dataset.Source, cfg smt.Config) *smt.Model {
	t.Helper()
	m, err := smt.Fit(t.Context(), src, cfg)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// models are fitted once for all draws of a property.
func models(t testing.TB) map[string]*smt.Model {
	t.Helper()
	all := map[string]*smt.Model{}
	for name, cfg := range variants() {
		all[name] = fitted(t, colour(120), cfg)
	}
	return all
}

// standard is an image as the standard library has images.
func standard(im Image) image.Image {
	out := image.NewNRGBA(image.Rect(0, 0, im.Shape.Width, im.Shape.Height))
	for k := range im.Shape.Height * im.Shape.Width {
		p := im.Pix[k*im.Shape.Channels:][:im.Shape.Channels]
		out.SetNRGBA(k%im.Shape.Width, k/im.Shape.Width, color.NRGBA{p[0], p[len(p)/2], p[len(p)-1], 255})
	}
	return out
}

// cosine is that of the embeddings, as Embed gives them in float32, of a as a query, and how far rounding
// may have moved it.
func cosine(t interface{ Fatal(...any) }, m *smt.Model, a, b Image) (value, slack float64) {
	ea, err := m.Whole().Embed(standard(a))
	if err != nil {
		t.Fatal(err)
	}
	eb, err := m.Embed(standard(b))
	if err != nil {
		t.Fatal(err)
	}
	n := math.Sqrt(dot(ea, ea) * dot(eb, eb))
	if n == 0 {
		return 0, 0
	}
	slack = 1e-5
	if m.Config().Spectrum > 0 {
		slack += moved(ea, eb)
	}
	return dot(ea, eb) / n, slack
}

// moved is how far the rounding of the frequencies z may move the dot product of a and b,
// which are unit vectors of sign(z)√|z|: a root near 0 moves by far more than its z. z is a
// sum of unit vectors, and its rounding counts by their size, not by its own: by two units in
// the last place of the root mean square of all z. Roundings of different z are independent:
// their variances add up, and six deviations are allowed.
func moved(a, b []float32) float64 {
	roots := func(e []float32) (roots []float64) {
		var squares float64
		for _, v := range e {
			squares += math.Pow(float64(v), 4)
		}
		unit := 2 * 0x1p-23 * math.Sqrt(squares/float64(len(e)))
		for _, v := range e {
			z := float64(v) * float64(v)
			roots = append(roots, (math.Sqrt(z+unit)-math.Sqrt(max(0, z-unit)))/2)
		}
		return roots
	}
	da, db := roots(a), roots(b)
	var variance float64
	for i := range a {
		x, y := da[i]*float64(b[i]), db[i]*float64(a[i])
		variance += x*x + y*y
	}
	return 6 * math.Sqrt(variance)
}

func sum(x []float64) (s float64) {
	for _, v := range x {
		s += v
	}
	return s
}

// Every split of a pair adds up to the cosine of the two embeddings.
func TestPairAddsUp(t *testing.T) {
	all := models(t)
	names := []string{"photographs", "no flips", "gray views", "soft", "l1", "nearest", "window", "window, second difference",
		"patch mean, not whitened", "few atoms active", "spectrum", "spectrum, no flips",
		"components", "components of cells", "components, no flips", "half the patches", "a quarter, cells", "a quarter of the patches"}
	rapid.Check(t, func(rt *rapid.T) {
		m := all[rapid.SampledFrom(names).Draw(rt, "model")]
		shape := dataset.Shape{
			Height:   6 + rapid.IntRange(0, 12).Draw(rt, "more rows"),
			Width:    6 + rapid.IntRange(0, 12).Draw(rt, "more columns"),
			Channels: 3,
		}
		if m.Config().Components > 0 {
			shape = m.Record().Data.Shape
		}
		src := ofSize(40, shape, rapid.Uint64().Draw(rt, "seed"))
		draw := func(name string) Image {
			im, err := ImageOf(src, rapid.IntRange(0, 39).Draw(rt, name))
			if err != nil {
				rt.Fatal(err)
			}
			if rapid.Bool().Draw(rt, name+" flipped") {
				im = im.Flipped()
			}
			return im
		}
		a, b := draw("a"), draw("b")
		if rapid.IntRange(0, 9).Draw(rt, "blank") == 0 {
			clear(a.Pix)
		}
		p, err := Why(m, a, b)
		if err != nil {
			rt.Fatal(err)
		}
		ofEmbed, slack := cosine(rt, m, a, b)
		check := func(what string, got, want, slack float64) {
			if !(math.Abs(got-want) <= slack) {
				rt.Fatalf("%s add up to %g, want %g ± %.2g", what, got, want, slack)
			}
		}
		check("cosine", p.Cosine, ofEmbed, slack)
		want, rounding := p.Cosine, slack // atoms add up to β, which is a sum in float32
		slack = 1e-9                      // the other splits are of the same β, in float64
		check("cells", sum(p.Cells), want, slack)
		if rows, cols := m.Stages().Layout.Grid(m.Stages().Transform.Grid(shape)); p.CellRows != rows || p.CellCols != cols || len(p.Cells) != rows*cols {
			rt.Fatalf("%d cells, %d × %d", len(p.Cells), p.CellRows, p.CellCols)
		}
		for name, s := range map[string]*Side{"A": &p.A, "B": &p.B} {
			check("patches of "+name, sum(s.Patches), want, slack)
			check("pixels of "+name, sum(s.Pixels), want, slack)
			atoms := 0.0
			for i, a := range s.Atoms {
				atoms += a.Value
				if i > 0 && a.Value > s.Atoms[i-1].Value {
					rt.Fatalf("atoms of %s are out of order", name)
				}
			}
			if len(s.Atoms) > 0 || m.Config().Components == 0 { // of components a blank image has a cosine
				check("atoms of "+name, atoms, want, rounding)
			}
			i := rapid.IntRange(0, len(s.Patches)-1).Draw(rt, "patch of "+name)
			check("matches of a patch of "+name, sum(s.Match(i)), s.Patches[i], slack)
		}
	})
}

// An image that is flat but for its last row has no frequencies across: what rounding leaves
// of them counts for nothing.
func TestPairOfFlatImage(t *testing.T) {
	m := fitted(t, colour(120), variants()["spectrum"])
	src := ofSize(40, dataset.Shape{Height: 10, Width: 8, Channels: 3}, 0)
	a, err := ImageOf(src, 0)
	if err != nil {
		t.Fatal(err)
	}
	b, err := ImageOf(src, 3) // the flat one
	if err != nil {
		t.Fatal(err)
	}
	p, err := Why(m, a, b)
	if err != nil {
		t.Fatal(err)
	}
	if want, slack := cosine(t, m, a, b); !(math.Abs(p.Cosine-want) <= slack) {
		t.Errorf("cosine %g, want %g ± %.2g", p.Cosine, want, slack)
	}
}

func TestPairErrors(t *testing.T) {
	m := fitted(t, colour(120), small())
	a, _ := ImageOf(colour(1), 0)
	b, _ := ImageOf(ofSize(1, dataset.Shape{Height: 14, Width: 14, Channels: 3}, 1), 0)
	if _, err := Why(m, a, b); err == nil {
		t.Error("images of two shapes: no error")
	}
	gray, _ := ImageOf(ofSize(1, dataset.Shape{Height: 13, Width: 14, Channels: 1}, 1), 0)
	if _, err := Why(m, gray, gray); err == nil {
		t.Error("gray images and a colour model: no error")
	}
}
