package duplicates

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// cropped are scattered items with pictures, of some of which there are crops: near enough to be neighbours, too far for a margin.
func cropped(seed uint64, items, copies int) (h held, pictures [][]byte) {
	rng := rand.New(rand.NewPCG(seed, 3))
	h = scattered(rng, items, 64, 40)
	var lights []func(y, x float64) float64
	for range items {
		lights = append(lights, drawn(rng))
		pictures = append(pictures, shown(lights[len(lights)-1], 0, 0, 1))
	}
	for i := range copies {
		h.copied(rng, i, 1.6, i%3 == 0)
		p := shown(lights[i], 0.2*rng.Float64(), 0.2*rng.Float64(), 0.8)
		if i%3 == 0 {
			for y := range Side {
				slices.Reverse(p[y*Side : (y+1)*Side])
			}
		}
		pictures = append(pictures, p)
	}
	return h, pictures
}

// Crops that are neighbours are found by their pictures, flipped ones too, and nothing else is; without crops there is no threshold.
func TestCropsAreFound(t *testing.T) {
	const items, copies = 300, 60
	h, pictures := cropped(1, items, copies)
	g := graphOf(t, h)
	picture := func(i int) ([]byte, error) { return pictures[i], nil }
	second, err := Look(context.Background(), g, 0, picture, quiet)
	if err != nil {
		t.Fatal(err)
	}
	if second.Agreement < leastAgreement {
		t.Fatalf("the agreement is %g", second.Agreement)
	}
	groups, err := Find(context.Background(), h, g, 0, second)
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, members := range groups {
		for _, m := range members[1:] {
			of, crop := min(m.Item, members[0].Item), max(m.Item, members[0].Item)
			if crop != of+items || m.Agreement < second.Agreement || m.Flip != (of%3 == 0) {
				t.Errorf("%+v is in the group of %d", m, members[0].Item)
			}
			found++
		}
	}
	near := 0 // crops that are neighbours: no others are looked at
	for i := range copies {
		for _, n := range g.Near(i) {
			if n.Index == i+items && n.Flip == (i%3 == 0) {
				near++
			}
		}
	}
	if found < near*9/10 || near < copies/3 {
		t.Errorf("%d crops found, of %d that are neighbours", found, near)
	}
	h, pictures = cropped(2, items, 0)
	second, err = Look(context.Background(), graphOf(t, h), 0, picture, quiet)
	if err != nil || second.Agreement != 0 {
		t.Errorf("without crops: %+v, %v", second, err)
	}
}

// The agreement is the least, by the definition, at which chance makes up a twentieth.
func TestEnough(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 4))
		all := make([]look, rapid.IntRange(1, 200).Draw(t, "items"))
		copies := rapid.Float64Range(0, 1).Draw(t, "copies")
		for i := range all {
			all[i] = look{named: rng.IntN(4) == 0, crowded: rng.IntN(8) == 0, chance: float64(rng.IntN(91)) / 100}
			if all[i].most = float64(rng.IntN(91)) / 100; rng.Float64() < copies {
				all[i].most = 0.86 + float64(rng.IntN(14))/100
			}
		}
		share := func(at float64) float64 {
			var chance, tell, reach, unnamed float64
			for _, l := range all {
				if !l.crowded {
					tell++
					if l.chance >= at {
						chance++
					}
				}
				if !l.named {
					unnamed++
					if l.most >= at {
						reach++
					}
				}
			}
			return (1 + chance) / tell * unnamed / reach
		}
		want := 0.0
		for _, l := range all {
			if !l.named && l.most >= leastAgreement && share(l.most) <= falseShare+1e-12 && (want == 0 || l.most < want) {
				want = l.most
			}
		}
		if got := enough(all); got != want {
			t.Fatalf("agreement %g, by the definition %g", got, want)
		}
	})
}

func TestNewLook(t *testing.T) {
	near := []neighbour{{0.1, 0.9}, {0.5, 0.2}, {0.4, 0.95}, {0.3, 0.1}, {0.2, 0.7}}
	if got, want := newLook(slices.Clone(near), 0.45), (look{named: true, most: 0.95, chance: 0.9}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	if got := newLook(slices.Clone(near), 0.2); !got.crowded {
		t.Error("an item with four near-duplicates is not crowded")
	}
	if got := newLook(slices.Clone(near), 0); got.named || got.crowded {
		t.Errorf("without a threshold: %+v", got)
	}
}

func TestLookRefused(t *testing.T) {
	h, pictures := cropped(5, 30, 5)
	g := graphOf(t, h)
	broken := errors.New("broken")
	if _, err := Look(context.Background(), g, 0, func(int) ([]byte, error) { return nil, broken }, quiet); !errors.Is(err, broken) {
		t.Errorf("error %v", err)
	}
	if _, err := Look(context.Background(), g, 0, func(i int) ([]byte, error) { return pictures[i][:9], nil }, quiet); err == nil || !strings.Contains(err.Error(), "want 32 × 32") {
		t.Errorf("error %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	_, err := Look(ctx, g, 0, func(i int) ([]byte, error) {
		if i == g.Len()-1 {
			cancel()
		}
		return pictures[i], nil
	}, quiet)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v after its context", err)
	}
	few, p := cropped(6, 6, 1)
	if second, err := Look(context.Background(), graphOf(t, few), 0, func(i int) ([]byte, error) { return p[i], nil }, quiet); err != nil || second.Agreement != 0 {
		t.Errorf("seven items: %+v, %v", second, err)
	}
}

func quiet(string, int, int) {}
