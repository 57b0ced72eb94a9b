package main

import (
	"context"
	"math"

	"github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/judge"
)

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

// skewness is how unevenly images are among the ten nearest of others.
func skewness(ctx context.Context, m *smt.Model, src dataset.Source) (float64, error) {
	set, err := m.Embeddings(src)
	if err != nil {
		return 0, err
	}
	const k = 10
	found, err := judge.Neighbours(ctx, set, set, k+1, false, nil)
	if err != nil {
		return 0, err
	}
	times := make([]float64, src.Len())
	for i := range times {
		for _, n := range found.Neighbours(i) {
			if n.Index != i {
				times[n.Index]++
			}
		}
	}
	return skew(times), nil
}

// skew is the third moment of x about its mean, over the third power of its deviation.
func skew(x []float64) float64 {
	n := float64(len(x))
	mean := 0.0
	for _, v := range x {
		mean += v / n
	}
	var second, third float64
	for _, v := range x {
		second += (v - mean) * (v - mean) / n
		third += (v - mean) * (v - mean) * (v - mean) / n
	}
	return third / math.Pow(second, 1.5)
}
