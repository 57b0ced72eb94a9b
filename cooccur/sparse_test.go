package cooccur

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"

	"github.com/sparse-manifold/smt/internal/linalg"
	"github.com/sparse-manifold/smt/sparse"
)

// texts are lines of atoms below n, −1 for none, of different lengths, as words are frequent.
func texts(rng *rand.Rand, lines, n int) [][]int {
	all := make([][]int, lines)
	for i := range all {
		all[i] = make([]int, rng.IntN(30))
		for k := range all[i] {
			all[i][k] = int(float64(n+1)*math.Pow(rng.Float64(), 2)) - 1
		}
	}
	return all
}

// lineOf is a line of atoms as a group, numbered in 32 bits or in 16.
func lineOf(text []int, wide bool) Group {
	c := new(sparse.Codes)
	c.Reset()
	for _, a := range text {
		switch {
		case a < 0:
			c.Add()
		case wide:
			c.AddWide(uint32(a))
		default:
			c.Add(uint16(a))
		}
	}
	return Group{Codes: c, Topology: Grid{len(text)}}
}

func groupsOf(all [][]int, wide bool) (groups []Group) {
	for _, text := range all {
		groups = append(groups, lineOf(text, wide))
	}
	return groups
}

func newSparse(t testing.TB, c Context, atoms int) *Sparse {
	t.Helper()
	s, err := NewSparse(Origin{Encoder: "a digest", Context: c, Atoms: atoms, Denominator: 1})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func falling(radius int) Context {
	return Context{Kind: Window, Radius: radius, Difference: 1, Weights: Falling}
}

func countedTexts(t testing.TB, c Context, atoms int, all [][]int) *Sparse {
	t.Helper()
	s := newSparse(t, c, atoms)
	if n, err := s.Accumulate(t.Context(), groupsOf(all, true)); err != nil || n != len(all) {
		t.Fatalf("%d of %d groups were added: error %v", n, len(all), err)
	}
	s.Release()
	return s
}

// forms are V and L of s as matrices.
func (s *Sparse) forms() (v, l *mat.SymDense) {
	p := s.laplacian()
	v, l = mat.NewSymDense(s.Atoms, nil), mat.NewSymDense(s.Atoms, nil)
	x, y := linalg.NewBundle(s.Atoms), linalg.NewBundle(s.Atoms)
	column := make([]float32, s.Atoms)
	for a := range s.Atoms {
		v.SetSym(a, a, p.v[a])
		clear(column)
		column[a] = 1
		x.Set(0, column)
		p.times(x, y)
		y.Get(0, column)
		for b := range a + 1 {
			l.SetSym(a, b, float64(column[b]))
		}
	}
	return v, l
}

// defined are V and L of texts from the definition: the mean of φφᵀ over units, and of
// (φ_i − φ_j)(φ_i − φ_j)ᵀ over pairs, by their weights.
func defined(all [][]int, c Context, atoms int) (v, l *mat.SymDense) {
	v, l = mat.NewSymDense(atoms, nil), mat.NewSymDense(atoms, nil)
	var units, pairs float64
	for _, text := range all {
		for i, a := range text {
			if a < 0 {
				continue
			}
			units++
			v.SetSym(a, a, v.At(a, a)+1)
			for j, b := range text {
				steps := max(i-j, j-i)
				if b < 0 || steps == 0 || steps > c.Radius {
					continue
				}
				weight := 1.0
				if c.Weights == Falling {
					weight = float64(c.Radius + 1 - steps)
				}
				d := mat.NewVecDense(atoms, nil)
				d.SetVec(a, 1)
				d.SetVec(b, d.AtVec(b)-1)
				l.SymRankOne(l, weight, d)
				pairs += weight
			}
		}
	}
	v.ScaleSym(1/max(1, units), v)
	l.ScaleSym(1/max(1, pairs), l)
	return v, l
}

// definedSlots is L of texts with slots from the definition: the mean of (φ_i − φ_j)(φ_i − φ_j)ᵀ
// over draws of a pair of near units, of one of its two units, i, whose slot is its side of the
// other's atom, and of another unit j in that slot, by their weights.
func definedSlots(all [][]int, c Context, atoms int) *mat.SymDense {
	type standing struct {
		atom   int
		weight float64
	}
	in := map[[2]int][]standing{} // of each atom and side
	var draws float64
	for _, text := range all {
		for i, a := range text {
			for j, b := range text {
				steps := max(i-j, j-i)
				if a < 0 || b < 0 || steps == 0 || steps > c.Radius {
					continue
				}
				weight, side := 1.0, 0
				if c.Weights == Falling {
					weight = float64(c.Radius + 1 - steps)
				}
				if i < j {
					side = 1
				}
				slot := [2]int{b, side}
				in[slot] = append(in[slot], standing{a, weight})
				draws += weight
			}
		}
	}
	l := mat.NewSymDense(atoms, nil)
	for _, slot := range in {
		var all float64
		for _, s := range slot {
			all += s.weight
		}
		for _, s := range slot {
			for _, o := range slot {
				d := mat.NewVecDense(atoms, nil)
				d.SetVec(s.atom, 1)
				d.SetVec(o.atom, d.AtVec(o.atom)-1)
				l.SymRankOne(l, s.weight*o.weight/all/draws, d)
			}
		}
	}
	return l
}

func TestSlotsAgreeWithTheDefinition(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		c := falling(rapid.IntRange(1, 4).Draw(rt, "radius"))
		c.Slots, c.Weights = true, rapid.SampledFrom([]Weights{Equal, Falling}).Draw(rt, "weights")
		atoms := rapid.SampledFrom([]int{1, 2, 9, 65}).Draw(rt, "atoms")
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 1))
		all := texts(rng, rapid.IntRange(0, 5).Draw(rt, "lines"), atoms)
		s := countedTexts(t, c, atoms, all)
		v, l := s.forms()
		wantV, _ := defined(all, c, atoms)
		want := definedSlots(all, c, atoms)
		if !mat.EqualApprox(v, wantV, 1e-12) || !mat.EqualApprox(l, want, 1e-6) { // C is in float32
			rt.Errorf("V or L is not that of the definition:\n%v\n%v", mat.Formatted(l), mat.Formatted(want))
		}
		p := s.laplacian()
		for a := range atoms {
			if d := math.Abs(p.own[a] - p.diagonal(a) - want.At(a, a)); d > 1e-6 {
				rt.Errorf("element (%d, %d) of L is off by %g", a, a, d)
			}
		}
	})
}

func TestSparseAgreesWithTheDefinition(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		c := Context{Kind: Window, Radius: rapid.IntRange(1, 7).Draw(rt, "radius"), Difference: 1,
			Weights: rapid.SampledFrom([]Weights{Equal, Falling}).Draw(rt, "weights")}
		atoms := rapid.SampledFrom([]int{1, 2, 9, 63, 64, 65, 130}).Draw(rt, "atoms")
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 1))
		all := texts(rng, rapid.IntRange(0, 12).Draw(rt, "lines"), atoms)
		v, l := countedTexts(t, c, atoms, all).forms()
		wantV, wantL := defined(all, c, atoms)
		if !mat.EqualApprox(v, wantV, 1e-12) || !mat.EqualApprox(l, wantL, 1e-6) { // C is in float32
			rt.Errorf("V or L is not that of the definition")
		}
	})
}

// With weights of 1, V and L are those of dense statistics of the same texts.
func TestSparseAgreesWithDense(t *testing.T) {
	for radius := 1; radius < 5; radius++ {
		c := Context{Kind: Window, Radius: radius, Difference: 1}
		all := texts(rand.New(rand.NewPCG(uint64(radius), 2)), 40, 50)
		dense, err := NewDense(Origin{Context: c, Atoms: 50, Denominator: 1})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := dense.Accumulate(t.Context(), groupsOf(all, false)); err != nil {
			t.Fatal(err)
		}
		s := countedTexts(t, c, 50, all)
		if s.Coded != dense.Coded || s.Groups != dense.Groups || !slices.Equal(s.Usage(), dense.Usage()) {
			t.Errorf("%d coded units of %d groups, want %d of %d", s.Coded, s.Groups, dense.Coded, dense.Groups)
		}
		v, l := s.forms()
		p := dense.pencil(Bases(50, nil)[0])
		for a := range 50 {
			for b := range 50 {
				if d := math.Abs(v.At(a, b)-float64(p.V.At(a, b))) + math.Abs(l.At(a, b)-float64(p.L.At(a, b))); d > 1e-7 {
					t.Fatalf("radius %d: element (%d, %d) is off by %g", radius, a, b, d)
				}
			}
		}
	}
}
