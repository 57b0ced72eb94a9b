package explain

import (
	"cmp"
	"math"
	"slices"

	"github.com/sparse-manifold/smt/internal/linalg"
	"github.com/sparse-manifold/smt/internal/parallel"
)

// affinity is how much a point is drawn to another: p_ij.
type affinity struct {
	to int
	p  float64
}

// affinities are, for each vector, those it is drawn to. For each i a Gaussian of
// the distances to the 3·perplexity nearest, as wide as the perplexity asks for,
// made symmetric; all p_ij add up to 1.
func affinities(x []float32, d int, perplexity float64) [][]affinity {
	n := len(x) / d
	unit := slices.Clone(x)
	for i := range n {
		toUnit(row(unit, i, d))
	}
	cosines := linalg.New(n, n)
	linalg.AddMul(cosines, 1, linalg.Wrap(n, d, unit), linalg.Wrap(n, d, unit).T())
	k := min(n-1, int(3*perplexity))
	near := make([][]affinity, n)
	parallel.For(n, func(_, i int) {
		c := cosines.Row(i)
		order := make([]int, 0, n-1)
		for j := range n {
			if j != i {
				order = append(order, j)
			}
		}
		slices.SortFunc(order, func(a, b int) int { return cmp.Or(cmp.Compare(c[b], c[a]), a-b) })
		near[i] = make([]affinity, k)
		for r, j := range order[:k] {
			near[i][r] = affinity{j, 2 - 2*float64(c[j])} // ‖x_i − x_j‖², for now
		}
		calibrate(near[i], perplexity)
	})
	all := make([]map[int]float64, n)
	for i := range all {
		all[i] = map[int]float64{}
	}
	for i, list := range near {
		for _, a := range list {
			all[i][a.to] += a.p / float64(2*n)
			all[a.to][i] += a.p / float64(2*n)
		}
	}
	for i, m := range all {
		near[i] = near[i][:0]
		for j, p := range m {
			near[i] = append(near[i], affinity{j, p})
		}
		slices.SortFunc(near[i], func(a, b affinity) int { return cmp.Compare(a.to, b.to) })
	}
	return near
}

// calibrate replaces squared distances, smallest first, by the probabilities of
// a Gaussian of the given perplexity.
func calibrate(list []affinity, perplexity float64) {
	p := make([]float64, len(list))
	low, high, precision := 0.0, math.Inf(1), 1.0
	for range 64 {
		var sum, moment float64
		for k, a := range list {
			d := a.p - list[0].p
			p[k] = math.Exp(-precision * d)
			sum += p[k]
			moment += p[k] * d
		}
		for k := range p {
			p[k] /= sum
		}
		if math.Exp(math.Log(sum)+precision*moment/sum) > perplexity { // of the distribution p
			low = precision
		} else {
			high = precision
		}
		if precision = (low + high) / 2; math.IsInf(high, 1) {
			precision = 2 * low
		}
	}
	for k := range list {
		list[k].p = p[k]
	}
}
