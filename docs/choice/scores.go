package main

import (
	"context"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/choice"
	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/internal/linalg"
)

// scores are what may say, without labels, how good a model is: more would be better.
func scores(ctx context.Context, m *smt.Model, src dataset.Source) (map[string]float64, error) {
	const whole, pieces, left, right = 0, 1, 2, 3
	var x [4]linalg.Matrix
	var near [4][][]int
	for i, of := range []dataset.Source{src, cropped{src}, masked{src, false}, masked{src, true}} {
		var err error
		if x[i], err = embedded(ctx, m, of); err != nil {
			return nil, err
		}
		if near[i], err = neighbours(ctx, x[i]); err != nil {
			return nil, err
		}
	}
	crossed, err := cosines(ctx, x[pieces], x[whole])
	if err != nil {
		return nil, err
	}
	seen := make([][]float32, crossed.Rows)
	for i := range seen {
		seen[i] = crossed.Row(i)
	}
	all, err := cosines(ctx, x[whole], x[whole])
	if err != nil {
		return nil, err
	}
	rank, margin := ownPlace(seen)
	deviations := singular(all)
	return map[string]float64{
		"found again":         foundAgain(seen),
		"rank of own piece":   -rank,
		"margin of own piece": margin,
		"stands out":          choice.StandsOut(seen),
		"pieces' neighbours":  common(near[whole], near[pieces]),
		"two sides":           common(near[left], near[right]),
		"mutual neighbours":   mutual(near[whole]),
		"even hubs":           -skewness(near[whole]),
		"contrast":            contrast(all, near[whole]),
		"effective rank":      effectiveRank(deviations),
		"alpha near 1":        -math.Abs(decay(deviations) - 1),
	}, nil
}

// foundAgain is the share of images that are nearest to another view of them.
func foundAgain(seen [][]float32) float64 {
	n := 0
	for i, row := range seen {
		if nearest(row, 1)[0].Index == i {
			n++
		}
	}
	return float64(n) / float64(len(seen))
}

// ownPlace is how far down an image is among those that are near to its piece, as the mean of the logarithm of its rank, and
// how much nearer it is than the nearest other, in the mean.
func ownPlace(seen [][]float32) (rank, margin float64) {
	n := float64(len(seen))
	for i, row := range seen {
		nearer, best := 1, float32(-1)
		for j, c := range row {
			if j == i {
				continue
			}
			best = max(best, c)
			if c >= row[i] {
				nearer++
			}
		}
		rank += math.Log(float64(nearer)) / n
		margin += float64(row[i]-best) / n
	}
	return rank, margin
}

// few is how many neighbours scores look at.
const few = 10

// neighbours are the few rows that are nearest to each, but itself, the nearest first.
func neighbours(ctx context.Context, x linalg.Matrix) ([][]int, error) {
	c, err := cosines(ctx, x, x)
	if err != nil {
		return nil, err
	}
	near := make([][]int, x.Rows)
	for i := range near {
		c.Row(i)[i] = -2
		for _, n := range nearest(c.Row(i), few) {
			near[i] = append(near[i], n.Index)
		}
	}
	return near, nil
}

// common is the share of the neighbours of one list that are in the other.
func common(a, b [][]int) float64 {
	return shareOf(a, func(i, j int) bool { return slices.Contains(b[i], j) })
}

// mutual is the share of neighbours that an image is a neighbour of in turn.
func mutual(near [][]int) float64 {
	return shareOf(near, func(i, j int) bool { return slices.Contains(near[j], i) })
}

// shareOf is the share of neighbours j of images i of which something holds.
func shareOf(near [][]int, holds func(i, j int) bool) float64 {
	n := 0
	for i := range near {
		for _, j := range near[i] {
			if holds(i, j) {
				n++
			}
		}
	}
	return float64(n) / float64(len(near)*few)
}

// contrast is how much nearer neighbours are than all others, in standard deviations of these, in the mean over images.
func contrast(all linalg.Matrix, near [][]int) float64 {
	sum := 0.0
	for i := range near {
		var mean, square float64
		for j, c := range all.Row(i) {
			if j != i {
				mean += float64(c) / float64(all.Cols-1)
				square += float64(c) * float64(c) / float64(all.Cols-1)
			}
		}
		deviation := math.Sqrt(max(square-mean*mean, 1e-12))
		for _, j := range near[i] {
			sum += (float64(all.At(i, j)) - mean) / deviation / few
		}
	}
	return sum / float64(len(near))
}

// skewness is how unevenly images are among the neighbours of others: the third moment about the mean, over the third
// power of the deviation.
func skewness(near [][]int) float64 {
	times := make([]float64, len(near))
	for i := range near {
		for _, j := range near[i] {
			times[j]++
		}
	}
	var second, third float64
	for _, v := range times {
		second += (v - few) * (v - few)
		third += (v - few) * (v - few) * (v - few)
	}
	n := float64(len(times))
	return third / n / math.Pow(second/n, 1.5)
}

// singular are the singular values of embeddings whose cosines these are, the largest first.
func singular(all linalg.Matrix) []float64 {
	g := mat.NewSymDense(all.Rows, nil)
	for i := range all.Rows {
		for j := i; j < all.Rows; j++ {
			g.SetSym(i, j, float64(all.At(i, j)))
		}
	}
	var e mat.EigenSym
	if !e.Factorize(g, false) {
		panic("the eigenvalues of a matrix of cosines are not found")
	}
	values := e.Values(nil)
	slices.Reverse(values)
	for i, v := range values {
		values[i] = math.Sqrt(max(v, 0))
	}
	return values
}

// effectiveRank is the exponential of the entropy of the singular values (RankMe, arXiv:2210.02885).
func effectiveRank(singular []float64) float64 {
	sum, entropy := 0.0, 0.0
	for _, v := range singular {
		sum += v
	}
	for _, v := range singular {
		if v > 0 {
			entropy -= v / sum * math.Log(v/sum)
		}
	}
	return math.Exp(entropy)
}

// decay is the α by which the variances fall as a power −α of their number (α-ReQ), from the second to half of them.
func decay(singular []float64) float64 {
	var n, x, y, xx, xy float64
	for i := 1; i < len(singular)/2; i++ {
		if singular[i] <= 0 {
			break
		}
		u, v := math.Log(float64(i)), 2*math.Log(singular[i])
		n, x, y, xx, xy = n+1, x+u, y+v, xx+u*u, xy+u*v
	}
	return -(n*xy - x*y) / (n*xx - x*x)
}
