package explain

import (
	"context"
	"errors"
	"math"
	"slices"
	"testing"

	"github.com/sparse-manifold/smt/dataset"
)

// The nearest in each space have the largest cosines, computed from the definitions (TestGalleryCosines).
func TestNearest(t *testing.T) {
	for _, name := range []string{"photographs", "soft", "nearest"} {
		m := fitted(t, colour(120), variants()[name])
		_, x, err := Scatter(t.Context(), m, colour(60), 60, 15)
		if err != nil {
			t.Fatal(err)
		}
		g, err := NewGallery(t.Context(), m, x)
		if err != nil {
			t.Fatal(err)
		}
		const depth = 30
		near, err := g.nearest(t.Context(), depth)
		if err != nil {
			t.Fatal(err)
		}
		for i := 0; i < g.Len(); i += 17 {
			for s, cosines := range g.Cosines(g.Vector(i)) {
				got := near[s][i]
				if len(got) != depth || len(slices.Compact(slices.Sorted(slices.Values(got)))) != depth {
					t.Fatalf("%s, %v: neighbours of %d are %v", name, Stage(s), i, got)
				}
				sorted := slices.Clone(cosines)
				slices.Sort(sorted)
				for r, j := range got {
					if want := sorted[len(sorted)-1-r]; math.Abs(cosines[j]-want) > 1e-5 {
						t.Errorf("%s, %v: neighbour %d of %d has cosine %g, want %g", name, Stage(s), r, i, cosines[j], want)
					}
				}
			}
		}
	}
}

func TestLargest(t *testing.T) {
	for _, c := range []struct {
		values []float64
		n      int
		want   []int
	}{
		{[]float64{1, 3, 2, 3, 1}, 3, []int{1, 3, 2}},
		{[]float64{1, 1, 1, 1}, 2, []int{0, 1}},
		{[]float64{1, 2}, 5, []int{1, 0}},
		{nil, 5, []int{}},
	} {
		if got := largest(c.values, c.n); !slices.Equal(got, c.want) {
			t.Errorf("the %d largest of %v are %v, want %v", c.n, c.values, got, c.want)
		}
	}
}

// relabelled are images whose labels are others.
type relabelled struct {
	dataset.Source
	label func(i int) int
}

func (r relabelled) Label(i int) int { return r.label(i) }

// alike are images of the same upright stripes, two pixels wide: whatever their class, they have two patches.
type alike struct{ textures }

func (a alike) Image(_ int, pix []uint8) error {
	for at := range pix {
		pix[at] = uint8(100 * (at / a.Size.Channels % a.Size.Width % 2))
	}
	return nil
}

func TestAgree(t *testing.T) {
	for name, cfg := range variants() {
		m := fitted(t, colour(120), cfg)
		a, err := Agree(t.Context(), m, colour(60))
		if err != nil {
			t.Fatal(err)
		}
		from, _, err := Scatter(t.Context(), m, colour(60), 60, agreementEach)
		if err != nil {
			t.Fatal(err)
		}
		if a.Patches != len(from.Image) || a.Images != 60 || a.K != agreementK {
			t.Errorf("%s: %d patches of %d images, %d nearest", name, a.Patches, a.Images, a.K)
		}
		// The direction of stripes is the class: signals alone tell it, and do not tell labels given at random.
		if c := a.Class; c.Signal.Value < c.Chance+5*c.Signal.Error || c.Signal.Error == 0 {
			t.Errorf("%s: neighbours of the class %+v", name, c)
		}
		// Patches of 4 × 4 in a grid of 10 × 11 places overlap where they are less than 4 apart, down and across.
		var chance float64
		for i, im := range from.Image {
			may, own := 0, 0
			for j, other := range from.Image {
				down, across := from.At[i]/11-from.At[j]/11, from.At[i]%11-from.At[j]%11
				if other != im {
					may++
				} else if max(down, -down) >= 4 || max(across, -across) >= 4 {
					may++
					own++
				}
			}
			chance += float64(own) / float64(may) / float64(len(from.Image))
		}
		if math.Abs(a.Image.Chance-chance) > 1e-12 {
			t.Errorf("%s: neighbours are of the image by chance %g, want %g", name, a.Image.Chance, chance)
		}
		none, err := Agree(t.Context(), m, relabelled{colour(60), func(i int) int { return i%4 - 1 }})
		if err != nil || none.Class != nil || none.ClassWithOwn != nil || *none.Image != *a.Image {
			t.Errorf("%s: where some have no label: %+v, %v", name, none, err)
		}
	}
}

// Of images of one patch each, neighbours are of other images, and no more than these.
func TestAgreeOfLonePatches(t *testing.T) {
	m := fitted(t, colour(120), variants()["photographs"])
	few := colour(12)
	few.Size.Height, few.Size.Width = 4, 4
	a, err := Agree(t.Context(), m, few)
	if err != nil {
		t.Fatal(err)
	}
	if a.Patches > agreementK || a.K != a.Patches-1 || a.Image != nil || a.Class == nil || a.Class.Signal.Value != a.Class.Chance {
		t.Errorf("of few patches %+v, of their class %+v", a, a.Class)
	}
	if a, err = Agree(t.Context(), m, relabelled{few, func(int) int { return 0 }}); a != nil || err != nil {
		t.Errorf("where nothing can differ: %+v, %v", a, err)
	}
}

// twice has every image twice.
type twice struct{ textures }

func (s twice) Label(i int) int { return s.textures.Label(i / 2) }

func (s twice) Image(i int, pix []uint8) error { return s.textures.Image(i/2, pix) }

// As many neighbours are looked for as are needed, whatever image is left out: all of them give the same.
func TestAgreementDepth(t *testing.T) {
	m := fitted(t, colour(120), small())
	got, err := Agree(t.Context(), m, twice{colour(60)})
	if err != nil {
		t.Fatal(err)
	}
	c, err := newCensus(t.Context(), m, twice{colour(60)}, 600)
	if err != nil {
		t.Fatal(err)
	}
	want, err := c.agreement(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if *got.Class != *want.Class || *got.ClassWithOwn != *want.ClassWithOwn || *got.Image != *want.Image {
		t.Errorf("class %+v, %+v, image %+v\nof all neighbours %+v, %+v, %+v", got.Class, got.ClassWithOwn, got.Image, want.Class, want.ClassWithOwn, want.Image)
	}
}

// Where all are equally near, neighbours are taken at random, not the first: those of a folder are of one class.
func TestAgreeWhereAllAreEqual(t *testing.T) {
	m := fitted(t, colour(120), variants()["nearest"])
	sorted := relabelled{alike{colour(40)}, func(i int) int { return min(1, i/10) }}
	a, err := Agree(t.Context(), m, sorted)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range []Estimate{a.Class.Signal, a.Class.Code, a.Class.Embedding} {
		// 10 of 40 have the class that comes first: a quarter, where chance is 0.62.
		if math.Abs(e.Value-a.Class.Chance) > 0.2 {
			t.Errorf("share %+v, chance %.3f", e, a.Class.Chance)
		}
	}
}

// patternless are blank images.
type patternless struct{ textures }

func (patternless) Image(_ int, pix []uint8) error {
	clear(pix)
	return nil
}

func TestAgreeOfFewAndStopped(t *testing.T) {
	m := fitted(t, colour(120), small())
	for n, want := range map[int]bool{1: false, 2: false, 3: true} {
		if a, err := Agree(t.Context(), m, colour(n)); err != nil || (a != nil) != want {
			t.Errorf("%d images: %+v, %v", n, a, err)
		}
	}
	flat := patternless{colour(9)}
	if a, err := Agree(t.Context(), m, flat); err != nil || a != nil {
		t.Errorf("blank images: %+v, %v", a, err)
	}
	done, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Agree(done, m, colour(60)); !errors.Is(err, context.Canceled) {
		t.Errorf("after an end: %v", err)
	}
}
