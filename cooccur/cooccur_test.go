package cooccur

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"

	"github.com/sparse-manifold/smt/sparse"
)

// randomCodes of one image; some patches have no active atom.
func randomCodes(rng *rand.Rand, patches, atoms, unit int) *sparse.Codes {
	c := &sparse.Codes{Start: []int32{0}}
	for range patches {
		if rng.IntN(5) > 0 {
			for a := range atoms {
				if rng.IntN(4) == 0 {
					c.Atom = append(c.Atom, uint16(a))
					if unit > 1 {
						c.Value = append(c.Value, uint16(1+rng.IntN(unit-1)))
					}
				}
			}
		}
		c.Start = append(c.Start, int32(len(c.Atom)))
	}
	return c
}

// dense is the patches × atoms matrix of codes, nil rows where nothing is active.
func vectorsOf(c *sparse.Codes, atoms, unit int) []*mat.VecDense {
	rows := make([]*mat.VecDense, c.N())
	for i := range rows {
		if c.Start[i] == c.Start[i+1] {
			continue
		}
		rows[i] = mat.NewVecDense(atoms, nil)
		for k := c.Start[i]; k < c.Start[i+1]; k++ {
			v := 1.0
			if unit > 1 {
				v = float64(c.Value[k]) / float64(unit)
			}
			rows[i].SetVec(int(c.Atom[k]), v)
		}
	}
	return rows
}

// neighbours of patch i that are coded, straight from the definition.
func neighbours(rows []*mat.VecDense, c Context, gridCols, i int) (js []int) {
	for j := range rows {
		dy, dx := i/gridCols-j/gridCols, i%gridCols-j%gridCols
		far := c.Kind == Window && (max(dy, -dy) > c.Radius || max(dx, -dx) > c.Radius)
		if j != i && rows[j] != nil && !far {
			js = append(js, j)
		}
	}
	return js
}

// operators are V and L from explicit difference operators, image by image.
func operators(all []*sparse.Codes, c Context, atoms, unit, gridCols int) (v, l *mat.SymDense) {
	v, l = mat.NewSymDense(atoms, nil), mat.NewSymDense(atoms, nil)
	var coded, terms float64
	difference := func(x, y mat.Vector) {
		var d mat.VecDense
		d.SubVec(x, y)
		l.SymRankOne(l, 1, &d)
		terms++
	}
	mean := func(rows []*mat.VecDense, js []int) *mat.VecDense {
		m := mat.NewVecDense(atoms, nil)
		for _, j := range js {
			m.AddScaledVec(m, 1/float64(len(js)), rows[j])
		}
		return m
	}
	for _, codes := range all {
		rows := vectorsOf(codes, atoms, unit)
		var own []int
		for i, r := range rows {
			if r != nil {
				own = append(own, i)
			}
		}
		for _, i := range own {
			coded++
			v.SymRankOne(v, 1, rows[i])
			if c.Kind == Whole {
				difference(rows[i], mean(rows, own)) // the mean of the image: "Identities that make it cheap"
				continue
			}
			js := neighbours(rows, c, gridCols, i)
			switch {
			case len(js) == 0:
			case c.Difference == 2:
				difference(rows[i], mean(rows, js))
			default:
				for _, j := range js {
					difference(rows[i], rows[j])
				}
			}
		}
	}
	v.ScaleSym(1/coded, v)
	l.ScaleSym(1/max(1, terms), l)
	return v, l
}

func contexts() []Context {
	return []Context{
		{Kind: Whole, Difference: 1}, {Kind: Whole, Difference: 2},
		{Kind: Window, Radius: 1, Difference: 1}, {Kind: Window, Radius: 2, Difference: 1},
		{Kind: Window, Radius: 1, Difference: 2}, {Kind: Window, Radius: 9, Difference: 2},
	}
}

func TestStatisticsAgreeWithDifferenceOperators(t *testing.T) { rapid.Check(t, statisticsAgree) }

func statisticsAgree(rt *rapid.T) {
	c := rapid.SampledFrom(contexts()).Draw(rt, "context")
	unit := rapid.SampledFrom([]int{1, sparse.SoftUnit}).Draw(rt, "unit")
	atoms := rapid.IntRange(1, 40).Draw(rt, "atoms")
	rows, cols := rapid.IntRange(1, 6).Draw(rt, "rows"), rapid.IntRange(1, 6).Draw(rt, "cols")
	rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 0))
	all := make([]*sparse.Codes, rapid.IntRange(1, 6).Draw(rt, "images"))
	for i := range all {
		all[i] = randomCodes(rng, rows*cols, atoms, unit)
	}
	s, err := dense(c, atoms, unit, rows, cols)
	if err != nil {
		rt.Fatal(err)
	}
	if err := accumulate(s, all); err != nil {
		rt.Fatal(err)
	}
	if s.Coded == 0 {
		return
	}
	v, l := operators(all, c, atoms, unit, cols)
	p := pencils(s, nil)[0]
	// Weights of images and windowed means have 12 fractional bits, the
	// matrices 24; everything else is exact.
	tolerance := 1e-6
	if c.Kind == Whole || c.Difference == 2 {
		tolerance = 1.5 / (1 << weightBits)
	}
	for a := range atoms {
		for b := range atoms {
			if d := math.Abs(float64(p.V.At(a, b)) - v.At(a, b)); d > 1e-6 {
				rt.Fatalf("V[%d,%d] is off by %g", a, b, d)
			}
			if d := math.Abs(float64(p.L.At(a, b)) - l.At(a, b)); d > tolerance*(1+l.At(a, a)+l.At(b, b)) {
				rt.Fatalf("%+v: L[%d,%d] = %g, want %g", c, a, b, p.L.At(a, b), l.At(a, b))
			}
		}
	}
}

// A whole image in which every patch is coded needs no weight and is exact.
func TestWholeImageIsExactWhenAllIsCoded(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 9))
	const atoms, patches = 200, 50
	var all []*sparse.Codes
	for len(all) < 2*BatchGroups+5 {
		if c := randomCodes(rng, patches, atoms, 1); c.Coded() == patches {
			all = append(all, c)
			continue
		}
		c := &sparse.Codes{Start: []int32{0}}
		for i := range patches {
			c.Atom = append(c.Atom, uint16(i), uint16(100+rng.IntN(100)))
			c.Start = append(c.Start, int32(len(c.Atom)))
		}
		all = append(all, c)
	}
	s, _ := dense(Context{Kind: Whole, Difference: 2}, atoms, 1, 5, 10)
	if err := accumulate(s, all); err != nil {
		t.Fatal(err)
	}
	want := make([]int64, len(s.M))
	for _, c := range all {
		sum := make([]int64, atoms)
		for _, a := range c.Atom {
			sum[a]++
		}
		for a := range atoms {
			for b := range a + 1 {
				want[a*(a+1)/2+b] += sum[a] * sum[b] << weightBits
			}
		}
	}
	if !slices.Equal(s.M, want) {
		t.Error("sums of mean codes differ from Σ c cᵀ")
	}
}

// Flips by symmetry against flipped images counted one by one: the flip of an
// image has its patches mirrored along rows and its atoms exchanged.
func TestPencilsAddFlips(t *testing.T) {
	const atoms, rows, cols = 9, 3, 4
	mirror := []uint16{1, 0, 2, 4, 3, 5, 7, 6, 8}
	rng := rand.New(rand.NewPCG(5, 1))
	for _, c := range contexts() {
		var own, flips []*sparse.Codes
		for range 5 {
			code := randomCodes(rng, rows*cols, atoms, 1)
			flip := &sparse.Codes{Start: []int32{0}}
			for y := range rows {
				for x := range cols {
					from := len(flip.Atom)
					for _, a := range code.Row(y*cols + cols - 1 - x) {
						flip.Atom = append(flip.Atom, mirror[a])
					}
					slices.Sort(flip.Atom[from:])
					flip.Start = append(flip.Start, int32(len(flip.Atom)))
				}
			}
			own, flips = append(own, code), append(flips, flip)
		}
		s, _ := dense(c, atoms, 1, rows, cols)
		both, _ := dense(c, atoms, 1, rows, cols)
		if err := accumulate(s, own); err != nil {
			t.Fatal(err)
		}
		if err := accumulate(both, append(flips, own...)); err != nil {
			t.Fatal(err)
		}
		full := pencils(both, nil)[0]
		halves := pencils(s, mirror)
		if n := halves[0].V.Rows + halves[1].V.Rows; n != atoms {
			t.Fatalf("the halves have %d coordinates, want %d", n, atoms)
		}
		// The forms on any vector are the sum of those on its two parts.
		x := make([]float32, atoms)
		for trial := range 20 {
			for i := range x {
				x[i] = float32(rng.NormFloat64())
			}
			form := func(p *pencil) (v, l float64) {
				y := p.restrictRows([][]float32{x})
				for i := range y.Cols {
					for j := range y.Cols {
						w := float64(y.At(0, i)) * float64(y.At(0, j))
						v += w * float64(p.V.At(i, j))
						l += w * float64(p.L.At(i, j))
					}
				}
				return v, l
			}
			v, l := form(&full)
			v1, l1 := form(&halves[0])
			v2, l2 := form(&halves[1])
			if math.Abs(v-v1-v2) > 1e-5*v || math.Abs(l-l1-l2) > 1e-5*(1+l) {
				t.Fatalf("%+v trial %d: V %g = %g + %g, L %g = %g + %g", c, trial, v, v1, v2, l, l1, l2)
			}
			// Expand undoes Restrict.
			back, part := make([]float32, atoms), make([]float32, atoms)
			for i := range halves {
				halves[i].Expand(halves[i].restrictRows([][]float32{x}).Row(0), part)
				for a, p := range part {
					back[a] += p
				}
			}
			for a := range x {
				if math.Abs(float64(back[a]-x[a])) > 1e-6 {
					t.Fatalf("atom %d came back as %g, was %g", a, back[a], x[a])
				}
			}
		}
	}
}
