package dictionary

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"pgregory.net/rapid"

	"github.com/sparse-manifold/smt/internal/linalg"
	"github.com/sparse-manifold/smt/patch"
	"github.com/sparse-manifold/smt/sparse"
)

// plain is what Exemplars is to find, round by round and chunk by chunk, each candidate
// compared with every atom. tried is the number of candidates seen.
func plain(t *rapid.T, s Sample, n int, maxCosine float64) (d Dictionary, tried int) {
	dim, limit, flips := s.Dim, float32(maxCosine), s.Flip != nil
	d.Dim = dim
	flipOf := func(x []float32) []float32 {
		out := make([]float32, dim)
		s.flipTo(x, out)
		return out
	}
	symmetrize := func(x []float32) {
		for k, v := range flipOf(x) {
			x[k] = v + x[k]
		}
		scaleToUnit(x)
	}
	near := func(x, y []float32) bool { return float32(linalg.Dot(x, y)) >= limit }
	for round := range maxRounds {
		for first := 0; first < s.Groups; first += drawGroups {
			drawn, err := s.draw(context.Background(), round, 1, first, min(first+drawGroups, s.Groups), drawEach)
			if err != nil {
				t.Fatal(err)
			}
			c, old := drawn[0], d.N()
			tried += c.Rows
			for i := range c.Rows {
				if flips && near(c.Row(i), flipOf(c.Row(i))) {
					symmetrize(c.Row(i))
				}
			}
			cos := linalg.New(c.Rows, old)
			linalg.AddMul(cos, 1, c, linalg.Wrap(old, dim, d.Atoms).T())
			for i := 0; i < c.Rows && d.N() < n; i++ {
				x := c.Row(i)
				nearNew := func(from int) bool {
					for a := from; a < d.N(); a++ {
						if near(x, d.Atoms[a*dim:(a+1)*dim]) {
							return true
						}
					}
					return false
				}
				if slices.ContainsFunc(cos.Row(i), func(v float32) bool { return v >= limit }) || nearNew(old) {
					continue
				}
				if !flips {
					d.Atoms = append(d.Atoms, x...)
					continue
				}
				own := near(x, flipOf(x))
				if n-d.N() == 1 && !own {
					if symmetrize(x); nearNew(0) {
						continue
					}
					own = true
				}
				a := uint16(d.N())
				d.Atoms = append(d.Atoms, x...)
				if own {
					d.Mirror = append(d.Mirror, a)
				} else {
					d.Atoms = append(d.Atoms, flipOf(x)...)
					d.Mirror = append(d.Mirror, a+1, a)
				}
			}
			if d.N() == n {
				return d, tried
			}
		}
	}
	return d, tried
}

// Rounds that are drawn together find what they find one after the other, to the last
// bit, whether that is enough or not. Numbers that are said to do, do.
func TestExemplarsAreThePlainOnes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		images := rapid.SampledFrom([]int{1, 2, 7, 30, 270}).Draw(t, "images")
		n := rapid.IntRange(1, 90).Draw(t, "atoms")
		maxCosine := rapid.Float64Range(0.1, 1).Draw(t, "cosine")
		flips := rapid.Bool().Draw(t, "flips")
		s := sample(images, flips)
		s.Seed = rapid.Uint64().Draw(t, "seed")
		want, tried := plain(t, s, n, maxCosine)
		got, err := Exemplars(context.Background(), s, n, maxCosine, nil)
		if want.N() == n {
			if err != nil {
				t.Fatal(err)
			}
			if d := want.finish(s.Flip); !slices.Equal(got.Atoms, d.Atoms) || !slices.Equal(got.Mirror, d.Mirror) {
				t.Fatal("other atoms than the plain ones")
			}
			return
		}
		var few *TooFewError
		if !errors.As(err, &few) || few.Found != want.N() || few.Tried != tried || few.Wanted != n || few.MaxCosine != maxCosine {
			t.Fatalf("error %v, want one of %d of %d atoms among %d patches", err, want.N(), n, tried)
		}
		if few.Found > 0 {
			if d, err := Exemplars(context.Background(), s, few.Found, maxCosine, nil); err != nil || d.N() != few.Found {
				t.Fatalf("as many as were found: error %v", err)
			}
			if !strings.Contains(few.Error(), fmt.Sprintf("ask for %d atoms", few.Found)) {
				t.Fatalf("error %q does not say so", few)
			}
		}
		if few.Enough > 0 {
			if d, err := Exemplars(context.Background(), s, n, few.Enough, nil); err != nil || d.N() != n || few.Enough <= maxCosine {
				t.Fatalf("at the cosine %g that is enough, not %g: error %v", few.Enough, maxCosine, err)
			}
			if !strings.Contains(few.Error(), fmt.Sprintf("a cosine of %g", few.Enough)) {
				t.Fatalf("error %q does not say so", few)
			}
		}
	})
}

// counted counts how often images are read.
type counted struct {
	noise
	reads *atomic.Int64
}

func (c counted) Image(i int, pix []uint8) error {
	c.reads.Add(1)
	return c.noise.Image(i, pix)
}

// A search that cannot succeed reads the images a few times, not once for each of its
// rounds, and says what would do.
func TestASearchInVainReadsLittle(t *testing.T) {
	const images, n = 400, 300
	var reads atomic.Int64
	s := sampleOf(counted{noise{images}, &reads}, patch.CenterPatch, true)
	_, err := Exemplars(context.Background(), s, n, 0.72, nil)
	var few *TooFewError
	if !errors.As(err, &few) || few.Found < n/4 || few.Tried < images*drawEach*maxRounds/2 || few.Enough == 0 {
		t.Fatalf("error %v", err)
	}
	if times := float64(reads.Load()) / images; times > 12 {
		t.Errorf("each image was read %g times in %d rounds, want 12 at the most: %v", times, maxRounds, few)
	}
	s = sample(images, true)
	if _, err := Exemplars(context.Background(), s, n, few.Enough, nil); err != nil {
		t.Errorf("at the cosine that is said to be enough: %v", err)
	}
}

func TestNumbersOfAtoms(t *testing.T) {
	for _, n := range []int{-1, 0, sparse.MaxAtoms + 1} {
		for name, choose := range map[string]func() (*Dictionary, error){
			"exemplars": func() (*Dictionary, error) {
				return Exemplars(context.Background(), sample(2, false), n, 0.5, nil)
			},
			"k-means": func() (*Dictionary, error) { return KMeans(context.Background(), sample(2, false), n, nil) },
		} {
			if _, err := choose(); err == nil || !strings.Contains(err.Error(), "1 to 65536") {
				t.Errorf("%s: %d atoms: error %v", name, n, err)
			}
		}
	}
}

// Rounds and images that are drawn together are those drawn one by one.
func TestDrawnTogether(t *testing.T) {
	for _, center := range []patch.Center{patch.CenterPatch, patch.CenterImage} {
		s := sampleOf(noise{9}, center, false)
		together, err := s.draw(context.Background(), 3, 5, 2, 8, drawEach)
		if err != nil {
			t.Fatal(err)
		}
		for r, all := range together {
			var want []float32
			for i := 2; i < 8; i++ {
				drawn, err := s.draw(context.Background(), 3+r, 1, i, i+1, drawEach)
				if err != nil {
					t.Fatal(err)
				}
				want = append(want, drawn[0].Data...)
			}
			if !slices.Equal(all.Data, want) {
				t.Errorf("%s, round %d: other patches than those drawn one by one", center, r)
			}
		}
	}
}

// The last place of an odd number, where all patches but a few are pairs and no cosine
// is too large.
func TestOddNumbersWithoutSpacing(t *testing.T) {
	for _, maxCosine := range []float64{1, 1.5} {
		s := sample(40, true)
		d, err := Exemplars(context.Background(), s, 31, maxCosine, nil)
		if err != nil {
			t.Fatal(err)
		}
		checkUnitAndClosed(t, s, d, 31, true)
	}
}
