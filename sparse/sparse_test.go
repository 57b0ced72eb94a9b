package sparse

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/sparse-manifold/smt/internal/simd"
)

// units returns n random unit vectors of which every tenth is a copy or near
// copy of another, so that cosines of 1 and ties occur.
func units(rng *rand.Rand, n, dim int) []float32 {
	x := make([]float32, n*dim)
	for i := range n {
		row := x[i*dim : (i+1)*dim]
		if i%10 == 9 {
			copy(row, x[rng.IntN(i)*dim:][:dim])
			continue
		}
		var sum float64
		for k := range row {
			row[k] = float32(rng.NormFloat64())
			if rng.IntN(9) == 0 {
				row[k] *= 5 // heavy tails, as whitened patches have
			}
			sum += float64(row[k]) * float64(row[k])
		}
		for k := range row {
			row[k] = float32(float64(row[k]) / math.Sqrt(sum))
		}
	}
	return x
}

func patches(x []float32, dim, stride int) *Vectors {
	v := new(Vectors)
	v.Pack(x, dim, stride)
	return v
}

// cosine is the definition that codes are exact by.
func cosine(x, a []float32) (s float64) {
	for i, v := range x {
		s += float64(v) * float64(a[i])
	}
	return s
}

func TestCodesAgreeWithDefinition(t *testing.T) { rapid.Check(t, codesAgree) }

func codesAgree(rt *rapid.T) {
	dim := rapid.SampledFrom([]int{1, 3, 16, 27, 36, 108}).Draw(rt, "dim")
	atoms := rapid.IntRange(1, 300).Draw(rt, "atoms")
	n := rapid.IntRange(1, 30).Draw(rt, "patches")
	kind := rapid.SampledFrom([]Kind{General, Nearest, Soft}).Draw(rt, "kind")
	level := rapid.Float64Range(0.05, 0.95).Draw(rt, "threshold")
	fill := rapid.Bool().Draw(rt, "fill")
	rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 0))
	dict, x := units(rng, atoms, dim), units(rng, n, dim)
	copy(x, dict[:dim]) // a patch that is an atom
	c, err := NewCoder(kind, level, dict, dim, nil)
	if err != nil {
		rt.Fatal(err)
	}
	p := patches(x, dim, c.Stride())
	p.Blank[n-1] = n > 1
	var codes Codes
	if err := c.Encode(p, fill, new(Scratch), &codes); err != nil {
		rt.Fatal(err)
	}
	oracle{c, dict, dim, fill}.check(rt, p, x, &codes)
}

// oracle is the definition of a coder's codes: all cosines in float64.
type oracle struct {
	c    *Coder
	dict []float32
	dim  int
	fill bool
}

// check compares codes of the units p, whose values x are.
func (o oracle) check(t interface{ Fatalf(string, ...any) }, p *Vectors, x []float32, codes *Codes) {
	c, dict, dim := o.c, o.dict, o.dim
	if codes.N() != p.N {
		t.Fatalf("%d codes of %d patches", codes.N(), p.N)
	}
	coded := 0
	for i := range p.N {
		var want, values []uint16
		best, bestCos := uint16(0), -2.0
		for a := range len(dict) / dim {
			cos := cosine(x[i*dim:(i+1)*dim], dict[a*dim:(a+1)*dim])
			if cos > bestCos {
				best, bestCos = uint16(a), cos
			}
			switch v := math.Floor((cos-c.threshold)*SoftUnit + 0.5); {
			case c.kind == General && cos >= c.threshold:
				want = append(want, uint16(a))
			case c.kind == Soft && v >= 1:
				want, values = append(want, uint16(a)), append(values, uint16(v))
			}
		}
		if c.kind == Nearest || (o.fill && len(want) == 0) {
			want, values = []uint16{best}, []uint16{SoftUnit}
		}
		if p.Blank[i] {
			want, values = nil, nil
		}
		got := codes.Row(i)
		if !slices.Equal(got, want) {
			t.Fatalf("patch %d: active atoms %v, want %v", i, got, want)
		}
		if len(got) > 0 {
			coded++
		}
		if c.kind == Soft {
			if got := codes.Value[codes.Start[i]:codes.Start[i+1]]; !slices.Equal(got, values) {
				t.Fatalf("patch %d: values %v, want %v", i, got, values)
			}
		}
	}
	if codes.Coded() != coded {
		t.Fatalf("Coded() = %d, want %d", codes.Coded(), coded)
	}
}

// mirrored returns the flip of patches of size × size × channels values, and atoms
// in mirrored order, but for a rest of the given number that is its own.
func mirrored(rng *rand.Rand, size, channels, blocks, rest int) (flip []int, atoms []float32) {
	for i := range size * size * channels {
		x := i / channels % size
		flip = append(flip, i+(size-1-2*x)*channels)
	}
	dim := len(flip)
	atoms = units(rng, 16*blocks+rest, dim)
	for a := range 16 * blocks {
		if a&8 != 0 {
			for i, j := range flip {
				atoms[a*dim+j] = atoms[(a^8)*dim+i]
			}
		}
	}
	return flip, atoms
}

func TestMirroredCodesAgreeWithDefinition(t *testing.T) { rapid.Check(t, mirroredCodesAgree) }

func mirroredCodesAgree(rt *rapid.T) {
	size := rapid.SampledFrom([]int{1, 2, 3, 5, 6}).Draw(rt, "size")
	channels := rapid.SampledFrom([]int{1, 3}).Draw(rt, "channels")
	blocks := rapid.IntRange(0, 20).Draw(rt, "blocks")
	rest := rapid.IntRange(1, 70).Draw(rt, "rest")
	n := rapid.IntRange(1, 30).Draw(rt, "patches")
	kind := rapid.SampledFrom([]Kind{General, Nearest, Soft}).Draw(rt, "kind")
	level := rapid.Float64Range(0.05, 0.95).Draw(rt, "threshold")
	round := rapid.Bool().Draw(rt, "round")
	rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 0))
	flip, dict := mirrored(rng, size, channels, blocks, rest)
	dim := len(flip)
	if round {
		Round(dict, dim, flip)
	}
	x := units(rng, n, dim)
	c, err := NewCoder(kind, level, dict, dim, flip)
	if err != nil {
		rt.Fatal(err)
	}
	// Chance may continue the order for one more panel of few atoms of one value.
	if got, least := c.table.mirrored, 16*blocks/simd.Columns(); got < least {
		rt.Fatalf("%d mirrored panels found of %d", got, least)
	}
	p := patches(x, dim, c.Stride())
	var codes Codes
	if err := c.Encode(p, false, new(Scratch), &codes); err != nil {
		rt.Fatal(err)
	}
	oracle{c, dict, dim, false}.check(rt, p, x, &codes)
}

// Rounded atoms have next to no 8-bit error, are near what they were, of unit
// length, and flips of each other where they were before.
func TestRound(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 3))
	for _, size := range []int{5, 6} {
		flip, before := mirrored(rng, size, 3, 8, 30)
		dim := len(flip)
		for _, f := range [][]int{flip, nil} {
			after := slices.Clone(before)
			Round(after, dim, f)
			for a := range len(after) / dim {
				x := after[a*dim : (a+1)*dim]
				if l := cosine(x, x); math.Abs(l-1) > 1e-6 {
					t.Fatalf("atom %d has length² %g", a, l)
				}
				if cos := cosine(x, before[a*dim:(a+1)*dim]); cos < 0.999 {
					t.Fatalf("atom %d moved to a cosine of %g", a, cos)
				}
			}
			if f == nil {
				continue
			}
			for a := range 128 {
				for i, j := range f {
					if after[a*dim+i] != after[(a^8)*dim+j] {
						t.Fatalf("atoms %d and %d are flips no more", a, a^8)
					}
				}
			}
			if simd.HasBytes() {
				if r := newTable(after, dim, f).residual; r > 1e-5 {
					t.Errorf("8-bit residual of rounded atoms is %g", r)
				}
			}
		}
	}
}

// More patches than a block, and masks of many words.
func TestCodesOfManyPatches(t *testing.T) {
	const dim, atoms, n = 27, 1000, 2*blockRows + 7
	rng := rand.New(rand.NewPCG(8, 8))
	dict, x := units(rng, atoms, dim), units(rng, n, dim)
	for _, kind := range []Kind{General, Nearest, Soft} {
		c, err := NewCoder(kind, 0.45, dict, dim, nil)
		if err != nil {
			t.Fatal(err)
		}
		p := patches(x, dim, c.Stride())
		var codes Codes
		if err := c.Encode(p, true, new(Scratch), &codes); err != nil {
			t.Fatal(err)
		}
		oracle{c, dict, dim, true}.check(t, p, x, &codes)
	}
}

// A patch whose cosine is within rounding of the threshold is decided in float64.
func TestThresholdIsExact(t *testing.T) {
	const dim = 108
	rng := rand.New(rand.NewPCG(4, 2))
	dict, x := units(rng, 200, dim), units(rng, 40, dim)
	for trial := range 200 {
		i, a := rng.IntN(40), rng.IntN(200)
		cos := cosine(x[i*dim:(i+1)*dim], dict[a*dim:(a+1)*dim])
		if cos < 0.05 || cos > 0.95 {
			continue
		}
		for _, level := range []float64{cos, math.Nextafter(cos, 2), math.Nextafter(cos, -2)} {
			c, err := NewCoder(General, level, dict, dim, nil)
			if err != nil {
				t.Fatal(err)
			}
			var codes Codes
			if err := c.Encode(patches(x, dim, c.Stride()), false, new(Scratch), &codes); err != nil {
				t.Fatal(err)
			}
			if got, want := slices.Contains(codes.Row(i), uint16(a)), cos >= level; got != want {
				t.Fatalf("trial %d: cosine %.17g at threshold %.17g: active is %v", trial, cos, level, got)
			}
		}
	}
}

func TestNewCoderErrors(t *testing.T) {
	atoms := []float32{1, 0, 0, 1}
	for name, f := range map[string]func() (*Coder, error){
		"kind":      func() (*Coder, error) { return NewCoder("sharp", 0.3, atoms, 2, nil) },
		"threshold": func() (*Coder, error) { return NewCoder(General, 1, atoms, 2, nil) },
		"no atoms":  func() (*Coder, error) { return NewCoder(General, 0.3, nil, 2, nil) },
		"size":      func() (*Coder, error) { return NewCoder(General, 0.3, atoms, 3, nil) },
		"flip":      func() (*Coder, error) { return NewCoder(General, 0.3, atoms, 2, []int{0}) },
	} {
		if _, err := f(); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// Places of active atoms are numbered by 32 bits: more are an error, not a wrapped number.
func TestTooManyActiveAtoms(t *testing.T) {
	if err := fits(math.MaxInt32); err != nil {
		t.Errorf("as many as there can be: error %v", err)
	}
	if err := fits(math.MaxInt32 + 1); err == nil || !strings.Contains(err.Error(), "2147483647 active atoms") {
		t.Errorf("one more: error %v", err)
	}
}
