package choice

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/dataset/digits"
	"github.com/sparse-manifold/smt/dictionary"
)

// painted is a source of images of random colours in random places, the same whenever they are read.
type painted struct {
	n     int
	shape dataset.Shape
}

func (p painted) Len() int             { return p.n }
func (p painted) Shape() dataset.Shape { return p.shape }
func (p painted) Label(int) int        { return -1 }
func (p painted) Classes() []string    { return nil }
func (p painted) ID(i int) string      { return fmt.Sprint(i) }

func (p painted) Image(i int, pix []uint8) error {
	rng := rand.New(rand.NewPCG(9, uint64(i)))
	s := p.shape
	for k := range s.Len() {
		pix[k] = uint8(100 + rng.IntN(8))
	}
	for range 6 {
		y, x, h, w := rng.IntN(s.Height), rng.IntN(s.Width), 1+rng.IntN(s.Height), 1+rng.IntN(s.Width)
		for c := range s.Channels {
			v := uint8(rng.IntN(240))
			for yy := y; yy < min(s.Height, y+h); yy++ {
				for xx := x; xx < min(s.Width, x+w); xx++ {
					pix[(yy*s.Width+xx)*s.Channels+c] = v + uint8(rng.IntN(16))
				}
			}
		}
	}
	return nil
}

func asChosen(c smt.Config) (smt.Config, error) { return c, c.Validate() }

func quiet(string, int, int) {}

// Of the fewest and the smallest images a model can be fitted as is chosen.
func TestFewImages(t *testing.T) {
	for _, p := range []painted{
		{2, dataset.Shape{Height: 32, Width: 32, Channels: 3}},
		{3, dataset.Shape{Height: 32, Width: 32, Channels: 1}},
		{7, dataset.Shape{Height: 8, Width: 8, Channels: 3}},
		{50, dataset.Shape{Height: 9, Width: 20, Channels: 3}},
		{20, dataset.Shape{Height: 32, Width: 43, Channels: 3}},
		{120, dataset.Shape{Height: 12, Width: 12, Channels: 1}},
	} {
		ch, err := Make(t.Context(), p, Given{}, asChosen, quiet)
		if err != nil {
			t.Errorf("%d images of %v: %v", p.n, p.shape, err)
			continue
		}
		if len(ch.Why) == 0 {
			t.Errorf("%d images of %v: nothing says why", p.n, p.shape)
		}
		if ch.Encoder == nil {
			t.Errorf("%d images of %v: atoms are to be chosen again", p.n, p.shape)
		}
		if _, err := smt.Fit(t.Context(), p, ch.Config, smt.Encoded(ch.Encoder)); err != nil {
			t.Errorf("%d images of %v, %+v: %v", p.n, p.shape, ch.Config, err)
		}
	}
}

// Numbers in what is said have their thousands apart.
func TestWhy(t *testing.T) {
	ch := Choice{Images: Images{Len: 12_345, Shape: dataset.Shape{Height: 9, Width: 8}}, Style: Scenes, because: "as it is a test"}
	ch.Config.Patch, ch.Config.Atoms, ch.Config.Dims, ch.Config.MaxCosine = 6, 1234, 1, 0.4
	ch.asked.Atoms = 8192
	ch.explain()
	want := []string{
		"settings chosen for 12,345 images of 9 × 8: style scenes, as it is a test; patches of 6, 1,234 atoms, 1 coordinate",
		"1,234 atoms, not 8,192: the images hold no more with cosines below 0.4",
	}
	if !slices.Equal(ch.Why, want) {
		t.Errorf("it says\n%q, want\n%q", ch.Why, want)
	}
	ch.asked.Atoms, ch.Config.MaxCosine = 1234, 0.5
	if ch.explain(); ch.Why[1] != "cosines of atoms below 0.5, not 0: at that the images hold 1,234" {
		t.Errorf("it says %q", ch.Why[1])
	}
}

// What is given stays.
func TestGivenStays(t *testing.T) {
	p := painted{30, dataset.Shape{Height: 10, Width: 10, Channels: 1}}
	set := func(change func(*smt.Config)) (*Choice, error) {
		var given smt.Config
		change(&given)
		return Make(t.Context(), p, Given{Atoms: given.Atoms, MaxCosine: given.MaxCosine}, func(c smt.Config) (smt.Config, error) {
			change(&c)
			return c, c.Validate()
		}, quiet)
	}
	ch, err := set(func(c *smt.Config) { c.Atoms = 200 })
	if err != nil || ch.Config.Atoms != 200 {
		t.Errorf("of 200 atoms: %+v, %v", ch, err)
	}
	ch, err = set(func(c *smt.Config) { c.MaxCosine = 0.3 })
	if err != nil || ch.Config.MaxCosine != 0.3 || ch.Config.Atoms >= 200 || len(ch.Why) != 2 {
		t.Errorf("of cosines below 0.3: %+v, %v", ch, err)
	}
	// Both are not there. Nothing is changed about what is given: the fit says so.
	ch, err = set(func(c *smt.Config) { c.MaxCosine, c.Atoms = 0.3, 200 })
	if err != nil || ch.Config.MaxCosine != 0.3 || ch.Config.Atoms != 200 {
		t.Fatalf("of 200 atoms with cosines below 0.3: %+v, %v", ch, err)
	}
	var few *dictionary.TooFewError
	if _, err := smt.Fit(t.Context(), p, ch.Config); !errors.As(err, &few) {
		t.Errorf("200 atoms with cosines below 0.3: %v", err)
	}
}

// Digits, which are all alike, are shapes; pictures that have nothing in common are scenes.
func TestStyle(t *testing.T) {
	set, err := digits.Open()
	if err != nil {
		t.Fatal(err)
	}
	for want, src := range map[Style]dataset.Source{
		Shapes: dataset.Repeat(dataset.Slice(set.Train, 0, 150)), // in colour, as far as bytes go
		Scenes: painted{150, dataset.Shape{Height: 28, Width: 28, Channels: 3}},
	} {
		ch, err := Make(t.Context(), src, Given{Atoms: 64, Dims: 8}, asChosen, quiet)
		if err != nil {
			t.Fatal(err)
		}
		if ch.Style != want || ch.StandsOut <= 0 {
			t.Errorf("images that stand out by %.2f are taken for %s, want %s", ch.StandsOut, ch.Style, want)
		}
	}
}

// A choice ends with its context.
func TestInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Make(ctx, painted{150, dataset.Shape{Height: 12, Width: 12, Channels: 3}}, Given{}, asChosen, quiet); err == nil {
		t.Error("a choice went on")
	}
}

func TestStandsOut(t *testing.T) {
	// The others are 1, 2, 3 and 6: of mean 3 and variance 3.5.
	if got, want := standsOut([]float32{1, 2, 10, 3, 6}, 2), 7/math.Sqrt(3.5); math.Abs(got-want) > 1e-6 {
		t.Errorf("it stands out by %g, want %g", got, want)
	}
}

// A view is the same whenever it is read, and of one colour where its image is.
func TestViews(t *testing.T) {
	shape := dataset.Shape{Height: 9, Width: 7, Channels: 3}
	v := views{painted{4, shape}, 3}
	a, b := make([]uint8, shape.Len()), make([]uint8, shape.Len())
	for i := range 4 {
		if err := v.Image(i, a); err != nil {
			t.Fatal(err)
		}
		if err := v.Image(i, b); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(a, b) {
			t.Errorf("view %d is another when it is read again", i)
		}
		if err := v.Source.Image(i, b); err != nil {
			t.Fatal(err)
		}
		if slices.Equal(a, b) {
			t.Errorf("view %d is its image", i)
		}
	}
	blank := views{dataset.Single(shape, slices.Repeat([]uint8{10, 100, 200}, 63)), 5}
	if err := blank.Image(0, a); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(a[:len(a)-3], a[3:]) {
		t.Errorf("the view of one colour has several: %v", a)
	}
}

func TestLook(t *testing.T) {
	shape := dataset.Shape{Height: 8, Width: 9, Channels: 1} // two tiles across, two down
	pix := make([]uint8, shape.Len())
	pix[9*5+6] = 1
	im, err := Look(t.Context(), dataset.Single(shape, pix), Seed)
	if err != nil || im != (Images{1, shape, 0.75}) {
		t.Errorf("Look says %+v, %v", im, err)
	}
}

// What the style that images are first taken for would refuse is not refused if a trial chooses the other one.
func TestGivenFitsTheStyle(t *testing.T) {
	set, err := digits.Open()
	if err != nil {
		t.Fatal(err)
	}
	coloured := func(n int) dataset.Source { return dataset.Repeat(dataset.Slice(set.Train, 0, n)) }
	radius := func(c smt.Config) (smt.Config, error) {
		c.Context.Radius = 2 // scenes have no windows
		return c, c.Validate()
	}
	given := Given{Atoms: 64, Dims: 8}
	ch, err := Make(t.Context(), coloured(150), given, radius, quiet)
	if err != nil || ch.Style != Shapes || ch.Config.Context.Radius != 2 {
		t.Errorf("windows of radius 2, of digits in colour: %+v, %v", ch, err)
	}
	if _, err := Make(t.Context(), coloured(20), given, radius, quiet); err == nil {
		t.Error("windows of radius 2 were taken for scenes")
	}
	looks := 0
	_, err = Make(t.Context(), coloured(150), given, func(c smt.Config) (smt.Config, error) {
		looks++
		return c, errors.New("wrong")
	}, quiet)
	if err == nil || looks != 2 {
		t.Errorf("what is wrong for both styles is refused after %d looks: %v", looks, err)
	}
}
