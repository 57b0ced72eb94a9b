package explain

import (
	"math"
	"testing"

	"github.com/sparse-manifold/smt/patch"
)

// W is rebuilt from its parts, and un-whitening is its inverse.
func TestWhitening(t *testing.T) {
	m := fitted(t, colour(120), small())
	w, err := WhiteningOf(m)
	if err != nil {
		t.Fatal(err)
	}
	n := w.Dim
	for i := range n {
		for j := range n {
			var back float64
			for k := range n {
				back += float64(w.Components[k*n+i]) * w.Gains[k] * float64(w.Components[k*n+j])
			}
			if got := float64(w.Filters[i*n+j]); math.Abs(got-back) > 1e-3 {
				t.Fatalf("W[%d,%d] is %g, from its parts %g", i, j, got, back)
			}
		}
		if i > 0 && w.Variances[i] > w.Variances[i-1] {
			t.Errorf("variances %g and %g are out of order", w.Variances[i-1], w.Variances[i])
		}
		if want := 1 / math.Sqrt(w.Variances[i]+m.Config().Epsilon); math.Abs(w.Gains[i]-want) > 1e-3*want && w.Variances[i] > 0 {
			t.Errorf("gain %d is %g, want %g", i, w.Gains[i], want)
		}
	}
	atoms := m.Stages().Dictionary.Atoms
	pixels, err := Unwhiten(m, atoms)
	if err != nil {
		t.Fatal(err)
	}
	for a := range m.Config().Atoms {
		for i := range n {
			var x float64
			for j := range n {
				x += float64(w.Filters[i*n+j]) * float64(pixels[a*n+j])
			}
			if math.Abs(x-float64(atoms[a*n+i])) > 1e-4 {
				t.Fatalf("atom %d value %d is %g, whitened again %g", a, i, atoms[a*n+i], x)
			}
		}
	}
}

// The variances are those of the patches the model was fitted on.
func TestWhiteningSpectrum(t *testing.T) {
	cfg := small()
	cfg.Flips, cfg.Sample = false, 0
	src := colour(120)
	m := fitted(t, src, cfg)
	w, err := WhiteningOf(m)
	if err != nil {
		t.Fatal(err)
	}
	// The trace of the covariance is the mean energy of a centred patch.
	plain := &patch.Transform{Size: 4, Channels: 3, Center: patch.CenterImage}
	var energy float64
	var count int
	for i := range src.Len() {
		im, err := ImageOf(src, i)
		if err != nil {
			t.Fatal(err)
		}
		var all []float64
		for y := range 10 {
			for x := range 11 {
				for k := range 48 {
					all = append(all, float64(im.Pix[((y+k/12)*14+x+k%12/3)*3+k%3])/255)
				}
			}
		}
		mean := sum(all) / float64(len(all))
		for _, v := range all {
			energy += (v - mean) * (v - mean)
		}
		count += len(all) / plain.Dim()
	}
	if got, want := sum(w.Variances), energy/float64(count); math.Abs(got-want) > 1e-2*want {
		t.Errorf("variances add up to %g, want %g", got, want)
	}
}

func TestWithoutWhitening(t *testing.T) {
	m := fitted(t, colour(120), variants()["patch mean, not whitened"])
	if w, err := WhiteningOf(m); w != nil || err != nil {
		t.Errorf("%v, %v", w, err)
	}
	atoms := m.Stages().Dictionary.Atoms
	pixels, err := Unwhiten(m, atoms)
	if err != nil || len(pixels) != len(atoms) || pixels[7] != atoms[7] {
		t.Errorf("%d pixel values of %d, %v", len(pixels), len(atoms), err)
	}
}
