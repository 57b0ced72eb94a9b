package knn

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/sparse-manifold/smt/internal/linalg"
)

// bruteForce is the definition: all cosines in float64, less the biases, sorted.
func bruteForce(bank [][]float32, bias, query []float32, split, k int) []Neighbour {
	var all []Neighbour
	for i, b := range bank {
		for _, flip := range []bool{false, true} {
			if flip && split == len(query) {
				continue
			}
			var dot, nb, nq float64
			for j, v := range query {
				w := float64(b[j])
				if flip && j >= split {
					w = -w
				}
				dot += float64(v) * w
				nb += w * w
				nq += float64(v) * float64(v)
			}
			cos := 0.0
			if nb > 0 && nq > 0 {
				cos = dot / math.Sqrt(nb*nq)
			}
			all = append(all, Neighbour{i, flip, float32(cos - float64(bias[i]))})
		}
	}
	slices.SortStableFunc(all, func(a, b Neighbour) int { return cmp.Compare(b.Cosine, a.Cosine) })
	return all[:min(k, len(all))]
}

func TestSearchAgreesWithBruteForce(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		dim := rapid.SampledFrom([]int{1, 2, 17, 64, 900}).Draw(rt, "dim")
		split := rapid.IntRange(0, dim).Draw(rt, "split")
		n := rapid.IntRange(1, 90).Draw(rt, "queries")
		m := rapid.IntRange(1, 60).Draw(rt, "bank")
		k := rapid.IntRange(1, 70).Draw(rt, "k")
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 0))
		vectors := func(n int) [][]float32 {
			v := make([][]float32, n)
			for i := range v {
				v[i] = make([]float32, dim)
				for j := range v[i] {
					v[i][j] = float32(rng.NormFloat64())
				}
			}
			return v
		}
		queries, bank := vectors(n), vectors(m)
		clear(queries[0]) // no direction: cosine 0 with everything
		s, err := New(n, dim, split, k)
		if err != nil {
			rt.Fatal(err)
		}
		for i, q := range queries {
			s.SetQuery(i, q)
		}
		bias := make([]float32, m)
		if rapid.Bool().Draw(rt, "biased") {
			for i := range bias {
				bias[i] = rng.Float32() / 2
			}
		}
		block := rapid.IntRange(1, m).Draw(rt, "block")
		for first := 0; first < m; first += block {
			var rows []float32
			for _, b := range bank[first:min(first+block, m)] {
				unit := slices.Clone(b)
				linalg.Unit(unit)
				rows = append(rows, unit...)
			}
			s.SearchBiased(rows, bias[first:], first)
		}
		for i, q := range queries {
			want, got := bruteForce(bank, bias, q, split, k), s.Neighbours(i)
			if len(got) != len(want) {
				rt.Fatalf("query %d: %d neighbours, want %d", i, len(got), len(want))
			}
			for r := range want {
				// float32 sums of dim products of unit vectors
				if math.Abs(float64(got[r].Cosine-want[r].Cosine)) > 2e-6 {
					rt.Fatalf("query %d rank %d: %v, want %v", i, r, got[r], want[r])
				}
			}
		}
	})
}

func TestTiesGoToTheLowerIndex(t *testing.T) {
	s, err := New(1, 2, 2, 2)
	if err != nil {
		t.Fatal(err)
	}
	s.SetQuery(0, []float32{3, 0})
	s.Search([]float32{0, 1, 1, 0, 1, 0}, 10)
	s.Search([]float32{1, 0}, 0)
	want := []Neighbour{{0, false, 1}, {11, false, 1}}
	if got := s.Neighbours(0); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestNewErrors(t *testing.T) {
	for _, a := range [][4]int{{0, 1, 1, 1}, {1, 0, 0, 1}, {1, 1, 2, 1}, {1, 1, -1, 1}, {1, 1, 1, 0}} {
		if _, err := New(a[0], a[1], a[2], a[3]); err == nil {
			t.Errorf("New%v: no error", a)
		}
	}
}

// A vector that is near to all takes the place of nearer ones until its bias is
// taken off.
func TestBiasDethronesAHub(t *testing.T) {
	s, err := New(1, 2, 2, 1)
	if err != nil {
		t.Fatal(err)
	}
	s.SetQuery(0, []float32{1, 0})
	s.SearchBiased([]float32{0.8, 0.6, 0.6, 0.8}, []float32{0.4, 0}, 0)
	if got := s.Neighbours(0)[0]; got.Index != 1 || math.Abs(float64(got.Cosine)-0.6) > 1e-6 {
		t.Errorf("nearest is %+v, want vector 1 with 0.6", got)
	}
}
