package explain

import (
	"image"
	"image/color"
	"math"
	"testing"

	"pgregory.net/rapid"

	"github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/internal/dct/dcttest"
	"github.com/sparse-manifold/smt/internal/smttest"
	"github.com/sparse-manifold/smt/sparse"
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

// cosine is that of the embeddings, as Embed gives them in float32, and how far rounding
// may have moved it.
func cosine(t interface{ Fatal(...any) }, m *smt.Model, a, b Image) (value, slack float64) {
	ea, err := m.Embed(standard(a))
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
		"components", "components of cells", "components, no flips"}
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

// Part by part, from the definition: what is lost when a patch, or an atom, is
// left out of the sums while all norms stay what they were.
func TestPairParts(t *testing.T) {
	for _, name := range []string{"photographs", "soft", "spectrum", "low frequencies", "components", "components of cells"} {
		slack := 1e-6
		if name == "low frequencies" || name == "components" {
			slack = 1e-5 // of few values one is near 0, and the root divides what float32 rounds by it
		}
		m := fitted(t, colour(120), variants()[name])
		a, _ := ImageOf(colour(9), 3)
		b, _ := ImageOf(colour(9), 6)
		p, err := Why(m, a, b)
		if err != nil {
			t.Fatal(err)
		}
		read := func(im Image) (*Reading, [][]float64) {
			r, err := Read(m, im.Source(), 0, true)
			if err != nil {
				t.Fatal(err)
			}
			return r, betas(m, &r.Codes)
		}
		ra, beta := read(a)
		_, betaB := read(b)
		// value is the cosine with patches of A scaled by keep, and atoms by use; components take off
		// so much of the mean.
		value := func(keep func(i int) float64, use func(atom int) float64, w float64) float64 {
			rows, cols := m.Stages().Layout.Cells(m.Stages().Transform.Grid(a.Shape))
			n, d := m.Config().Pool, m.Config().Dims
			var parts, wholes, others []float64
			for _, y0 := range rows {
				for _, x0 := range cols {
					var part, whole, other = make([]float64, d), make([]float64, d), make([]float64, d)
					for y := y0; y < y0+n; y++ {
						for x := x0; x < x0+n; x++ {
							i := y*ra.Cols + x
							length, lengthB := norm(beta[i]), norm(betaB[i])
							for j := range d {
								if length > 0 {
									whole[j] += beta[i][j] / length
									for k := ra.Codes.Start[i]; k < ra.Codes.Start[i+1]; k++ {
										atom := int(ra.Codes.Atom[k])
										v := 1.0
										if len(ra.Codes.Value) > 0 {
											v = float64(ra.Codes.Value[k]) / sparse.SoftUnit
										}
										part[j] += keep(i) * use(atom) * v * float64(m.Stages().Projection.Row(atom)[j]) / length
									}
								}
								if lengthB > 0 {
									other[j] += betaB[i][j] / lengthB
								}
							}
						}
					}
					nw, no := norm(whole), norm(other)
					for j := range d {
						if nw > 0 {
							part[j], whole[j] = part[j]/nw, whole[j]/nw
						}
						if no > 0 {
							other[j] /= no
						}
					}
					parts, wholes, others = append(parts, part...), append(wholes, whole...), append(others, other...)
				}
			}
			if m.Config().Components > 0 {
				var z [3][]float64
				for i, whole := range [3][]float64{wholes, wholes, others} {
					z[i] = long(m, [3][]float64{parts, wholes, others}[i], whole, len(rows), len(cols))
				}
				part, whole, other := short(m, a.Shape, z[0], w), short(m, a.Shape, z[1], 1), short(m, a.Shape, z[2], 1)
				return dot(part, other) / norm(whole) / norm(other)
			}
			if m.Config().Spectrum == 0 {
				return dot(parts, others) / norm(wholes) / norm(others)
			}
			var total, sumA, sumB float64
			z, a, b := dcttest.Spectrum(parts, len(rows), len(cols), d), dcttest.Spectrum(wholes, len(rows), len(cols), d), dcttest.Spectrum(others, len(rows), len(cols), d)
			for i := range z {
				if f := i / d; math.Hypot(float64(f/len(cols)), float64(f%len(cols))) > float64(m.Config().Spectrum) {
					continue
				}
				if a[i] != 0 && b[i] != 0 {
					total += z[i] / math.Sqrt(math.Abs(a[i])) * b[i] / math.Sqrt(math.Abs(b[i]))
				}
				sumA, sumB = sumA+math.Abs(a[i]), sumB+math.Abs(b[i])
			}
			return total / math.Sqrt(sumA*sumB)
		}
		all := func(int) float64 { return 1 }
		only := func(k int) func(int) float64 {
			return func(i int) float64 {
				if i == k {
					return 1
				}
				return 0
			}
		}
		for _, i := range []int{0, 17, 60, len(p.A.Patches) - 1} {
			if want := value(only(i), all, 1/float64(len(p.A.Patches))); math.Abs(p.A.Patches[i]-want) > slack {
				t.Errorf("%s: patch %d adds %g, want %g", name, i, p.A.Patches[i], want)
			}
		}
		for _, s := range []Share{p.A.Atoms[0], p.A.Atoms[len(p.A.Atoms)-1]} {
			if want := value(all, only(s.Atom), 1/float64(len(p.A.Atoms))); math.Abs(s.Value-want) > slack {
				t.Errorf("%s: atom %d adds %g, want %g", name, s.Atom, s.Value, want)
			}
		}
	}
}

// long is what cells add to an embedding, without components, of the amplitudes and the length that
// those of the whole image lead to.
func long(m *smt.Model, cells, whole []float64, rows, cols int) (e []float64) {
	d, spectrum := m.Config().Dims, m.Config().Spectrum
	if spectrum == 0 {
		for _, v := range cells {
			e = append(e, v/norm(whole))
		}
		return e
	}
	z, a, sum := dcttest.Spectrum(cells, rows, cols, d), dcttest.Spectrum(whole, rows, cols, d), 0.0
	for i := range z {
		if f := i / d; math.Hypot(float64(f/cols), float64(f%cols)) <= float64(spectrum) {
			e = append(e, z[i]/math.Sqrt(math.Abs(a[i])))
			sum += math.Abs(a[i])
		}
	}
	for i := range e {
		e[i] /= math.Sqrt(sum)
	}
	return e
}

// short is the components of an embedding e of an image, less w of those of the mean.
func short(m *smt.Model, shape dataset.Shape, e []float64, w float64) (y []float64) {
	s, x := m.Stages(), make([]float32, len(e))
	single := make([]float32, len(e))
	for i, v := range e {
		single[i] = float32(v)
	}
	rows, cols := s.Transform.Grid(shape)
	s.Layout.EvenOdd(single, rows, cols, x)
	for j, v := range s.Components.Mean() {
		x[j] -= float32(w) * v
	}
	for _, p := range s.Components.Parts() {
		for k := range p.Variances {
			y = append(y, dot(p.Rows[k*(p.To-p.From):(k+1)*(p.To-p.From)], x[p.From:p.To]))
		}
	}
	return y
}

// betas is β = Pφ from the definition.
func betas(m *smt.Model, c *sparse.Codes) [][]float64 {
	out := make([][]float64, c.N())
	for i := range out {
		out[i] = make([]float64, m.Config().Dims)
		for k := c.Start[i]; k < c.Start[i+1]; k++ {
			v := 1.0
			if len(c.Value) > 0 {
				v = float64(c.Value[k]) / sparse.SoftUnit
			}
			for j, p := range m.Stages().Projection.Row(int(c.Atom[k])) {
				out[i][j] += v * float64(p)
			}
		}
	}
	return out
}

func norm(x []float64) float64 { return math.Sqrt(dot(x, x)) }

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
