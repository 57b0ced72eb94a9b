package cooccur

import (
	"context"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/sparse-manifold/smt/sparse"
)

// Whatever codes were counted, in whatever contexts, statistics that are saved are read.
func TestStatisticsAreReadable(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	rapid.Check(t, func(rt *rapid.T) {
		c := Context{Kind: Whole, Difference: rapid.IntRange(1, 2).Draw(rt, "difference")}
		if rapid.Bool().Draw(rt, "window") {
			c.Kind, c.Radius = Window, rapid.IntRange(1, 4).Draw(rt, "radius")
		}
		unit := rapid.SampledFrom([]int{1, 2, 1024}).Draw(rt, "unit")
		rows, cols, atoms := rapid.IntRange(1, 6).Draw(rt, "rows"), rapid.IntRange(1, 6).Draw(rt, "columns"), rapid.IntRange(1, 30).Draw(rt, "atoms")
		grid := Grid{rows, cols}
		own := rapid.Bool().Draw(rt, "topologies of their own")
		if own {
			grid = Grid{}
		}
		s, err := NewDense(Origin{Context: c, Atoms: atoms, Denominator: unit, Grid: grid})
		if err != nil {
			rt.Fatal(err)
		}
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 1))
		full := rapid.Bool().Draw(rt, "all atoms, of the largest value, or none")
		var images []Group
		for range rapid.IntRange(0, 20).Draw(rt, "images") {
			x := randomCodes(rng, rows*cols, atoms, unit)
			if full {
				x = &sparse.Codes{Start: []int32{0}}
				for range rows * cols {
					if rng.IntN(3) > 0 {
						for a := range atoms {
							x.Atom = append(x.Atom, uint16(a))
							if unit > 1 {
								x.Value = append(x.Value, uint16(4*unit))
							}
						}
					}
					x.Start = append(x.Start, int32(len(x.Atom)))
				}
			}
			images = append(images, Group{x, Grid{rows, cols}})
			if own {
				rows, cols = rng.IntN(6)+1, rng.IntN(6)+1
			}
		}
		if _, err := s.Accumulate(context.Background(), images); err != nil {
			rt.Fatal(err)
		}
		if err := s.Save(path, nil); err != nil {
			rt.Fatal(err)
		}
		read, _, err := Load(path)
		if err != nil {
			rt.Fatal(err)
		}
		back := read.(*Dense)
		if !slices.Equal(back.V, s.V) || !slices.Equal(back.M, s.M) {
			rt.Error("they are not what was saved")
		}
	})
}

// Sums and counts that no images lead to, in files with the right checksums.
func TestAbsurdStatisticsAreRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	window := Context{Kind: Window, Radius: 1, Difference: 1}
	for _, c := range []struct {
		says    string
		context Context // of 3 × 4 patches
		make    func(s *Dense)
	}{
		{"header: images is 4611686018427387904, want at most 750599937895082", Context{}, func(s *Dense) { s.Groups = 1 << 62 }},
		{"header: coded is 109, want at most the 108 units of 9 groups", Context{}, func(s *Dense) { s.Coded = 109 }},
		{"header: pairs is 1, want 0 to 0", Context{}, func(s *Dense) { s.Pairs = 1 }},
		{"header: inner is 2, want at most 0", Context{}, func(s *Dense) { s.Inner = 2 }},
		{"header: inner is 109, want at most", window, func(s *Dense) { s.Inner = 109 }},
		{"header: pairs is 1, want", window, func(s *Dense) { s.Pairs = 1 }},
		{"header: pairs is 9007199254740992, want", window, func(s *Dense) { s.Pairs = 1 << 53 }},
		{"out of range", window, func(s *Dense) { s.Context.Radius = 1 << 62 }},
		{"tensor V: element (3, 3) (index 9) is 109, want 0 to ", Context{}, func(s *Dense) { s.V[9] = 109 }},
		{"tensor V: element (0, 0) (index 0) is -1, want 0 to", Context{}, func(s *Dense) { s.V[0] = -1 }},
		{"tensor V: the diagonal sums to 0, want at least the", Context{}, func(s *Dense) { clear(s.V); clear(s.M) }},
		{"tensor V: element (5, 2) (index 17) is 108, want 0 to", Context{}, func(s *Dense) { s.V[17] = 108 }},
		{"tensor V: element (5, 2) (index 17) is -1, want 0 to", Context{}, func(s *Dense) { s.V[17] = -1 }},
		{"tensor M: element (2, 2) (index 5) is 1000000000000, want 0 to", Context{}, func(s *Dense) { s.M[5] = 1e12 }},
		{"tensor M: element (2, 2) (index 5) is -7, want 0 to", window, func(s *Dense) { s.M[5] = -7 }},
		{"tensor M: element (2, 2) (index 5) is 10000, want 0 to", window, func(s *Dense) { s.M[5] = 10000 }},
		{"tensor M: element (2, 2) (index 5) is 1000000000000, want 0 to", Context{Kind: Window, Radius: 1, Difference: 2}, func(s *Dense) { s.M[5] = 1e12 }},
		{"tensor M: element (5, 2) (index 17) is 100000000, want -", Context{}, func(s *Dense) { s.M[17] = 1e8 }},
		{"tensor M: element (5, 2) (index 17) is -100000000, want -", Context{}, func(s *Dense) { s.M[17] = -1e8 }},
	} {
		if c.context.Kind == "" {
			c.context = Context{Kind: Whole, Difference: 2}
		}
		s, err := dense(c.context, 20, 1, 3, 4)
		if err != nil {
			t.Fatal(err)
		}
		if err := accumulate(s, randomImages(rand.New(rand.NewPCG(1, 2)), 9, 12, 20)); err != nil {
			t.Fatal(err)
		}
		c.make(s)
		refused(t, s, path, c.says)
	}
}

// refused saves statistics that are not read again, for the reason given.
func refused(t *testing.T, s Statistics, path, says string) {
	t.Helper()
	if err := s.Save(path, nil); err != nil {
		t.Fatal(err)
	}
	if _, _, err := Load(path); err == nil || !strings.Contains(err.Error(), says) || !strings.Contains(err.Error(), path) {
		t.Errorf("error %v, want %q in it", err, says)
	}
}

func TestAbsurdPackedStatisticsAreRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	for _, c := range []struct {
		says string
		make func(s *Packed)
	}{
		{"tensor sums.0: group 8, atom 7 (index 519) is 200, want at most the", func(s *Packed) { s.Sums[0][8*64+7] = 200 }},
		{"tensor sums.0: group 0, atom 3 (index 3) is 1, want at most the 0 coded units", func(s *Packed) { s.Sums[0][3] = 1 }}, // images are sorted: the first one is blank
		{"tensor sums.0: column 63 is not 0, want the values of 21 atoms alone", func(s *Packed) { s.Sums[0][8*64+63] = 1 }},
		{"tensor same: element (4, 4) (index 14) is 4000000000, want", func(s *Packed) { s.Same[14] = 4e9 }},
		{"as the groups' sums have", func(s *Packed) { s.Sums[0][8*64]++ }},
		{"tensor same: element (5, 2) (index 17) is 4000000000, want at most", func(s *Packed) { s.Same[17] = 4e9 }},
		{"tensor crossed: element (5, 5) (index 20) is 4000000000, want at most", func(s *Packed) { s.Crossed[20] = 4e9 }},
		{"header: coded is", func(s *Packed) { clear(s.Sums[0]); clear(s.Same); clear(s.Crossed) }},
	} {
		s, _ := smallPacked(t)
		if err := s.Save(path, nil); err != nil { // sorts the images
			t.Fatal(err)
		}
		if _, _, err := Load(path); err != nil {
			t.Fatal(err)
		}
		c.make(s)
		refused(t, s, path, c.says)
	}
}

// Columns are summed as a plain loop does, of more rows than sums of 16 bits have room for.
func TestAddColumns(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		stride := 64 * rapid.IntRange(1, 20).Draw(rt, "columns / 64")
		atoms := stride - rapid.IntRange(0, 63).Draw(rt, "columns without an atom")
		rows := rapid.SampledFrom([]int{1, 3, 255, 256, 257, 700}).Draw(rt, "rows")
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 1))
		sums, units := make([]uint8, rows*stride), make([]uint8, rows)
		for i := range units {
			units[i] = []uint8{255, 255, 0, uint8(rng.IntN(256))}[rng.IntN(4)]
			for a := range atoms {
				sums[i*stride+a] = uint8(rng.IntN(int(units[i]) + 1))
				if rng.IntN(2) == 0 {
					sums[i*stride+a] = units[i]
				}
			}
		}
		if i := rng.IntN(2 * rows); i < rows { // one that is too large
			at := i*stride + rng.IntN(atoms)
			sums[at] += uint8(1 + rng.IntN(255))
		}
		want, fine := make([]uint64, stride), true
		for i, p := range units {
			for a, v := range sums[i*stride : (i+1)*stride] {
				want[a] += uint64(v)
				fine = fine && v <= p
			}
		}
		got := make([]uint64, stride)
		if err := addColumns(got, sums, units, atoms); (err == nil) != fine || fine && !slices.Equal(got, want) {
			rt.Errorf("error %v, and there is one that is too large: %v; sums %v, want %v", err, !fine, got[:8], want[:8])
		}
	})
}
