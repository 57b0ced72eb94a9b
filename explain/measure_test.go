package explain

import (
	"context"
	"math"
	"testing"

	"github.com/sparse-manifold/smt/dataset"
)

func quiet(int, int) {}

// Over the very images a model was fitted on, the covariance of the embedding is
// the identity and the invariance of each coordinate its eigenvalue.
func TestMeasureIsWhatTheFitSolved(t *testing.T) {
	for name, cfg := range variants() {
		src := colour(120)
		m := fitted(t, src, cfg)
		s, err := Measure(t.Context(), m, src, quiet)
		if err != nil {
			t.Fatal(err)
		}
		d := cfg.Dims
		for i := range d {
			for j := range d {
				want := 0.0
				if i == j {
					want = 1
				}
				// The ridge is a millionth of V, and the solver works in float32.
				if got := s.Covariance[i*d+j]; math.Abs(got-want) > 1e-3 {
					t.Errorf("%s: covariance of %d and %d is %g, want %g", name, i, j, got, want)
				}
			}
			if got, want := s.Invariance[i], m.Stages().Eigenvalues[i]; math.Abs(got-want) > 2e-3*want {
				t.Errorf("%s: invariance of coordinate %d is %g, its eigenvalue %g", name, i, got, want)
			}
		}
		if int64(s.Coded) != m.Record().Data.Patches {
			t.Errorf("%s: %d coded patches, the fit had %d", name, s.Coded, m.Record().Data.Patches)
		}
	}
}

// The counts, from the codes one by one.
func TestMeasureCounts(t *testing.T) {
	src := colour(23)
	cfg := variants()["patch mean, not whitened"]
	cfg.Threshold = 0.75 // leaves patches without an atom
	m := fitted(t, colour(120), cfg)
	s, err := Measure(t.Context(), m, src, quiet)
	if err != nil {
		t.Fatal(err)
	}
	usage, active := map[uint16]int{}, map[int]int{}
	var patches, blank, coded, used int
	mean := make([]float64, m.Stages().Transform.Dim())
	for i := range src.Len() {
		r, err := Read(m, src, i, false)
		if err != nil {
			t.Fatal(err)
		}
		im, err := ImageOf(src, i)
		if err != nil {
			t.Fatal(err)
		}
		for k := range r.Codes.N() {
			patches++
			at := 0
			for y := range 4 {
				for x := range 4 {
					for c := range 3 {
						mean[at] += float64(im.Pix[((k/r.Cols+y)*14+k%r.Cols+x)*3+c]) / 255
						at++
					}
				}
			}
			if r.Patches.Blank[k] {
				blank++
				continue
			}
			atoms := r.Codes.Row(k)
			active[len(atoms)]++
			if len(atoms) > 0 {
				coded++
			}
			used += len(atoms)
			for _, a := range atoms {
				usage[a]++
			}
		}
	}
	if s.Images != 23 || s.Patches != patches || s.Blank != blank || s.Coded != coded || blank == 0 || coded == patches-blank {
		t.Errorf("%d images, %d patches, %d blank, %d coded, want 23, %d, %d, %d, some of each",
			s.Images, s.Patches, s.Blank, s.Coded, patches, blank, coded)
	}
	dead := 0
	for a, n := range s.Usage {
		if n != usage[uint16(a)] {
			t.Errorf("atom %d is in %d patches, want %d", a, n, usage[uint16(a)])
		}
		if n == 0 {
			dead++
		}
	}
	if s.Dead() != dead || math.Abs(s.MeanActive()-float64(used)/float64(coded)) > 1e-12 {
		t.Errorf("%d dead atoms, %g active, want %d, %g", s.Dead(), s.MeanActive(), dead, float64(used)/float64(coded))
	}
	for k, n := range s.Active {
		if n != active[k] {
			t.Errorf("%d patches have %d atoms, want %d", n, k, active[k])
		}
	}
	for i, v := range mean {
		if math.Abs(s.Mean[i]-v/float64(patches)) > 1e-9 {
			t.Errorf("mean value %d is %g, want %g", i, s.Mean[i], v/float64(patches))
		}
	}
}

func TestMeasureErrors(t *testing.T) {
	m := fitted(t, colour(120), small())
	if _, err := Measure(t.Context(), m, colour(0), quiet); err == nil {
		t.Error("no images: no error")
	}
	flat := ofSize(1, dataset.Shape{Height: 9, Width: 9, Channels: 3}, 1)
	if _, err := Measure(t.Context(), m, blank{flat}, quiet); err == nil {
		t.Error("blank images: no error")
	}
	done, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Measure(done, m, colour(9), quiet); err != context.Canceled {
		t.Errorf("cancelled: %v", err)
	}
}

// blank is a source of black images.
type blank struct{ dataset.Source }

func (blank) Image(_ int, pix []uint8) error { clear(pix); return nil }
