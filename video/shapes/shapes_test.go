package shapes

import (
	"math"
	"slices"
	"testing"
)

// Frames show what latent variables say: the middle and the area of a shape, which are known of three of them.
func TestLatents(t *testing.T) {
	areas := map[Kind]float64{Bar: 1.9 * 0.8, Triangle: 3 * math.Sqrt(3) / 4, Square: 2} // of radius 1
	for kind, area := range areas {
		f, err := New(kind, 3, 40, 5)
		if err != nil {
			t.Fatal(err)
		}
		for i := range f.Frames.Len() {
			pix := make([]uint8, Side*Side)
			if err := f.Frames.Image(i, pix); err != nil {
				t.Fatal(err)
			}
			var mass, x, y float64
			for k, p := range pix {
				v := float64(p) / 255
				mass, x, y = mass+v, x+v*(float64(k%Side)+0.5), y+v*(float64(k/Side)+0.5)
			}
			l := f.Latents[i*Latents:]
			if math.Abs(x/mass-l[0]) > 0.1 || math.Abs(y/mass-l[1]) > 0.1 {
				t.Errorf("shape %d, frame %d: the middle is %.2f, %.2f, want %.2f, %.2f", kind, i, x/mass, y/mass, l[0], l[1])
			}
			if want := area * math.Exp(2*l[4]); math.Abs(mass/want-1) > 0.03 {
				t.Errorf("shape %d, frame %d: the area is %.1f, want %.1f", kind, i, mass, want)
			}
			if math.Abs(l[2]*l[2]+l[3]*l[3]-1) > 1e-12 {
				t.Errorf("shape %d, frame %d: cos %g and sin %g", kind, i, l[2], l[3])
			}
		}
	}
}

// A turn of 360° / k, and no smaller one, leads to the same picture, but for points on an edge.
func TestSymmetry(t *testing.T) {
	for kind := Wedge; kind <= Square; kind++ {
		for parts := 1; parts <= 6; parts++ {
			p := pose{16.3, 15.8, 0.4, 8}
			a := p.draw(kind, nil)
			p.angle += 2 * math.Pi / float64(parts)
			b := p.draw(kind, nil)
			var off float64
			for k := range a {
				off += math.Abs(float64(a[k])-float64(b[k])) / 255
			}
			if same := int(kind)%parts == 0; same != (off < 1) {
				t.Errorf("shape %d, turned by 1/%d: off by %.1f pixels", kind, parts, off)
			}
		}
	}
}

// A seed decides all, and another one draws other sequences.
func TestSeed(t *testing.T) {
	var all [3]*Film
	for i, seed := range []uint64{1, 1, 2} {
		var err error
		if all[i], err = New(Bar, 2, 10, seed); err != nil {
			t.Fatal(err)
		}
	}
	if !slices.Equal(all[0].Latents, all[1].Latents) || !slices.Equal(all[0].Frames.ClipPixels(1), all[1].Frames.ClipPixels(1)) {
		t.Error("one seed draws two films")
	}
	if slices.Equal(all[0].Latents[:10*Latents], all[0].Latents[10*Latents:]) || slices.Equal(all[0].Latents, all[2].Latents) {
		t.Error("sequences are alike")
	}
	if _, err := New(5, 1, 10, 1); err == nil {
		t.Error("a shape that there is not was drawn")
	}
}
