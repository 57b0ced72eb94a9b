package layout

import (
	"math"
	"slices"

	"github.com/sparse-manifold/smt/internal/parallel"
)

// Near is a neighbour of a point, and its squared distance.
type Near struct {
	Index  int32
	Square float32
}

// Affinities are how much points are drawn to each other: p_ij, symmetric, which add up to 1. Row i is
// to[first[i]:first[i+1]], increasing, and p.
type Affinities struct {
	first []int
	to    []int32
	p     []float64
}

// Len is the number of points.
func (a *Affinities) Len() int { return len(a.first) - 1 }

// row is whom point i is drawn to, and how much.
func (a *Affinities) row(i int) ([]int32, []float64) {
	return a.to[a.first[i]:a.first[i+1]], a.p[a.first[i]:a.first[i+1]]
}

// Gaussian makes affinities of the neighbours of each point, nearest first: a Gaussian of their distances, as
// wide as the perplexity asks for, which is about how many of them count, made symmetric (van der Maaten and Hinton 2008,
// section 2). A perplexity of at least their number makes all alike. A point is no neighbour of its own.
func Gaussian(near [][]Near, perplexity float64) *Affinities {
	n := len(near)
	conditional := make([][]float64, n) // p_j|i
	parallel.For(n, func(_, i int) {
		conditional[i] = make([]float64, len(near[i]))
		calibrate(conditional[i], near[i], perplexity)
	})
	// Where the affinities of each row go. A pair comes up at both ends, from either list.
	at := make([]int, n+1)
	for i, list := range near {
		at[i+1] += len(list)
		for _, to := range list {
			at[to.Index+1]++
		}
	}
	for i := range n {
		at[i+1] += at[i]
	}
	entries := make([]entry, at[n])
	end := slices.Clone(at[:n])
	add := func(i, j int32, p float64) {
		entries[end[i]] = entry{j, p / float64(2*n)}
		end[i]++
	}
	for i, list := range near {
		for k, to := range list {
			add(int32(i), to.Index, conditional[i][k])
			add(to.Index, int32(i), conditional[i][k])
		}
	}
	rows := make([][]entry, n)
	parallel.For(n, func(_, i int) { rows[i] = merged(entries[at[i]:at[i+1]]) })
	a := &Affinities{first: make([]int, 1, n+1)}
	for _, row := range rows {
		for _, e := range row {
			a.to, a.p = append(a.to, e.to), append(a.p, e.p)
		}
		a.first = append(a.first, len(a.to))
	}
	return a
}

type entry struct {
	to int32
	p  float64
}

// merged sorts a row, in its place, and adds up the entries of a point.
func merged(row []entry) []entry {
	slices.SortStableFunc(row, func(a, b entry) int { return int(a.to) - int(b.to) })
	n := 0
	for _, e := range row {
		if n > 0 && row[n-1].to == e.to {
			row[n-1].p += e.p
		} else {
			row[n] = e
			n++
		}
	}
	return row[:n]
}

// calibrate finds the probabilities of a Gaussian of the given perplexity, by bisection.
func calibrate(p []float64, near []Near, perplexity float64) {
	if perplexity >= float64(len(near)) {
		for k := range p {
			p[k] = 1 / float64(len(near))
		}
		return
	}
	low, high, precision := 0.0, math.Inf(1), 1.0
	for range 64 {
		var sum, moment float64
		for k, to := range near {
			d := float64(to.Square) - float64(near[0].Square)
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
}
