package knn

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/sparse-manifold/smt/internal/linalg"
)

// slowBias is the definition in float64: 0.7 times the mean cosine of vector b of the bank
// to the ten nearest of the sample and, with flips, of its flips.
func slowBias(bank [][]float32, b int, sample []int, split int) float64 {
	var cosines []float64
	for _, s := range sample {
		if s == b {
			continue
		}
		for _, sign := range []float64{1, -1} {
			if sign < 0 && split == len(bank[b]) {
				continue
			}
			var dot, x, y float64
			for j, v := range bank[b] {
				w := float64(bank[s][j])
				x += float64(v) * float64(v)
				y += w * w
				if j >= split {
					w *= sign
				}
				dot += float64(v) * w
			}
			cosines = append(cosines, dot/math.Sqrt(x*y))
		}
	}
	slices.Sort(cosines)
	slices.Reverse(cosines)
	cosines = cosines[:min(10, len(cosines))]
	var sum float64
	for _, c := range cosines {
		sum += c
	}
	return sum / float64(max(1, len(cosines))) * 0.7
}

func TestBiasesAgreeWithTheirDefinition(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		dim := rapid.SampledFrom([]int{2, 17, 64}).Draw(rt, "dim")
		split := rapid.IntRange(0, dim).Draw(rt, "split")
		m := rapid.IntRange(1, 60).Draw(rt, "bank")
		n := rapid.IntRange(0, m).Draw(rt, "sample")
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 0))
		bank := make([][]float32, m)
		for i := range bank {
			bank[i] = make([]float32, dim)
			for j := range bank[i] {
				bank[i][j] = float32(rng.NormFloat64())
			}
		}
		sample := rng.Perm(m)[:n]
		h := NewHubs(sample, dim, split)
		for i, s := range sample {
			h.Set(i, bank[s])
		}
		block := rapid.IntRange(1, m).Draw(rt, "block")
		for first := 0; first < m; first += block {
			rows := bank[first:min(first+block, m)]
			var flat []float32
			for _, b := range rows {
				unit := slices.Clone(b)
				linalg.Unit(unit)
				flat = append(flat, unit...)
			}
			bias := make([]float32, len(rows))
			if err := h.Biases(flat, first, bias); err != nil {
				rt.Fatal(err)
			}
			for i, got := range bias {
				// float32 sums of dim products of unit vectors
				if want := slowBias(bank, first+i, sample, split); math.Abs(float64(got)-want) > 2e-6 {
					rt.Fatalf("vector %d: bias %g, want %g", first+i, got, want)
				}
			}
		}
	})
}
