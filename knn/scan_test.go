package knn

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/sparse-manifold/smt/internal/half"
	"github.com/sparse-manifold/smt/internal/linalg"
)

// A scan of vectors as a file has them, by some scans one block each, finds what products of all in float32 are, to the
// last bit: of a vector and its flip the nearer one.
func TestScanFindsTheNearest(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		dim := rapid.SampledFrom([]int{1, 16, 17, 64, 900}).Draw(rt, "dim")
		split := rapid.IntRange(0, dim).Draw(rt, "split")
		m, block := rapid.IntRange(1, 300).Draw(rt, "bank"), rapid.IntRange(1, 300).Draw(rt, "block")
		n, k := rapid.IntRange(1, 9).Draw(rt, "queries"), rapid.IntRange(1, 40).Draw(rt, "k")
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 0))
		halves := make([]byte, m*dim*half.Size)
		half.Encode(halves, units(rng, m, dim))
		rows, queries := make([]float32, m*dim), units(rng, n, dim)
		half.Decode(rows, halves)
		r, err := NewRounded(dim, split)
		if err != nil {
			rt.Fatal(err)
		}
		found, err := r.NewScan(queries, k)
		if err != nil {
			rt.Fatal(err)
		}
		for first := 0; first < m; first += block {
			here := min(block, m-first)
			b := roundedBlock(r, rows[first*dim:(first+here)*dim], first)
			b.halves = halves[first*dim*half.Size:]
			if r.Fault(b.codes, here) >= 0 || r.CoarseFault(b.coarse, here) >= 0 {
				rt.Fatal("a vector is said to be none that was rounded")
			}
			for i := range here {
				if x := rows[(first+i)*dim : (first+i+1)*dim]; !r.Of(b.codes, here, i, x) || !r.CoarseOf(b.coarse, here, i, x) {
					rt.Fatalf("vector %d is not as it was rounded", first+i)
				}
			}
			scan, err := r.NewScan(queries, k)
			if err != nil {
				rt.Fatal(err)
			}
			if err := scan.Block(b, here, first); err != nil {
				rt.Fatal(err)
			}
			found.Merge(scan)
		}
		placed := make([]float32, r.stride)
		for q := range n {
			var want []Neighbour
			for i := range m { // all of them, in float32
				r.place(placed, rows[i*dim:(i+1)*dim])
				even, odd := r.product(found.queries[q*r.stride:(q+1)*r.stride], placed)
				near := Neighbour{i, false, even + odd}
				if flip := (Neighbour{i, true, even - odd}); split < dim && nearer(flip, near) {
					near = flip
				}
				want = append(want, near)
			}
			slices.SortFunc(want, func(a, b Neighbour) int {
				if nearer(a, b) {
					return -1
				}
				return 1
			})
			if want = want[:min(k, m)]; !slices.Equal(found.Neighbours(q), want) {
				rt.Fatalf("query %d: %v, want %v", q, found.Neighbours(q), want)
			}
		}
	})
}

// held is a block in memory, which counts what is asked for.
type held struct {
	coarse, codes, halves []byte
	asked                 [3]int
}

func (b *held) Coarse() ([]byte, error) { b.asked[0]++; return b.coarse, nil }
func (b *held) Codes() ([]byte, error)  { b.asked[1]++; return b.codes, nil }
func (b *held) Halves() ([]byte, error) { b.asked[2]++; return b.halves, nil }

func roundedBlock(r Rounded, rows []float32, first int) *held {
	n := len(rows) / r.dim
	b := &held{coarse: make([]byte, r.CoarseBytes(n)), codes: make([]byte, r.Bytes(n)), halves: make([]byte, len(rows)*half.Size)}
	r.RoundCoarse(b.coarse, rows, first)
	r.Round(b.codes, rows, first)
	half.Encode(b.halves, rows)
	return b
}

// Of a large bank few blocks are asked for in 8 bits, and fewer in halves: 4 bits decide about the others.
func TestScanAsksForFew(t *testing.T) {
	const dim, split, m, block = 512, 300, 4096, 16
	rng := rand.New(rand.NewPCG(1, 2))
	rows, r := units(rng, m, dim), Rounded{newLayout(dim, split)}
	scan, err := r.NewScan(rows[:dim], 1) // the first of the bank itself
	if err != nil {
		t.Fatal(err)
	}
	var asked [3]int
	for first := 0; first < m; first += block {
		b := roundedBlock(r, rows[first*dim:(first+block)*dim], first)
		if err := scan.Block(b, block, first); err != nil {
			t.Fatal(err)
		}
		for i, n := range b.asked {
			asked[i] += n
		}
	}
	near := scan.Neighbours(0)
	if want := [3]int{m / block, 1, 1}; asked != want || near[0].Index != 0 {
		t.Errorf("%d are asked for, want %d, and %v is found", asked, want, near)
	}
}

// What Round writes is of the vector, and of no other: not where a value is a unit off, nor with a smaller length.
func TestRoundedIsOfItsVector(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	const n, dim, split = 5, 40, 23
	x, r := units(rng, n, dim), Rounded{newLayout(dim, split)}
	b := make([]byte, r.Bytes(n))
	r.Round(b, x, 7)
	even, odd, numbers := r.parts(b, n)
	of := func(i int) bool { return r.Of(b, n, i, x[i*dim:(i+1)*dim]) }
	for i := range n {
		if !of(i) {
			t.Fatalf("vector %d is not as it was rounded", i)
		}
	}
	even[2*wholeChunks(split)+3] += 2
	if of(2) || !of(1) || !of(3) {
		t.Error("an even value of vector 2 has changed, which nobody sees")
	}
	odd[4*wholeChunks(dim-split)] -= 2
	if of(4) || !of(3) {
		t.Error("an odd value of vector 4 has changed, which nobody sees")
	}
	clear(numbers.residuals[4*1 : 4*2])
	if of(1) {
		t.Error("vector 1 is said to be rounded without any loss")
	}
	for _, wrong := range []float32{-1, 3, float32(math.NaN())} {
		putFloat(numbers.units[4*3:], wrong)
		if at := r.Fault(b, n); at != 3 {
			t.Errorf("a unit of %g is found in vector %d", wrong, at)
		}
	}
}

// The flip of a query is found behind a vector that is near to it.
func TestScanFindsFlips(t *testing.T) {
	const dim, split, m = 300, 150, 40
	rng := rand.New(rand.NewPCG(5, 6))
	rows, r := units(rng, m, dim), Rounded{newLayout(dim, split)}
	query := slices.Clone(rows[:dim])
	for k := range dim { // the first is near to the query, the last its flip
		rows[k] = 0.8*query[k] + 0.6*rows[dim+k]
		rows[(m-1)*dim+k] = query[k]
		if k >= split {
			rows[(m-1)*dim+k] = -query[k]
		}
	}
	linalg.Unit(rows[:dim])
	scan, err := r.NewScan(query, 1)
	if err != nil {
		t.Fatal(err)
	}
	for first := range m {
		if err := scan.Block(roundedBlock(r, rows[first*dim:(first+1)*dim], first), 1, first); err != nil {
			t.Fatal(err)
		}
	}
	if near := scan.Neighbours(0)[0]; near.Index != m-1 || !near.Flip || near.Cosine < 0.999 {
		t.Errorf("%v is found, want the flip of %d", near, m-1)
	}
}
