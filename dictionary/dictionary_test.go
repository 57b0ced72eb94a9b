package dictionary

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/internal/linalg"
	"github.com/sparse-manifold/smt/internal/plural"
	"github.com/sparse-manifold/smt/patch"
)

type noise struct{ n int }

func (s noise) Len() int             { return s.n }
func (s noise) Shape() dataset.Shape { return dataset.Shape{Height: 8, Width: 8, Channels: 1} }
func (s noise) Label(int) int        { return -1 }
func (s noise) Classes() []string    { return nil }
func (noise) ID(i int) string        { return strconv.Itoa(i) }
func (s noise) Image(i int, pix []uint8) error {
	rng := rand.New(rand.NewPCG(uint64(i), 3))
	for k := range pix {
		pix[k] = uint8(rng.IntN(256))
	}
	for k := range pix[:24] { // flat patches, never to become atoms
		pix[k] = 100
	}
	if i%3 == 0 { // and patches that are their own flips
		for y := range 8 {
			for x := range 4 {
				pix[y*8+7-x] = pix[y*8+x]
			}
		}
	}
	return nil
}

func sample(n int, flips bool) Sample { return sampleOf(noise{n}, patch.CenterPatch, flips) }

// sampleOf is the patches of 3 × 3 of images.
func sampleOf(images dataset.Source, center patch.Center, flips bool) Sample {
	t := &patch.Transform{Size: 3, Channels: 1, Center: center}
	rows, cols := t.Grid(images.Shape())
	s := Sample{Dim: t.Dim(), Groups: images.Len(), Units: rows * cols, Seed: 4, Reader: t.Reader(images)}
	if flips {
		s.Flip = t.Flip()
	}
	return s
}

func checkUnitAndClosed(t *testing.T, s Sample, d *Dictionary, n int, flips bool) {
	t.Helper()
	if d.N() != n || (d.Mirror != nil) != flips {
		t.Fatalf("%d atoms, mirror %v; want %d, %v", d.N(), d.Mirror != nil, n, flips)
	}
	flip := make([]float32, d.Dim)
	for a := range n {
		x := d.Atoms[a*d.Dim : (a+1)*d.Dim]
		if l := linalg.Dot(x, x); math.Abs(l-1) > 1e-5 {
			t.Errorf("atom %d has squared length %g", a, l)
		}
		if flips {
			s.flipTo(x, flip)
			m := int(d.Mirror[a])
			// A symmetric atom is its own flip to rounding.
			if c := linalg.Dot(flip, d.Atoms[m*d.Dim:(m+1)*d.Dim]); c < 1-1e-5 {
				t.Errorf("atom %d is said to be the flip of atom %d: cosine %g", m, a, c)
			}
			if int(d.Mirror[m]) != a {
				t.Errorf("mirror is not an involution at atom %d", a)
			}
		}
	}
}

func TestExemplarsAreApart(t *testing.T) {
	for _, flips := range []bool{false, true} {
		for _, n := range []int{1, 2, 31} {
			s := sample(300, flips)
			d, err := Exemplars(context.Background(), s, n, 0.6, nil)
			if err != nil {
				t.Fatal(err)
			}
			checkUnitAndClosed(t, s, d, n, flips)
			for a := range n {
				for b := range a {
					if c := linalg.Dot(d.Atoms[a*d.Dim:(a+1)*d.Dim], d.Atoms[b*d.Dim:(b+1)*d.Dim]); c >= 0.6+1e-6 {
						t.Errorf("flips %v: atoms %d and %d have cosine %g", flips, a, b, c)
					}
				}
			}
		}
	}
}

func TestExemplarsSayWhenThereAreTooFew(t *testing.T) {
	_, err := Exemplars(context.Background(), sample(5, false), 400, 0.2, nil)
	var few *TooFewError
	if !errors.As(err, &few) || few.Wanted != 400 || few.Found == 0 || few.Found >= 400 {
		t.Errorf("got %v", err)
	}
}

func TestChoicesRepeat(t *testing.T) {
	for _, choose := range []func(seed uint64) (*Dictionary, error){
		func(seed uint64) (*Dictionary, error) {
			s := sample(40, true)
			s.Seed = seed
			return Exemplars(context.Background(), s, 20, 0.8, nil)
		},
		func(seed uint64) (*Dictionary, error) {
			s := sample(40, true)
			s.Seed = seed
			return KMeans(context.Background(), s, 20, nil)
		},
	} {
		a, err := choose(1)
		if err != nil {
			t.Fatal(err)
		}
		b, _ := choose(1)
		c, _ := choose(2)
		if !slices.Equal(a.Atoms, b.Atoms) {
			t.Error("the same seed gave other atoms")
		}
		if slices.Equal(a.Atoms, c.Atoms) {
			t.Error("another seed gave the same atoms")
		}
	}
}

// k-means centres are closer to the patches than as many exemplars.
func TestKMeansFits(t *testing.T) {
	for _, flips := range []bool{false, true} {
		s := sample(200, flips)
		const n = 24
		k, err := KMeans(context.Background(), s, n, nil)
		if err != nil {
			t.Fatal(err)
		}
		checkUnitAndClosed(t, s, k, n, flips)
		e, err := Exemplars(context.Background(), s, n, 0.9, nil)
		if err != nil {
			t.Fatal(err)
		}
		drawn, err := s.draw(context.Background(), 9, 1, 0, 200, 20)
		if err != nil {
			t.Fatal(err)
		}
		x := drawn[0]
		mean := func(d *Dictionary) (sum float64) {
			for i := range x.Rows {
				best := -1.0
				for a := range d.N() {
					best = max(best, linalg.Dot(x.Row(i), d.Atoms[a*d.Dim:(a+1)*d.Dim]))
				}
				sum += best / float64(x.Rows)
			}
			return sum
		}
		if mk, me := mean(k), mean(e); mk < me+0.02 {
			t.Errorf("flips %v: mean cosine to the nearest centre %g, to the nearest exemplar %g", flips, mk, me)
		}
	}
}

func TestKMeansErrors(t *testing.T) {
	if _, err := KMeans(context.Background(), sample(50, true), 7, nil); err == nil {
		t.Error("7 centres with flips: no error")
	}
	if _, err := KMeans(context.Background(), sample(1, false), 500, nil); err == nil {
		t.Error("more centres than patches: no error")
	}
}

// Where every unit is blank no cosine and no number of atoms would do, and the error says neither.
func TestBlankUnitsSaySo(t *testing.T) {
	text := (&TooFewError{Wanted: 9, MaxCosine: 0.5, Unit: "patch", Groups: "images"}).Error()
	if want := "dictionary: every patch is blank: no atom can be chosen, want other images"; text != want {
		t.Errorf("it says %q, want %q", text, want)
	}
}

// TestTooFewAdvice gives no advice to ask for one atom.
func TestTooFewAdvice(t *testing.T) {
	for found, advised := range map[int]bool{0: false, 1: false, 2: true} {
		if text := (&TooFewError{Found: found, Wanted: 9, MaxCosine: 0.5}).Error(); strings.Contains(text, "ask for "+plural.Of(found, "atom")) != advised {
			t.Errorf("%d found: %s", found, text)
		}
	}
}
