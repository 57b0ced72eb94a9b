package explain

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

// The sums of a pair are of all its parts, and Off is how far the worst of them is from a cosine.
func TestOff(t *testing.T) {
	p := &Pair{Cells: []float64{0.25, 0.5}, A: Side{Patches: []float64{0.75}, Pixels: []float64{1, -0.25}, Atoms: []Share{{3, 0.5}, {1, 0.25}}},
		B: Side{Patches: []float64{0.5, 0.25}, Pixels: []float64{0.75}}}
	if off := p.Off(0.75); off != 0 {
		t.Errorf("%g off, want 0: atoms that there are none of do not count", off)
	}
	for name, change := range map[string]func(by float64){
		"cells":        func(by float64) { p.Cells[1] += by },
		"patches of A": func(by float64) { p.A.Patches[0] += by },
		"patches of B": func(by float64) { p.B.Patches[1] += by },
		"pixels of A":  func(by float64) { p.A.Pixels[0] += by },
		"pixels of B":  func(by float64) { p.B.Pixels[0] += by },
		"atoms of A":   func(by float64) { p.A.Atoms[1].Value += by },
	} {
		change(-0.125)
		if off := p.Off(0.75); off != 0.125 {
			t.Errorf("%s less by 0.125: %g off", name, off)
		}
		change(0.125)
	}
}

// Nearer is the one of an image and its flip that has the larger cosine, as Embed has them, where the fit counted flips.
func TestNearer(t *testing.T) {
	all := models(t)
	rapid.Check(t, func(rt *rapid.T) {
		m := all[rapid.SampledFrom([]string{"photographs", "no flips", "components", "half the patches"}).Draw(rt, "model")]
		src := ofSize(40, m.Record().Data.Shape, rapid.Uint64().Draw(rt, "seed"))
		draw := func(name string) Image {
			im, err := ImageOf(src, rapid.IntRange(0, 39).Draw(rt, name))
			if err != nil {
				rt.Fatal(err)
			}
			return im
		}
		a, b := draw("a"), draw("b")
		if rapid.Bool().Draw(rt, "its flip") {
			b = a.Flipped()
		}
		plain, slack := cosine(rt, m, a, b)
		flipped, more := cosine(rt, m, a, b.Flipped())
		near, flip, got, err := Nearer(t.Context(), m, a, b)
		if err != nil {
			rt.Fatal(err)
		}
		want, as := plain, b
		if flip {
			want, as = flipped, b.Flipped()
		}
		if math.Abs(got-want) > 1e-6 || string(near.Pix) != string(as.Pix) {
			rt.Fatalf("cosine %g, want %g, or another image", got, want)
		}
		if flip && !m.Config().Flips || m.Config().Flips && math.Abs(plain-flipped) > slack+more && flip != (flipped > plain) {
			rt.Fatalf("flipped: %v, cosines %g and %g", flip, plain, flipped)
		}
	})
}
