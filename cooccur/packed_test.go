package cooccur

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/sparse-manifold/smt/internal/linalg"
	"github.com/sparse-manifold/smt/internal/simd"
	"github.com/sparse-manifold/smt/sparse"
)

// flips is the flip of each atom, in the order of dictionary.finish: blocks of
// eight and their flips, a rest of pairs, atoms that are their own flips.
func flips(blocks, pairs, symmetric int) []uint16 {
	var mirror []uint16
	for n := range blocks + 1 {
		size := 8
		if n == blocks {
			size = pairs
		}
		first := len(mirror)
		for k := range 2 * size {
			mirror = append(mirror, uint16(first+(k+size)%(2*size)))
		}
	}
	for range symmetric {
		mirror = append(mirror, uint16(len(mirror)))
	}
	return mirror
}

// randomImages are codes of images whose atoms differ in frequency; some patches
// have none, and the first image has none at all.
func randomImages(rng *rand.Rand, images, patches, atoms int) []*sparse.Codes {
	all := make([]*sparse.Codes, images)
	for i := range all {
		c := &sparse.Codes{Start: []int32{0}}
		for range patches {
			coded := i > 0 && rng.IntN(8) > 0
			for a := range atoms {
				if coded && rng.IntN(3+(a+i)%7) == 0 {
					c.Atom = append(c.Atom, uint16(a))
				}
			}
			c.Start = append(c.Start, int32(len(c.Atom)))
		}
		all[i] = c
	}
	return all
}

// packedOracle is V and B in float64, straight from the definition, over all atoms,
// of the images and their flips.
func packedOracle(images []*sparse.Codes, mirror []uint16) (v, b [][]float64) {
	n := len(mirror)
	v, b = make([][]float64, n), make([][]float64, n)
	for a := range n {
		v[a], b[a] = make([]float64, n), make([]float64, n)
	}
	var units float64
	for _, c := range images {
		for _, flipped := range []bool{false, true} {
			mean, coded := make([]float64, n), 0.0
			for i := range c.N() {
				code := make([]float64, n)
				for _, a := range c.Row(i) {
					if flipped {
						a = mirror[a]
					}
					code[a] = 1
					mean[a]++
				}
				if len(c.Row(i)) > 0 {
					coded++
				}
				for p := range n {
					for q := range n {
						v[p][q] += code[p] * code[q]
					}
				}
			}
			units += coded
			for p := range n {
				for q := range n {
					if coded > 0 {
						b[p][q] += mean[p] * mean[q] / coded
					}
				}
			}
		}
	}
	for p := range n {
		for q := range n {
			v[p][q] /= units
			b[p][q] /= units
		}
	}
	return v, b
}

// column is coordinate i of the basis as a vector over atoms.
func column(b *Basis, i, atoms int) []float64 {
	unit, out := make([]float32, b.Size()), make([]float32, atoms)
	unit[i] = 1
	b.Expand(unit, out)
	c := make([]float64, atoms)
	for a, x := range out {
		c[a] = float64(x)
	}
	return c
}

func bilinear(m [][]float64, x, y []float64) (sum float64) {
	for p := range x {
		for q := range y {
			sum += x[p] * m[p][q] * y[q]
		}
	}
	return sum
}

func TestPacked(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 3))
	for _, mirror := range [][]uint16{flips(2, 0, 0), flips(1, 3, 2), flips(0, 5, 0), flips(0, 0, 4), {1, 0, 2, 4, 3}} {
		atoms := len(mirror)
		images := randomImages(rng, 23, 12, atoms)
		s, err := packed(mirror, 3, 4)
		if err != nil {
			t.Fatal(err)
		}
		for _, batch := range [][]*sparse.Codes{images[:9], images[9:]} {
			if err := accumulate(s, batch); err != nil {
				t.Fatal(err)
			}
		}
		v, between := packedOracle(images, mirror)
		for a, u := range s.Usage() {
			if math.Abs(u-v[a][a]) > 1e-12 {
				t.Fatalf("%d atoms: atom %d has the usage %g, want %g", atoms, a, u, v[a][a])
			}
		}
		for _, b := range Bases(atoms, mirror) {
			got := s.v(b)
			times, in, out := s.between(b), linalg.NewBundle(b.Size()), linalg.NewBundle(b.Size())
			identity := linalg.New(b.Size(), b.Size())
			for i := range b.Size() {
				identity.Data[i*b.Size()+i] = 1
			}
			form := s.betweenForm(b, identity)
			x, y := make([]float32, b.Size()), make([]float32, b.Size())
			for i := range b.Size() {
				clear(x)
				x[i] = 1
				in.Set(i%simd.Bundle, x)
				times(in, out)
				out.Get(i%simd.Bundle, y)
				for j := range b.Size() {
					ci, cj := column(&b, i, atoms), column(&b, j, atoms)
					wantV, wantB := bilinear(v, ci, cj), bilinear(between, ci, cj)
					if math.Abs(float64(got.At(i, j))-wantV) > 1e-6 {
						t.Fatalf("%d atoms, parity %d: V[%d,%d] is %g, want %g", atoms, b.Parity, i, j, got.At(i, j), wantV)
					}
					if math.Abs(float64(y[j])-wantB) > 1e-5 || math.Abs(float64(form.At(i, j))-wantB) > 1e-5 {
						t.Fatalf("%d atoms, parity %d: B[%d,%d] is %g and %g, want %g", atoms, b.Parity, i, j, y[j], form.At(i, j), wantB)
					}
				}
			}
		}
	}
}

// More coordinates than a tile has, in an order that does not fit its borders, and more images:
// the product is what the definition says in float64.
func TestBetweenOfMany(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 3))
	mirror := flips(33, 5, 7)
	mirror = append(mirror, flips(40, 0, 0)...)
	for i, first := 0, len(flips(33, 5, 7)); first+i < len(mirror); i++ {
		mirror[first+i] += uint16(first)
	}
	s, err := newPacked(packedOrigin(mirror, 3, 4), mirror)
	if err != nil {
		t.Fatal(err)
	}
	for _, images := range []int{70, 1, 700} {
		sums, patches := make([]uint8, images*s.Stride()), make([]uint8, images)
		for i := range patches {
			patches[i] = uint8(rng.IntN(13))
			for a := range mirror {
				sums[i*s.Stride()+a] = uint8(rng.IntN(int(patches[i]) + 1))
			}
			s.Coded += int64(patches[i])
		}
		s.Sums, s.Units = append(s.Sums, sums), append(s.Units, patches)
	}
	for _, b := range Bases(len(mirror), mirror) {
		x, y := linalg.NewBundle(b.Size()), linalg.NewBundle(b.Size())
		row, atoms := make([]float32, b.Size()), make([]float32, len(mirror))
		wants := make([][]float64, simd.Bundle)
		for v := range wants {
			for i := range row {
				row[i] = float32(rng.NormFloat64())
			}
			x.Set(v, row)
			b.Expand(row, atoms)
			want := make([]float64, len(mirror))
			for batch, patches := range s.Units {
				for i, n := range patches {
					if n == 0 {
						continue
					}
					sums, dot := s.Sums[batch][i*s.Stride():], 0.0
					for a, x := range atoms {
						dot += float64(x) * float64(sums[a])
					}
					for a := range want {
						want[a] += dot * float64(sums[a]) / (float64(n) * float64(s.Coded))
					}
				}
			}
			wants[v] = want
		}
		s.between(b)(x, y)
		for v, want := range wants {
			y.Get(v, row)
			for i, got := range row {
				exact := want[b.first[i]]
				if b.second[i] != b.first[i] {
					exact = (exact + float64(b.Parity)*want[b.second[i]]) / math.Sqrt2
				}
				if math.Abs(float64(got)-exact) > 1e-3 {
					t.Fatalf("parity %d, vector %d: value %d is %g, want %g", b.Parity, v, i, got, exact)
				}
			}
		}
	}
}

func TestPackedErrors(t *testing.T) {
	mirror := flips(1, 0, 0)
	if _, err := packed(mirror, 16, 16); err == nil || !strings.Contains(err.Error(), "at most 255") {
		t.Errorf("256 patches: error %v", err)
	}
	s, err := packed(mirror, 2, 2)
	if err != nil {
		t.Fatal(err)
	}
	if err := accumulate(s, randomImages(rand.New(rand.NewPCG(1, 1)), 2, 5, 16)); err == nil {
		t.Error("images of another grid were taken")
	}
	soft := &sparse.Codes{Start: []int32{0, 1, 1, 1, 1}, Atom: []uint16{3}, Value: []uint16{7}}
	if err := accumulate(s, []*sparse.Codes{soft}); err == nil {
		t.Error("soft codes were taken")
	}
	o, err := packed(mirror, 2, 3)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Add(o); err == nil {
		t.Error("statistics of another grid were added")
	}
}

// An atom that more patches have than 16 bits count.
func TestPackedManyPatches(t *testing.T) {
	const images, patches = 300, 255
	mirror := flips(1, 0, 0)
	batch := make([]*sparse.Codes, images)
	for i := range batch {
		c := &sparse.Codes{Start: []int32{0}}
		for p := range patches {
			c.Atom = append(c.Atom, 3)
			if p%2 == 0 {
				c.Atom = append(c.Atom, 12)
			}
			c.Start = append(c.Start, int32(len(c.Atom)))
		}
		batch[i] = c
	}
	s, err := packed(mirror, 15, 17)
	if err != nil {
		t.Fatal(err)
	}
	if err := accumulate(s, nil); err != nil {
		t.Fatal(err)
	}
	if err := accumulate(s, batch); err != nil {
		t.Fatal(err)
	}
	// Orbit 3 is atoms 3 and 11, orbit 4 atoms 4 and 12.
	at := func(i, j int) int { return i*(i+1)/2 + j }
	const both = images * (patches + 1) / 2
	if s.Same[at(3, 3)] != images*patches || s.Crossed[at(3, 3)] != 0 || s.Same[at(4, 3)] != 0 || s.Crossed[at(4, 3)] != both || s.Same[at(4, 4)] != both {
		t.Errorf("counted %d, %d, %d, %d, %d; want %d, 0, 0, %d, %[7]d", s.Same[at(3, 3)], s.Crossed[at(3, 3)], s.Same[at(4, 3)], s.Crossed[at(4, 3)], s.Same[at(4, 4)],
			images*patches, both)
	}
}
